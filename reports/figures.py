"""What a page shows: figures, each with its words, its source, and its numbers as a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from models.counting import counted
from models.words import CODE, in_words
from reports.charts.scales import Series
from reports.queries import Query, Row

COLORS = 6  # of series that can be told apart


@dataclass(frozen=True)
class Words:
    """What a figure says besides its numbers: key, title, one sentence, mart and unit, and what
    stands in place of a table without rows."""

    key: str
    title: str
    text: str
    mart: str
    unit: str = ""
    empty: str = "No data yet."


@dataclass(frozen=True)
class Table:
    """Columns by their names, and as a person calls them; cells row by row."""

    columns: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()

    @property
    def numeric(self) -> list[bool]:
        """Whether each column holds numbers, absent ones aside."""
        cells = [
            next((cell for cell in column if cell is not None), None)
            for column in zip(*self.rows, strict=True)
        ]
        return [isinstance(cell, int | float | Decimal) for cell in cells]


@dataclass(frozen=True)
class Event:
    """A day from which something was otherwise, and what."""

    day: date
    words: str


@dataclass(frozen=True)
class Figure:
    """A chart, or none, with its words, the query behind it, and its numbers as a table. `legend`
    holds the series whose colors a reader must know, `notes` what the chart's flags say, `folded`
    further tables under their headings, closed at first."""

    words: Words
    svg: str
    query: Query
    legend: Sequence[Series] = ()
    table: Table = field(default_factory=Table)
    is_wide: bool = False
    notes: Sequence[str] = ()
    folded: Sequence[tuple[str, Table]] = ()

    @property
    def text(self) -> str:
        """What it says, or that its table is not published. Backticks are around what is typed."""
        lacks = self.query.lacks
        missing = f"Not published: this file has no {lacks}. `hypnomart run` publishes it."
        return missing if lacks else self.words.text

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not self.table.rows and not self.folded


def laid_out(figures: Sequence[Figure]) -> list[Figure]:
    """The figures as a page of two columns has them: across it stand the wide ones and one that
    would be alone in its line, as long as there is something to see."""
    found: list[Figure] = []
    is_open = False  # whether the second column of the line is free
    for figure, after in zip(figures, [*figures[1:], None], strict=True):
        is_alone = not is_open and (after is None or (after.is_wide and not after.is_empty))
        is_wide = not figure.is_empty and (figure.is_wide or is_alone)
        found.append(replace(figure, is_wide=is_wide))
        is_open = not is_wide and not is_open
    return found


def pivot(
    rows: Sequence[Row],
    labels: Sequence[date],
    *,
    label: str,
    name: str,
    value: str,
    order: Sequence[str],
) -> list[Series]:
    """One series for each name, the known ones first, the others by their size; no row is no value.
    A known code has its own color."""
    cells = values_at(rows, label, name=name, value=value)
    present = {row[name] for row in rows}

    def size(one: Any) -> tuple[float, str]:
        return -sum(abs(cells.get((at, one)) or 0.0) for at in labels), str(one)

    names = [n for n in order if n in present] + sorted(present - set(order), key=size)
    return [
        Series(
            in_words(str(n), name),
            n.replace("_", "-") if n in order and CODE.fullmatch(n) else "other",
            [cells.get((at, n)) for at in labels],
            value,
        )
        for n in names
    ]


def values_at(
    rows: Sequence[Row], label: str, *, name: str, value: str
) -> dict[tuple[Any, Any], float]:
    """The values of a column, as a chart takes them, by time and name."""
    return {(row[label], row[name]): float(row[value]) for row in rows if row[value] is not None}


def colored(series: Sequence[Series]) -> list[Series]:
    """Series that have no color of their own get one by their place."""
    return [
        Series(
            one.name, f"place-{i % COLORS}" if one.style == "other" else one.style, one.values,
            one.column,
        )
        for i, one in enumerate(series)
    ]  # fmt: skip


def largest(series: Sequence[Series]) -> list[Series]:
    """As many series as there are colors: the last one adds up those that are smallest overall."""
    if len(series) <= COLORS:
        return list(series)
    sizes = [sum(abs(value or 0.0) for value in one.values) for one in series]
    order = sorted(range(len(series)), key=lambda i: -sizes[i])
    alone = sorted(order[: COLORS - 1])
    small = [one for i, one in enumerate(series) if i not in alone]
    return [*(series[i] for i in alone), *added_up(small)]


def added_up(small: Sequence[Series]) -> list[Series]:
    """One series that adds up some, none where there are none."""
    if not small:
        return []
    values = [
        None if all(value is None for value in step) else sum(value or 0.0 for value in step)
        for step in zip(*(one.values for one in small), strict=True)
    ]
    return [Series(counted(len(small), "other"), "other", values, small[0].column)]


def flags(events: Sequence[Event], days: Sequence[date]) -> dict[int, str]:
    """What happened within each step of time, by its place; the last step has no end. `days`: the
    first day of each step, rising. What came before the first has no place."""
    places = [place for place, day in enumerate(days) if isinstance(day, date)]
    known = [days[place] for place in places]  # what Python cannot hold is text
    found: dict[int, list[str]] = {}
    for event in events:
        if place := bisect_right(known, event.day):
            found.setdefault(places[place - 1], []).append(f"{event.day}: {event.words}")
    return {place: "; ".join(words) for place, words in sorted(found.items())}


def numbers(rows: Sequence[Row], column: str) -> list[float | None]:
    """A column as a chart takes it."""
    return [None if row[column] is None else float(row[column]) for row in rows]


def months(rows: Sequence[Row], column: str) -> list[str]:
    """A column of months as labels."""
    return [month(row[column]) for row in rows]


def month(day: date | str) -> str:
    """A month as a label: Oct 2026, since Oct 26 reads as a day. One that Python cannot hold, such
    as of the year 44 BC, DuckDB gives as text; it stays as it is."""
    return day if isinstance(day, str) else f"{day:%b %Y}"


def in_order(days: Iterable[Any]) -> list[Any]:
    """Each day or label once, the earliest first. Days that Python cannot hold DuckDB gives as
    text: those before Christ, 0044-03-01 (BC), and those from 10000-01-01 on."""

    def age(day: Any) -> tuple[int, int, Any]:
        year, _, rest = day.partition("-") if isinstance(day, str) else ("", "", "")
        if rest.endswith("(BC)"):
            return (0, -int(year), day)
        return (2, int(year), day) if year.isdecimal() and len(year) > 4 else (1, 0, day)

    return sorted(set(days), key=age)
