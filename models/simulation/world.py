"""The whole business on one day, in batches of people: every row of the 21 tables and of accounts.

A world depends on the arguments and the day alone; the world of a later day is what the earlier
one has become. Batches follow the order of sign-up, so that they name the same people on any day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.draws import Draws, Ints
from models.simulation.parameters import Params
from models.simulation.subjects.courses.behaviour import Holdings, holdings
from models.simulation.subjects.courses.rows import course_purchase_rows
from models.simulation.subjects.credits.behaviour import CreditLife, credit_life
from models.simulation.subjects.credits.rows import pack_rows, usage_at, usage_rows
from models.simulation.subjects.custom_audio.behaviour import Customs, custom_orders
from models.simulation.subjects.custom_audio.rows import custom_course_rows, custom_purchase_rows
from models.simulation.subjects.discounts.behaviour import discount_lives, first_paid, rewards
from models.simulation.subjects.discounts.rows import referral_credits, user_discounts
from models.simulation.subjects.listening.behaviour import Tracks, begun_tracks, course_starts
from models.simulation.subjects.listening.rows import analytics, audio_usage, cached_handshakes
from models.simulation.subjects.logs.rows import app_logs, server_logs
from models.simulation.subjects.people.behaviour import People, population
from models.simulation.subjects.people.rows import auth_users, user_cohorts, user_ids, user_profiles
from models.simulation.subjects.subscriptions.behaviour import subscription_lives
from models.simulation.subjects.subscriptions.rows import subscription_events, subscriptions
from models.simulation.tables import ACCOUNTS

BATCH = 50_000


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
    customs: Customs
    held: Holdings
    discounts: pl.DataFrame
    rewards: pl.DataFrame
    opened: tuple[Ints, Ints, Ints]
    tracks: Tracks


def world_at(params: Params, until: int) -> World:
    """The business before the second `until`."""
    people = population(params, until)
    lives = subscription_lives(params, people, until=until)
    return World(params, until, people, lives, first_paid(lives, len(people)))


def batch_of(world: World, number: int) -> Batch:
    """Live the lives of one batch."""
    begin, end = number * BATCH, min((number + 1) * BATCH, len(world.people))
    people = world.people.take(slice(begin, end))
    periods = world.lives.filter(pl.col("who").is_between(begin, end, closed="left"))
    periods = periods.with_columns(pl.col("who") - begin)
    draws, until = world.draws, world.until
    credits = credit_life(draws, people, periods=periods, until=until)
    customs = custom_orders(draws, people, until=until)
    held = holdings(draws, people, periods=periods, until=until)
    opened = course_starts(people, draws, held=held, until=until)
    return Batch(
        begin=begin,
        people=people,
        periods=periods,
        credits=credits,
        customs=customs,
        held=held,
        discounts=discount_lives(
            draws, people, periods=periods, packs=credits.packs, customs=customs, until=until
        ),
        rewards=rewards(
            draws, world.people, paid_at=world.paid_at, begin=begin, end=end, until=until
        ),
        opened=opened,
        tracks=begun_tracks(draws, people, opened=opened, until=until),
    )


def rows_of(world: World, batch: Batch) -> dict[str, pl.DataFrame]:
    """Rows of one batch, by table; closed accounts leave only what outlives them."""
    draws, until, people, periods = world.draws, world.until, batch.people, batch.periods
    usage = usage_at(draws, people, life=batch.credits, periods=periods, until=until)
    is_premium = batch.credits.access.holds(np.arange(len(people)), np.full(len(people), until - 1))
    bought, customs = batch.credits.packs, batch.customs
    rows = {
        ACCOUNTS: auth_users(draws, people),
        "user_profile": user_profiles(draws, people),
        "user_cohorts": user_cohorts(draws, people),
        "user_discounts": user_discounts(draws, people, lives=batch.discounts),
        "referral_credits": referral_credits(draws, world.people, earned=batch.rewards),
        "subscriptions": subscriptions(
            draws, people, periods=periods, access=is_premium, until=until
        ),
        "subscription_events": subscription_events(draws, people, periods=periods, until=until),
        "ai_credit_purchases": pack_rows(draws, people, packs=bought, until=until),
        "ai_usage": usage_rows(draws, people, usage=usage),
        "custom_courses": custom_course_rows(draws, people, customs=customs, until=until),
        "custom_course_purchases": custom_purchase_rows(
            draws, people, customs=customs, until=until
        ),
        "course_purchases": course_purchase_rows(draws, people, held=batch.held),
        "analytics": analytics(draws, people, opened=batch.opened, until=until),
        "audio_usage": audio_usage(draws, people, tracks=batch.tracks, until=until),
        "cached_handshake_responses": cached_handshakes(draws, people, until=until),
        "app_logs": app_logs(draws, people, until=until),
        "server_logs": server_logs(draws, people, until=until),
    }
    return without_closed(world, batch, rows=rows)


def without_closed(
    world: World, batch: Batch, *, rows: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Rows without those of accounts closed by now: logs stay, and credits lose the referred."""
    gone = batch.people.closed < world.until
    if not gone.any():
        return rows
    ids = user_ids(world.draws, batch.people.key[gone]).implode()
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
