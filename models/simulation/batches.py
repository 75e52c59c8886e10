"""One batch of the business as it is written down: rows of the source, and the truth apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from models.simulation.fixtures import catalogue_rows
from models.simulation.planting import falls_silent, plant_faults
from models.simulation.rows import rows_of
from models.simulation.scenario import Scenario
from models.simulation.staging import with_scenario
from models.simulation.subjects.logs.faults import without_silent
from models.simulation.tables import load_order
from models.simulation.truth import truth_of
from models.simulation.world import World, batch_of

LEDGER = {
    "kind": pl.String,
    "table_name": pl.String,
    "row_id": pl.String,
    "user_id": pl.String,
}


@dataclass(frozen=True)
class Written:
    """Rows by table in load order, and truth by subject."""

    rows: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


def written(world: World, number: int) -> Written:
    """A batch's rows and truth; the first also holds the catalogue and every planted fault."""
    batch = batch_of(world, number)
    rows, truth = rows_of(batch), truth_of(batch)
    if falls_silent(world):
        rows = without_silent(rows, world.params.opened)
    if number == 0:
        scenario = plant_faults(batch)
        rows = with_scenario(rows | catalogue_rows(world.draws, world.params.start), scenario)
        truth = with_told(truth, scenario)
    return Written({table: rows[table] for table in load_order() if table in rows}, truth)


def with_told(truth: dict[str, pl.DataFrame], scenario: Scenario) -> dict[str, pl.DataFrame]:
    """The truth with that of the planted faults, and their ledger."""
    told = dict(truth)
    for name, rows in scenario.truth.items():
        frame = told[name]
        told[name] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    told["faults"] = pl.DataFrame(scenario.ledger, schema=LEDGER, orient="row")
    return told


def all_written(world: World) -> Iterator[Written]:
    """All batches, one in memory at a time."""
    for number in range(world.batches):
        yield written(world, number)
