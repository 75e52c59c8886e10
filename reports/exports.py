"""Every mart as a file: CSV and Parquet for each, the monthly ones as one workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from models.quoting import quoted
from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.render.csv import write_csv
from reports.render.parquet import write_parquet
from reports.render.xlsx import Book, Sheet, write_workbook

WORKBOOK = "monthly_marts.xlsx"
CSV_FOR_EXCEL = "csv+bom"  # Excel takes a file without the mark for another encoding than UTF-8


def write_exports(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write the formats asked for into the folder; a period restricts the marts keyed by time."""
    entries: list[Entry] = []
    for mart, time_column in published.marts.items():
        selected = mart_query(mart, time_column, period=period)
        for format in formats:
            if format == "xlsx":
                continue
            kind = format.split("+")[0]
            path = folder / kind / f"{mart}.{kind}"
            path.parent.mkdir(exist_ok=True)
            if kind == "csv":
                rows = write_csv(
                    published.con, selected, path=path, with_bom=format == CSV_FOR_EXCEL
                )
            else:
                rows = write_parquet(
                    published.con, selected, path=path, meanings=meanings_of(mart, published)
                )
            entries.append(
                entry_of(
                    path,
                    folder,
                    report="exports",
                    format=kind,
                    mart=mart,
                    rows=rows,
                    as_of_at=published.as_of_at,
                    period=str(period) if period and time_column else None,
                )
            )
    if "xlsx" in formats:
        entries.append(_write_workbook(published, folder, period=period))
    return entries


def meanings_of(mart: str, published: Published) -> dict[str, str]:
    """What the columns of a mart mean, by their names."""
    return {
        column: meaning
        for (of, column), meaning in published.meanings.items()
        if of == mart and column
    }


def _write_workbook(published: Published, folder: Path, *, period: Period | None) -> Entry:
    sheets = [
        Sheet(mart, mart_query(mart, time_column, period=period))
        for mart, time_column in published.marts.items()
        if is_monthly(mart, time_column)
    ]
    path = folder / WORKBOOK
    month = str(period) if period else None
    about = Book(published.as_of_at, month, published.meanings)
    rows = write_workbook(published.con, sheets, path=path, about=about)
    return entry_of(
        path,
        folder,
        report="exports",
        format="xlsx",
        rows=rows,
        as_of_at=published.as_of_at,
        period=month,
    )


def is_monthly(mart: str, time_column: str | None) -> bool:
    """Whether the rows of a mart are months, so that it fits a workbook."""
    return is_month(time_column) and not mart.startswith(("fct_", "dim_"))


def is_month(time_column: str | None) -> bool:
    """Whether a column holds months."""
    return re.fullmatch(r"(\w+_)?month", time_column or "") is not None


def mart_query(mart: str, time_column: str | None, *, period: Period | None) -> str:
    """The rows of a mart, of one period where it is dated and one is given; of a week, marts by
    month hold the months that it lies in."""
    query = f"select * from {quoted(mart)}"
    if period and time_column:
        column = quoted(time_column)
        first = period.first_day.replace(day=1) if is_month(time_column) else period.first_day
        query += f" where {column} >= date '{first}'"
        query += f" and {column} < date '{period.end}'"
    return query
