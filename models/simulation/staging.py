"""Rows with what a scenario adds, changes and removes."""

from __future__ import annotations

import polars as pl

from models.simulation.scenario import Row, Scenario
from models.simulation.tables import ACCOUNTS


def with_scenario(frames: dict[str, pl.DataFrame], scenario: Scenario) -> dict[str, pl.DataFrame]:
    """The rows with all that was planned."""
    result = dict(frames)
    for table, changes in scenario.changed.items():
        result[table] = with_changes(result[table], changes)
    for table, users in scenario.dropped.items():
        result[table] = without(result[table], "user_id", users=users)
    for table, rows in scenario.added.items():
        frame = result[table]
        result[table] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    for table, frame in result.items():
        key = "id" if table == ACCOUNTS else "user_id"
        if key in frame.columns:
            result[table] = without(frame, key, users=scenario.removed)
    return result


def with_changes(frame: pl.DataFrame, changes: dict[str, Row]) -> pl.DataFrame:
    """Rows of a table with one per user, changed by user."""
    changed = pl.col("user_id").is_in(pl.Series(list(changes), dtype=pl.String).implode())
    rows = [row | changes[row["user_id"]] for row in frame.filter(changed).to_dicts()]
    return pl.concat([frame.filter(~changed), pl.DataFrame(rows, schema=frame.schema)])


def without(frame: pl.DataFrame, key: str, *, users: list[str]) -> pl.DataFrame:
    """Rows of everyone but some."""
    gone = pl.col(key).is_in(pl.Series(users, dtype=pl.String).implode())
    return frame.filter(~gone.fill_null(value=False))
