"""A few rows of each operational table, of a simulated business that is always the same one."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl

from models.simulation.batches import written
from models.simulation.parameters import Params, seconds_of
from models.simulation.world import world_at
from models.tables import Table

BUSINESS = Params(users=300, days=400, seed=17, opened_until=date(2026, 1, 1), faults="none")
MOST = 3
LONGEST = 60  # characters of a text; documents are longer


def example_columns(table: Table) -> list[str]:
    """The columns that examples show: those that leave the source as they are."""
    return [column.name for column in table.columns if column.policy == "keep"]


def example_rows(table: Table) -> list[tuple[Any, ...]]:
    """Three invented rows of a table, of those that leave the fewest columns empty, long texts
    cut; columns as in `example_columns`. None of a table that the simulation leaves empty."""
    made = _business().get(table.name)
    if made is None:
        return []
    rows = made.select(example_columns(table))
    fullest = rows.sort(pl.sum_horizontal(pl.all().is_null()), maintain_order=True)
    return [tuple(_shortened(value) for value in row) for row in fullest.head(MOST).rows()]


@cache
def _business() -> dict[str, pl.DataFrame]:
    """Every table's rows; made once: it takes some tenths of a second."""
    return written(world_at(BUSINESS, seconds_of(BUSINESS.opened_until)), 0).rows


def _shortened(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
