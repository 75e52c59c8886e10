"""Figures by their shape: rows of a query become a chart with its table, or a table alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from models.words import in_words, sentence_of, title_of
from reports import charts, segments
from reports.charts.scales import WIDE, WIDTH, Format, Series, compact
from reports.figures import (
    Event,
    Figure,
    Table,
    Words,
    colored,
    flags,
    in_order,
    largest,
    month,
    numbers,
    pivot,
)
from reports.queries import Row, query_behind
from reports.render.html import Coded, Share

Style = tuple[str, str]  # what a series is called, and its class in the style sheet
COMPLETE = {"is_complete": "complete"}
# Columns of codes, shown in words; codes that people write themselves stay as they are.
CODES = frozenset(
    {"access", "area", "cause", "churn_reason", "fit_status", "match_kind", "product_kind",
     "reward_status", "segment", "state", "store"}
)  # fmt: skip
CODED = frozenset({"asset", "check_name", "source_table"})  # in words with the code beside them
SHARES = ("_rate", "_retention", "_low", "_high", "_to_control", "error")


def over_time(
    words: Words,
    rows: list[Row],
    *,
    at: str,
    series: Mapping[str, Style],
    also: Mapping[str, str] | None = None,
    complete: str = "is_complete",
    as_lines: bool = False,
    number: Format = compact,
    events: Sequence[Event] = (),
    within: tuple[str, str] | None = None,
    is_wide: bool = False,
    people: Mapping[str, str] | None = None,
    is_timed: bool = True,
) -> Figure:
    """One series per column, oldest row first; rows that are not complete are hatched or hollow.

    `also`: columns that the table has besides; `complete`: the one that says so of a row;
    `within`: the columns with the ends of a band behind lines; `people`: the columns with those
    behind the shares of others; `is_timed`: the last row is the newest, which a small screen
    shows first.
    """
    drawn = [
        Series(
            *style, numbers(rows, column), column,
            [row[people[column]] for row in rows] if people and column in people else (),
        )
        for column, style in series.items()
    ]  # fmt: skip
    draw = partial(charts.lines, within=_ends(rows, within)) if as_lines else charts.columns
    happened = flags(events, [row[at] for row in rows])
    svg = draw(
        labels_of(at, [row[at] for row in rows]),
        drawn,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[not row.get(complete, True) for row in rows],
        number=number,
        flags=happened,
        width=WIDE if is_wide else WIDTH,
        is_timed=is_timed,
    )
    columns = {at: heading(at), **{column: style[0] for column, style in series.items()}}
    table = tabled(rows[::-1], columns | dict(also or {}) | _complete(rows))
    return _figure(
        words, svg, rows=rows, series=drawn, table=table, is_wide=is_wide, notes=happened
    )


def split_over_time(
    words: Words,
    rows: list[Row],
    *,
    at: str,
    by: str,
    value: str,
    order: Sequence[str] = (),
    also: Mapping[str, str] | None = None,
    events: Sequence[Event] = (),
    is_wide: bool = False,
    ranked: Sequence[str] | None = None,
    is_timed: bool = True,
) -> Figure:
    """One stacked series for each value of the column `by`, oldest first: for the largest alone
    and the others as one, where there are more than colors. The table has them all. `ranked`: all
    segments of their dimension, where `by` is the segment."""
    labels = in_order(row[at] for row in rows)
    drawn = (
        colored(largest(pivot(rows, labels, label=at, name=by, value=value, order=order)))
        if ranked is None
        else segments.drawn(rows, labels, at=at, value=value, ranked=ranked)
    )
    open_ends = {row[at] for row in rows if not row.get("is_complete", True)}
    happened = flags(events, labels)
    svg = charts.columns(
        labels_of(at, labels),
        drawn,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[at in open_ends for at in labels],
        flags=happened,
        width=WIDE if is_wide else WIDTH,
        is_timed=is_timed,
    )
    columns = {at: heading(at), by: heading(by), value: words.unit}
    table = tabled(rows[::-1], columns | dict(also or {}) | _complete(rows))
    return _figure(
        words, svg, rows=rows, series=drawn, table=table, is_wide=is_wide, notes=happened
    )


def ranked(
    words: Words, rows: list[Row], *, name: str, value: str, is_wide: bool = False
) -> Figure:
    """A bar for each row, in the order given."""
    svg = charts.bars(
        [str(cell(row, name)) for row in rows],
        numbers(rows, value),
        title=words.title,
        description=words.text,
        unit=words.unit,
    )
    columns = {name: heading(name), value: words.unit}
    return _figure(words, svg, rows=rows, series=[], table=tabled(rows, columns), is_wide=is_wide)


def waterfall(
    words: Words, rows: list[Row], *, at: str, steps: Sequence[tuple[str, str, bool]]
) -> Figure:
    """Columns that lead from total to total: drawn for the last complete month, every month in the
    table. Rows newest first; `steps` names each column with what it is called and whether it is a
    total."""
    last = [row for row in rows if row["is_complete"]][:1]
    of_month = f" of {month(last[0][at])}" if last else ""
    words = replace(words, title=f"{words.title}{of_month}")
    svg = charts.waterfall(
        [(name, numbers(last, column)[0], total) for column, name, total in steps if last],
        title=words.title,
        description=words.text,
        unit=words.unit,
    )
    columns = {at: "month", **{column: name for column, name, _ in steps}}
    return _figure(words, svg, rows=rows, series=[], table=tabled(rows, columns | _complete(rows)))


def table(words: Words, rows: list[Row], *, columns: Mapping[str, str]) -> Figure:
    """Rows without a chart; columns by their name and what a person calls them."""
    return _figure(words, "", rows=rows, series=[], table=tabled(rows, columns), is_wide=True)


def tabled(rows: Sequence[Row], columns: Mapping[str, str]) -> Table:
    """The columns of rows, by their name and what a person calls them."""
    cells = [[cell(row, name) for name in columns] for row in rows]
    return Table(list(columns), list(columns.values()), cells)


def cell(row: Row, name: str) -> Any:
    """A value as the tables show it: months in words, shares and their differences in per cent."""
    value = row[name]
    if name.endswith("month") and isinstance(value, date):
        return month(value)
    if name.endswith(SHARES) and isinstance(value, float):
        return Share(value)
    if name in CODED and isinstance(value, str):
        words = title_of(value.split("/")[-1])
        return Coded(words, value) if words != value else value
    if name == "expected":
        return sentence_of(value)
    return in_words(value, name) if name in CODES and isinstance(value, str) else value


def labels_of(column: str, days: Sequence[Any]) -> list[str]:
    """Points in time under a chart: those of a column of months by their name."""
    are_months = column.endswith("month")

    def label(day: Any) -> str:
        if not isinstance(day, date):
            return str(day)
        return month(day) if are_months else f"{day.day} {day:%b %y}"

    return [label(day) for day in days]


def heading(column: str) -> str:
    """A column's name in words."""
    return column.removesuffix("_date").replace("_", " ")


def _ends(rows: list[Row], within: tuple[str, str] | None) -> tuple[Series, Series] | None:
    """The ends of a band as series."""
    if within is None:
        return None
    low, high = (Series(column, "", numbers(rows, column), column) for column in within)
    return low, high


def _complete(rows: Sequence[Row]) -> dict[str, str]:
    """The column that says which rows are complete, where not all are."""
    return COMPLETE if any(not row.get("is_complete", True) for row in rows) else {}


def _figure(
    words: Words,
    svg: str,
    *,
    rows: list[Row],
    series: Sequence[Series],
    table: Table,
    is_wide: bool = False,
    notes: Mapping[int, str] | None = None,
) -> Figure:
    legend = series if len(series) > 1 else ()
    return Figure(
        words, svg, query_behind(rows), legend, table, is_wide, tuple((notes or {}).values())
    )
