"""The published file as reports read it: read-only, and only what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from models.errors import BadConfiguration
from reports.queries import Rows, query_of, query_text, used

# What the published file says of its marts and their columns; a mart's own stands under no column.
MEANINGS = """
select table_name, column_name, comment from duckdb_columns()
where schema_name = 'main' and comment is not null
union all
select table_name, '', comment from duckdb_tables()
where schema_name = 'main' and comment is not null
"""
LACKING = re.compile(r"Table with name (\S+)")


@dataclass(frozen=True)
class Period:
    """A calendar month, as 2026-10, or a week from Monday, as 2026-W44."""

    first_day: date
    is_week: bool = False

    @property
    def end(self) -> date:
        """The first day that no longer belongs to it."""
        if self.is_week:
            return self.first_day + timedelta(days=7)
        month = self.first_day.month % 12 + 1
        return date(self.first_day.year + (month == 1), month, 1)

    def __str__(self) -> str:
        return f"{self.first_day:%G-W%V}" if self.is_week else f"{self.first_day:%Y-%m}"


@dataclass(frozen=True)
class Documents:
    """What describes the published file from outside: the source's catalogue as the newest
    extraction kept it, and the manifest of the newest dbt build."""

    catalogue: Path
    manifest: Path

    @property
    def are_complete(self) -> bool:
        """Whether both are there."""
        return self.catalogue.is_file() and self.manifest.is_file()


@dataclass(frozen=True)
class Published:
    """An open published file. `as_of_at` is the naive UTC time of its extraction; `marts` names
    each table, with the column that dates its rows where one does; `meanings` says what a mart
    (under no column) and its columns are."""

    con: duckdb.DuckDBPyConnection
    marts: Mapping[str, str | None]
    as_of_at: datetime
    run_id: str
    documents: Documents | None = None
    described: frozenset[str] = frozenset()  # marts that have a page in the data dictionary
    dictionary: str = ""  # where that lies, seen from the pages
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()  # marts whose CSV lies beside the pages
    pages: frozenset[str] = frozenset()  # reports that have a page there
    data_docs: str = ""  # where Great Expectations' Data Docs lie, seen from the pages

    @property
    def as_of(self) -> date:
        """The UTC day that the figures are of."""
        return self.as_of_at.date()

    def until(self, period: Period | None) -> date:
        """The day that reports of a period end before; without one, that of the present month."""
        return (period or Period(self.as_of.replace(day=1))).end

    def month_until(self, until: date) -> date:
        """The day that months end before in reports up to `until`: a past week may end within a
        month, whose figures hold what came after it. Nothing came after the extraction."""
        return until if until > self.as_of else until.replace(day=1)

    def rows(self, name: str, *, until: date, **parameters: str) -> Rows:
        """Rows of the query reports/sql/<name>.sql: days and weeks that begin before the day
        `until`, months that are over by then.

        Empty where a mart that it reads is not published.
        """
        text = query_text(name)
        given = {"until": until, "month_until": self.month_until(until), **parameters}
        query = query_of(text, given)
        try:
            cursor = self.con.execute(text, used(text, given))
        except duckdb.CatalogException as error:
            if not (lacking := LACKING.search(str(error))):
                raise
            return Rows([], replace(query, lacks=lacking[1]))
        except duckdb.BinderException as error:
            raise BadConfiguration(
                f"The published file lacks a column that the report {name} shows: it was published "
                "by an earlier version; `hypnomart run` makes it anew."
            ) from error
        names = [column[0] for column in cursor.description or ()]
        return Rows([dict(zip(names, row, strict=True)) for row in cursor.fetchall()], query)


@contextmanager
def open_published(path: Path, documents: Documents | None = None) -> Iterator[Published]:
    """Open the published file. Raises BadConfiguration where there is none, or it is none."""
    if not path.is_file():
        raise BadConfiguration(f"{path} does not exist yet; run `hypnomart run` to publish it.")
    try:
        con = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise _no_published_file(path, error) from error
    with con:
        try:
            marts = con.execute("select mart, event_time from meta.marts order by 1").fetchall()
            said = con.execute(MEANINGS).fetchall()
            newest = con.execute(
                "select as_of_at, run_id from run_manifest order by as_of_at desc, run_id limit 1"
            ).fetchone()
        except duckdb.Error as error:
            raise _no_published_file(path, error) from error
        if newest is None:
            raise BadConfiguration(f"{path}: run_manifest is empty; run `hypnomart run` again.")
        described = frozenset(dict(marts)) if documents and documents.are_complete else frozenset()
        meanings = {(mart, column): " ".join(text.split()) for mart, column, text in said}
        yield Published(
            con, dict(marts), newest[0], str(newest[1]), documents, described, meanings=meanings
        )


def _no_published_file(path: Path, error: Exception) -> BadConfiguration:
    reason = str(error).split("\n")[0]
    hint = (
        "; was it published by an earlier version? `hypnomart run` makes it anew"
        if isinstance(error, duckdb.CatalogException)
        else ""
    )
    return BadConfiguration(f"{path} is no published file: {reason}{hint}")


def period_of(text: str | None, published: Published) -> Period | None:
    """The period that a user asked for, None for all. Raises BadConfiguration with what exists."""
    if text is None:
        return None
    first, last = known_months(published)
    try:
        period = parsed(text)
    except ValueError:
        period = None
    if period is None or not first <= period.first_day.replace(day=1) <= last:
        raise BadConfiguration(
            f"There is no month {text!r}; the published marts know {first:%Y-%m} to {last:%Y-%m}. "
            "A week is written as 2026-W44."
        )
    return period


def parsed(text: str) -> Period:
    """A month as 2026-10 or a week as 2026-W44. Raises ValueError for anything else."""
    if re.fullmatch(r"\d{4}-W\d{2}", text):
        period = Period(datetime.strptime(f"{text}-1", "%G-W%V-%u").date(), is_week=True)
    else:
        period = Period(datetime.strptime(text, "%Y-%m").date())
    if str(period) != text:  # a single digit, or a week that its year has not
        raise ValueError(text)
    return period


def known_months(published: Published) -> tuple[date, date]:
    """The months of the first event and of the extraction."""
    last = published.as_of.replace(day=1)
    if "dim_dates" not in published.marts:
        return date(1970, 1, 1), last
    row = published.con.execute("select min(date) from dim_dates").fetchone()
    first = row[0] if row and row[0] else published.as_of
    return first.replace(day=1), last
