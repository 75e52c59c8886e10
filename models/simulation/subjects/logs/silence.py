"""Faults of whole tables, which no row shows."""

from __future__ import annotations

import polars as pl

from models.simulation.parameters import DAY
from models.simulation.scenario import Persona, fault, moment

SILENT = "server_logs"
SILENT_DAYS = 4  # before the opening, and ever since


@fault
def server_silent(persona: Persona) -> None:
    """The server's log, written every hour, that ends four days before the opening: of nobody, so
    `without_silent` does it."""


def without_silent(rows: dict[str, pl.DataFrame], opened: int) -> dict[str, pl.DataFrame]:
    """The rows of a batch without what the silent table would have told."""
    since = moment(opened - SILENT_DAYS * DAY)
    return rows | {SILENT: rows[SILENT].filter(pl.col("created_at") < since)}
