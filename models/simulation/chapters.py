"""One batch of the business as it is written down: rows of the source, and the truth apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from models.simulation.faults.of_tables import without_silent
from models.simulation.faults.plot import Plot, with_plot
from models.simulation.faults.registry import falls_silent, plant_faults
from models.simulation.fixtures import catalogue_rows
from models.simulation.truth import truth_of
from models.simulation.world import LOAD_ORDER, World, batch_of, rows_of

LEDGER = {
    "kind": pl.String,
    "table_name": pl.String,
    "row_id": pl.String,
    "user_id": pl.String,
}


@dataclass(frozen=True)
class Chapter:
    """Rows by table in load order, and truth by subject."""

    rows: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


def chapter(world: World, number: int) -> Chapter:
    """A batch's rows and truth; the first also holds the catalogue and every planted fault."""
    batch = batch_of(world, number)
    rows, truth = rows_of(world, batch), truth_of(world, batch)
    if falls_silent(world):
        rows = without_silent(rows, world.params.opened)
    if number == 0:
        plot = plant_faults(world, batch)
        rows = with_plot(rows | catalogue_rows(world.draws, world.params.start), plot)
        truth = with_told(truth, plot)
    return Chapter({table: rows[table] for table in LOAD_ORDER if table in rows}, truth)


def with_told(truth: dict[str, pl.DataFrame], plot: Plot) -> dict[str, pl.DataFrame]:
    """The truth with that of the planted faults, and their ledger."""
    told = dict(truth)
    for name, rows in plot.truth.items():
        frame = told[name]
        told[name] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    told["faults"] = pl.DataFrame(plot.ledger, schema=LEDGER, orient="row")
    return told


def chapters(world: World) -> Iterator[Chapter]:
    """All batches, one in memory at a time."""
    for number in range(world.batches):
        yield chapter(world, number)
