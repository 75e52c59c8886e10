"""Segments: the dimensions that pages split by, and one order and color for each segment.

The order is that of net revenue over all months, so that a country is drawn alone, in its place and
color, on every page or on none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from models.words import in_words
from reports.charts.scales import Series
from reports.figures import COLORS, added_up, values_at
from reports.queries import Row, Rows, query_behind

# The dimensions of the marts by segment that pages show, as titles call them.
DIMENSIONS = {
    "plan": "plan", "store": "store", "country": "country", "acquisition": "how customers came",
}  # fmt: skip
Ranking = Mapping[str, Sequence[str]]


def ranking(rows: Sequence[Row]) -> Ranking:
    """The segments of each dimension, the largest first."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["dimension"], []).append(in_words(row["segment"], row["dimension"]))
    return found


def named(rows: list[Row], dimension: str) -> Rows:
    """The rows with their segment as a person calls it."""
    return Rows(
        [row | {"segment": in_words(row["segment"], dimension)} for row in rows],
        query_behind(rows),
    )


def drawn(
    rows: Sequence[Row], days: Sequence[date], *, at: str, value: str, ranked: Sequence[str]
) -> list[Series]:
    """A series for each of the largest segments in their order, then one that adds up the others;
    `ranked`: the segments of the dimension, the largest first."""
    cells = values_at(rows, at, name="segment", value=value)
    present = {row["segment"] for row in rows}
    known = [*ranked, *sorted(present - {*ranked})]
    alone = known if len(known) <= COLORS else known[: COLORS - 1]
    series = [
        Series(name, f"place-{place}", [cells.get((day, name)) for day in days], value)
        for place, name in enumerate(alone)
        if name in present
    ]
    small = [
        Series(name, "other", [cells.get((day, name)) for day in days], value)
        for name in known[len(alone) :]
        if name in present
    ]
    return [*series, *added_up(small)]
