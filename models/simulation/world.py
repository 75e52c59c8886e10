"""The whole business on one day, in batches of people: every row of the 21 tables and of accounts.

A world depends on the arguments and the day alone; the world of a later day is what the earlier
one has become. Batches follow the order of sign-up, so that they name the same people on any day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation import (
    accounts,
    billing,
    custom_audio,
    discounts,
    holdings,
    listening,
    logs,
    packs,
)
from models.simulation.calendar import instants
from models.simulation.credits import CreditLife, credit_life
from models.simulation.draws import Draws, Ints
from models.simulation.parameters import Params
from models.simulation.people import People, population
from models.simulation.subscriptions import subscription_lives
from models.simulation.usage import usage_at

Tables = Mapping[str, pl.DataFrame]
BATCH = 50_000
ACCOUNTS = "auth.users"
# Parents before children; custom courses before their purchases.
LOAD_ORDER = (
    ACCOUNTS,
    "cohorts",
    "courses",
    "master_manifests",
    "manifest_cohorts",
    "user_profile",
    "user_cohorts",
    "discount_codes",
    "user_discounts",
    "referral_credits",
    "subscriptions",
    "subscription_events",
    "ai_credit_purchases",
    "ai_usage",
    "custom_courses",
    "custom_course_purchases",
    "course_purchases",
    "analytics",
    "audio_usage",
    "cached_handshake_responses",
    "app_logs",
    "server_logs",
)


@dataclass(frozen=True)
class World:
    """Everyone and all subscription lives as known before the second `until`."""

    params: Params
    until: int
    people: People
    lives: pl.DataFrame
    paid_at: Ints

    @property
    def draws(self) -> Draws:
        """The draws of this business."""
        return self.params.draws

    @property
    def batches(self) -> int:
        """How many batches of people there are; batch 0 exists even without anyone."""
        return max(1, -(-len(self.people) // BATCH))


@dataclass(frozen=True)
class Batch:
    """A range of people with what they did; `who` and `user` count from `begin`."""

    begin: int
    people: People
    periods: pl.DataFrame
    credits: CreditLife
    customs: custom_audio.Customs
    held: holdings.Holdings
    discounts: pl.DataFrame
    rewards: pl.DataFrame
    opened: tuple[Ints, Ints, Ints]
    tracks: listening.Tracks


def world_at(params: Params, until: int) -> World:
    """The business before the second `until`."""
    people = population(params, until)
    lives = subscription_lives(params, people, until)
    return World(params, until, people, lives, discounts.first_paid(lives, len(people)))


def batch_of(world: World, number: int) -> Batch:
    """Live the lives of one batch."""
    begin, end = number * BATCH, min((number + 1) * BATCH, len(world.people))
    people = world.people.take(slice(begin, end))
    periods = world.lives.filter(pl.col("who").is_between(begin, end, closed="left"))
    periods = periods.with_columns(pl.col("who") - begin)
    draws, until = world.draws, world.until
    credits = credit_life(draws, people, periods, until)
    customs = custom_audio.custom_orders(draws, people, until)
    held = holdings.holdings(draws, people, periods, until)
    opened = listening.course_starts(people, draws, held, until)
    return Batch(
        begin=begin,
        people=people,
        periods=periods,
        credits=credits,
        customs=customs,
        held=held,
        discounts=discounts.discount_lives(draws, people, periods, credits.packs, customs, until),
        rewards=discounts.rewards(draws, world.people, world.paid_at, begin, end, until),
        opened=opened,
        tracks=listening.begun_tracks(draws, people, opened, until),
    )


def rows_of(world: World, batch: Batch) -> dict[str, pl.DataFrame]:
    """Rows of one batch, by table; closed accounts leave only what outlives them."""
    draws, until, people, periods = world.draws, world.until, batch.people, batch.periods
    usage = usage_at(draws, people, batch.credits, periods, until)
    is_premium = batch.credits.access.holds(np.arange(len(people)), np.full(len(people), until - 1))
    bought, customs = batch.credits.packs, batch.customs
    rows = {
        ACCOUNTS: accounts.auth_users(draws, people),
        "user_profile": accounts.user_profiles(draws, people),
        "user_cohorts": accounts.user_cohorts(draws, people),
        "user_discounts": discounts.user_discounts(draws, people, batch.discounts),
        "referral_credits": discounts.referral_credits(draws, world.people, batch.rewards),
        "subscriptions": billing.subscriptions(draws, people, periods, is_premium, until),
        "subscription_events": billing.subscription_events(draws, people, periods, until),
        "ai_credit_purchases": packs.pack_rows(draws, people, bought, until),
        "ai_usage": usage_rows(draws, people, usage),
        "custom_courses": custom_audio.custom_course_rows(draws, people, customs, until),
        "custom_course_purchases": custom_audio.custom_purchase_rows(draws, people, customs, until),
        "course_purchases": holdings.course_purchase_rows(draws, people, batch.held),
        "analytics": listening.analytics(draws, people, batch.opened, until),
        "audio_usage": listening.audio_usage(draws, people, batch.tracks, until),
        "cached_handshake_responses": listening.cached_handshakes(draws, people, until),
        "app_logs": logs.app_logs(draws, people, until),
        "server_logs": logs.server_logs(draws, people, until),
    }
    return without_closed(world, batch, rows)


def usage_rows(draws: Draws, people: People, usage: pl.DataFrame) -> pl.DataFrame:
    """ai_usage in the shape of the table."""
    return pl.DataFrame(
        {
            "id": draws.uuids("usage", people.key),
            "user_id": accounts.user_ids(draws, people.key),
            "weekly_limit_credits": usage["weekly_limit_credits"],
            "weekly_used_credits": usage["weekly_used_credits"],
            "weekly_reset_date": instants(usage["weekly_reset_at"]),
            "bank_limit_credits": usage["bank_limit_credits"],
            "bank_used_credits": usage["bank_used_credits"],
            "created_at": instants(usage["created_at"]),
            "updated_at": instants(usage["updated_at"]),
        }
    )


def without_closed(
    world: World, batch: Batch, rows: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Rows without those of accounts closed by now: logs stay, and credits lose the referred."""
    gone = batch.people.closed < world.until
    if not gone.any():
        return rows
    ids = accounts.user_ids(world.draws, batch.people.key[gone]).implode()
    customs = batch.customs.key[gone[batch.customs.user]]
    courses = world.draws.uuids("custom course", customs).implode()
    kept = {}
    for table, frame in rows.items():
        if table == ACCOUNTS:
            kept[table] = frame.filter(~pl.col("id").is_in(ids))
        elif table == "custom_course_purchases":
            kept[table] = frame.filter(~pl.col("course_id").is_in(courses))
        elif table == "referral_credits":
            referred = pl.col("referred_user_id")
            kept[table] = frame.with_columns(pl.when(~referred.is_in(ids)).then(referred))
        elif table in ("app_logs", "server_logs"):
            kept[table] = frame
        else:
            kept[table] = frame.filter(~pl.col("user_id").is_in(ids))
    return kept
