"""Rows with what a scenario adds, changes and removes."""

from __future__ import annotations

import polars as pl

from models.simulation.scenario import Row, Scenario


def with_scenario(frames: dict[str, pl.DataFrame], scenario: Scenario) -> dict[str, pl.DataFrame]:
    """The rows with all that was planned."""
    result = dict(frames)
    for table, changes in scenario.changed.items():
        result[table] = with_changes(result[table], changes)
    for table, keys in scenario.dropped.items():
        absent = pl.col("id").is_in(pl.Series(keys, dtype=pl.String).implode())
        result[table] = result[table].filter(~absent)
    for table, rows in scenario.added.items():
        frame = result[table]
        result[table] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    return {
        table: without_users(table, frame, users=scenario.removed)
        for table, frame in result.items()
    }


def with_changes(frame: pl.DataFrame, changes: dict[str, Row]) -> pl.DataFrame:
    """Rows changed by id or, where the key is a user's, by user_id."""
    named = pl.Series(list(changes), dtype=pl.String).implode()
    keys = [name for name in ("id", "user_id") if name in frame.columns]
    hit = pl.any_horizontal([pl.col(name).is_in(named) for name in keys])
    rows = []
    for row in frame.filter(hit).to_dicts():
        for name in keys:
            row |= changes.get(row[name], {})
        rows.append(row)
    return pl.concat([frame.filter(~hit), pl.DataFrame(rows, schema=frame.schema)])


def without_users(table: str, frame: pl.DataFrame, *, users: list[str]) -> pl.DataFrame:
    """Rows of everyone but the removed."""
    key = "id" if table == "auth.users" else "user_id"
    if not users or key not in frame.columns:
        return frame
    gone = pl.col(key).is_in(pl.Series(users, dtype=pl.String).implode()).fill_null(value=False)
    return frame.filter(~gone)
