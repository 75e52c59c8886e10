"""Figures by their shape: rows of a query become a chart with its table, or a table alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports import charts
from reports.figures import Figure, month, numbers, pivot
from reports.marks import Format, Series, compact
from reports.published import Row
from reports.render.html import Share


@dataclass(frozen=True)
class Words:
    """What a figure says besides its numbers: key, title, one sentence, mart and unit."""

    key: str
    title: str
    text: str
    mart: str
    unit: str = ""


Style = tuple[str, str]  # what a series is called, and its class in the style sheet


def over_time(
    words: Words,
    rows: Sequence[Row],
    *,
    at: str,
    series: Mapping[str, Style],
    as_lines: bool = False,
    number: Format = compact,
    is_wide: bool = False,
) -> Figure:
    """One series per column, oldest row first; rows that are not complete are faded or hollow."""
    drawn = [Series(*style, numbers(rows, column)) for column, style in series.items()]
    draw = charts.lines if as_lines else charts.columns
    svg = draw(
        [label(row[at]) for row in rows],
        drawn,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[not row.get("is_complete", True) for row in rows],
        number=number,
    )
    columns = {at: heading(at), **{column: style[0] for column, style in series.items()}}
    return _figure(words, svg, drawn, *tabled(rows[::-1], columns), is_wide=is_wide)


def split_over_time(
    words: Words,
    rows: Sequence[Row],
    *,
    at: str,
    by: str,
    value: str,
    order: Sequence[str] = (),
    is_wide: bool = False,
) -> Figure:
    """One stacked series for each value of the column `by`, oldest first."""
    labels = sorted({row[at] for row in rows})
    drawn = colored(pivot(rows, labels, at, by, value, order=order))
    open_ends = {row[at] for row in rows if not row.get("is_complete", True)}
    svg = charts.columns(
        [label(at) for at in labels],
        drawn,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[at in open_ends for at in labels],
    )
    columns = {at: heading(at), by: heading(by), value: words.unit}
    return _figure(words, svg, drawn, *tabled(rows[::-1], columns), is_wide=is_wide)


def ranked(words: Words, rows: Sequence[Row], *, name: str, value: str) -> Figure:
    """A bar for each row, in the order given."""
    svg = charts.bars(
        [str(row[name]) for row in rows],
        numbers(rows, value),
        title=words.title,
        description=words.text,
        unit=words.unit,
    )
    return _figure(words, svg, [], *tabled(rows, {name: heading(name), value: words.unit}))


def table(words: Words, rows: Sequence[Row], columns: Mapping[str, str]) -> Figure:
    """Rows without a chart; columns by their name and what a person calls them."""
    return _figure(words, "", [], *tabled(rows, columns), is_wide=True)


def tabled(rows: Sequence[Row], columns: Mapping[str, str]) -> tuple[list[str], list[list[Any]]]:
    """Header and cells."""
    return list(columns.values()), [[cell(row, name) for name in columns] for row in rows]


def cell(row: Row, name: str) -> Any:
    """A value as the tables show it: months in words, shares in per cent."""
    value = row[name]
    if name.endswith("month") and isinstance(value, date):
        return month(value)
    if name.endswith(("_rate", "_retention", "_low", "_high")) and isinstance(value, float):
        return Share(value)
    return value


def label(at: Any) -> str:
    """A point in time under a chart: a month by its name, a day with it."""
    if not isinstance(at, date):
        return str(at)
    return month(at) if at.day == 1 else f"{at.day} {at:%b %y}"


def heading(column: str) -> str:
    """A column's name in words."""
    return column.removesuffix("_date").replace("_", " ")


def colored(series: Sequence[Series]) -> list[Series]:
    """Series that have no color of their own get one by their place."""
    return [
        Series(one.name, f"place-{i % 6}" if one.style == "other" else one.style, one.values)
        for i, one in enumerate(series)
    ]


def _figure(
    words: Words,
    svg: str,
    series: Sequence[Series],
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    is_wide: bool = False,
) -> Figure:
    return Figure(
        words.key,
        words.title,
        words.text,
        words.mart,
        svg,
        charts.legend(series) if len(series) > 1 else "",
        header,
        rows,
        is_wide,
    )
