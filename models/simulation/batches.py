"""One batch of the business as it is written down: rows of the source, and the truth apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from models.simulation.fixtures import catalogue_rows
from models.simulation.planting import falls_silent, plant_faults
from models.simulation.scenario import Row, Scenario
from models.simulation.subjects.courses import rows as courses
from models.simulation.subjects.credits import rows as credits
from models.simulation.subjects.credits.truth import credit_lots, credit_weeks, credits_daily
from models.simulation.subjects.custom_audio import rows as custom_audio
from models.simulation.subjects.custom_audio.truth import deliveries
from models.simulation.subjects.discounts import rows as discounts
from models.simulation.subjects.discounts.truth import (
    discount_assignments,
    referral_edges,
    referral_rewards,
)
from models.simulation.subjects.listening import rows as listening_rows
from models.simulation.subjects.listening.truth import listening
from models.simulation.subjects.logs import rows as logs
from models.simulation.subjects.logs.faults import without_silent
from models.simulation.subjects.people import rows as people
from models.simulation.subjects.receipts.truth import receipts
from models.simulation.subjects.subscriptions import rows as subscriptions
from models.simulation.subjects.subscriptions.truth import (
    hazards,
    mrr_movements,
    subscription_periods,
)
from models.simulation.tables import ACCOUNTS, Tables, load_order
from models.simulation.world import Batch, World, batch_of
from models.tables import TABLES_BY_NAME

SUBJECTS = (people, subscriptions, credits, custom_audio, courses, discounts, listening_rows, logs)
# A table's rows are made by the function of its name.
ROWS = {ACCOUNTS: people.auth_users} | {
    table: getattr(subject, table)
    for subject in SUBJECTS
    for table in TABLES_BY_NAME
    if hasattr(subject, table)
}
# What is true, from what was lived, never from rows: times naive UTC, money DECIMAL(18,4).
TRUTHS = (
    receipts,
    subscription_periods,
    mrr_movements,
    hazards,
    credits_daily,
    credit_weeks,
    credit_lots,
    referral_edges,
    deliveries,
    discount_assignments,
    referral_rewards,
    listening,
)
# Whose a row is, where user_id does not say it; and what outlives an account.
OWNERS = {
    ACCOUNTS: "id",
    "custom_course_purchases": "course_id",
    "referral_edges": "referred_user_id",
}
OUTLIVE = ("app_logs", "server_logs", "referral_credits")
LEDGER = dict.fromkeys(("kind", "table_name", "row_id", "user_id"), pl.String)


@dataclass(frozen=True)
class Written:
    """Rows by table in load order, and truth by subject."""

    rows: Tables
    truth: Tables


def written(world: World, number: int) -> Written:
    """A batch's rows and truth; the first also holds the catalogue and every planted fault."""
    batch = batch_of(world, number)
    rows = without_closed(batch, {table: rows_of(batch) for table, rows_of in ROWS.items()})
    truth = without_closed(batch, {truth_of.__name__: truth_of(batch) for truth_of in TRUTHS})
    if falls_silent(world):
        rows = without_silent(rows, world.params.opened)
    if number == 0:
        scenario = plant_faults(batch)
        rows = with_scenario(rows | catalogue_rows(world.draws, world.params.start), scenario)
        truth = with_added(truth | {"faults": pl.DataFrame(schema=LEDGER)}, scenario.truth)
    return Written({table: rows[table] for table in load_order() if table in rows}, truth)


def all_written(world: World) -> Iterator[Written]:
    """All batches, one in memory at a time."""
    for number in range(world.batches):
        yield written(world, number)


def without_closed(batch: Batch, tables: Tables) -> Tables:
    """Rows or truth without accounts closed by then."""
    gone = batch.people.closed < batch.until
    if not gone.any():
        return tables
    customs = batch.customs.key[gone[batch.customs.user]]
    ids = pl.concat([batch.ids(gone), batch.draws.uuids("custom course", customs)])
    return {
        name: frame if name in OUTLIVE else without(frame, OWNERS.get(name, "user_id"), ids=ids)
        for name, frame in tables.items()
    }


def without(frame: pl.DataFrame, key: str, *, ids: pl.Series) -> pl.DataFrame:
    """The rows of everyone but some."""
    return frame.filter(~pl.col(key).is_in(ids.implode()).fill_null(value=False))


def with_scenario(tables: Tables, scenario: Scenario) -> Tables:
    """The rows with all that was planned."""
    result = dict(tables)
    for table, changes in scenario.changed.items():
        result[table] = with_changes(result[table], changes)
    for table, users in scenario.dropped.items():
        result[table] = without(result[table], "user_id", ids=pl.Series(users))
    result = with_added(result, scenario.added)
    removed = pl.Series(scenario.removed, dtype=pl.String)
    for table, frame in result.items():
        key = "id" if table == ACCOUNTS else "user_id"
        if key in frame.columns:
            result[table] = without(frame, key, ids=removed)
    return result


def with_changes(frame: pl.DataFrame, changes: dict[str, Row]) -> pl.DataFrame:
    """Rows of a table with one per user, changed by user."""
    changed = pl.col("user_id").is_in(pl.Series(list(changes), dtype=pl.String).implode())
    rows = [row | changes[row["user_id"]] for row in frame.filter(changed).to_dicts()]
    return pl.concat([frame.filter(~changed), pl.DataFrame(rows, schema=frame.schema)])


def with_added(tables: Tables, added: dict[str, list[Row]]) -> Tables:
    """Rows or truth with more of them."""
    result = dict(tables)
    for name, rows in added.items():
        schema = tables[name].schema
        result[name] = pl.concat([tables[name], pl.DataFrame(rows, schema=schema, orient="row")])
    return result
