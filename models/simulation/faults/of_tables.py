"""Faults of whole tables, which no row shows."""

from __future__ import annotations

import polars as pl

from models.simulation.faults.plot import Plot, fault, moment
from models.simulation.parameters import DAY

SILENT = "server_logs"
SILENT_DAYS = 4  # before the opening, and ever since


@fault
def server_silent(plot: Plot) -> None:
    """The server's log, written every hour, that ends four days before the opening."""
    plot.plant(SILENT, None, None)


def without_silent(rows: dict[str, pl.DataFrame], opened: int) -> dict[str, pl.DataFrame]:
    """The rows of a batch without what the silent table would have told."""
    since = moment(opened - SILENT_DAYS * DAY)
    return rows | {SILENT: rows[SILENT].filter(pl.col("created_at") < since)}
