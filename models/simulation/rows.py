"""The rows of a batch on its day, by table: what the app would have stored."""

from __future__ import annotations

import polars as pl

from models.simulation.subjects.courses.rows import course_purchases
from models.simulation.subjects.credits.rows import ai_credit_purchases, ai_usage
from models.simulation.subjects.custom_audio.rows import custom_course_purchases, custom_courses
from models.simulation.subjects.discounts.rows import referral_credits, user_discounts
from models.simulation.subjects.listening.rows import (
    analytics,
    audio_usage,
    cached_handshake_responses,
)
from models.simulation.subjects.logs.rows import app_logs, server_logs
from models.simulation.subjects.people.rows import auth_users, user_cohorts, user_profile
from models.simulation.subjects.subscriptions.rows import subscription_events, subscriptions
from models.simulation.tables import ACCOUNTS
from models.simulation.world import Batch

OF_TABLES = (
    user_profile,
    user_cohorts,
    user_discounts,
    referral_credits,
    subscriptions,
    subscription_events,
    ai_credit_purchases,
    ai_usage,
    custom_courses,
    custom_course_purchases,
    course_purchases,
    analytics,
    audio_usage,
    cached_handshake_responses,
    app_logs,
    server_logs,
)


def rows_of(batch: Batch) -> dict[str, pl.DataFrame]:
    """Rows of one batch, by table; closed accounts leave only what outlives them: logs stay, and
    credits lose the referred."""
    rows = {ACCOUNTS: auth_users(batch)} | {of.__name__: of(batch) for of in OF_TABLES}
    gone = batch.people.closed < batch.until
    if not gone.any():
        return rows
    ids = batch.ids(gone).implode()
    customs = batch.customs.key[gone[batch.customs.user]]
    courses = batch.draws.uuids("custom course", customs).implode()
    referred = pl.col("referred_user_id")
    rows["referral_credits"] = rows["referral_credits"].with_columns(
        pl.when(~referred.is_in(ids)).then(referred)
    )
    keys = {ACCOUNTS: ("id", ids), "custom_course_purchases": ("course_id", courses)}
    keep = ("app_logs", "server_logs", "referral_credits")
    for table in rows.keys() - set(keep):
        key, absent = keys.get(table, ("user_id", ids))
        rows[table] = rows[table].filter(~pl.col(key).is_in(absent))
    return rows
