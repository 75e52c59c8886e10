"""ai_usage as it stands on a day, from the sessions held and the packs bought."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.calendar import week_of, week_start
from models.simulation.credits import USER, CreditLife, weekly_limits
from models.simulation.draws import Draws, Ints
from models.simulation.parameters import WEEK
from models.simulation.people import People
from models.simulation.prices import PACK_CREDITS


def usage_at(
    draws: Draws, people: People, life: CreditLife, periods: pl.DataFrame, until: int
) -> pl.DataFrame:
    """ai_usage as it stands at `until`, without ids: one row per person, counters in credits."""
    size, everyone = len(people), np.arange(len(people))
    s, packs = life.sessions, life.packs
    week = int(week_of(np.array([until - 1]))[0])
    this_week = (s.charged == 1) & (week_of(s.at) == week)
    reset = int(week_start(np.array([week]))[0])
    is_premium = life.access.holds(everyone, np.full(size, until - 1))
    touched = np.maximum(people.signup + 5, np.where(people.signup < reset, reset, 0))
    np.maximum.at(touched, s.user, s.at + s.seconds)
    np.maximum.at(touched, packs.user, packs.at)
    for column in (life.access.opened, life.access.closed):
        user, second = column // USER, column % USER
        past = second < until
        np.maximum.at(touched, user[past], second[past])
    return pl.DataFrame(
        {
            "weekly_limit_credits": weekly_limits(draws, people, is_premium, everyone),
            "weekly_used_credits": sums(s.user[this_week], s.seconds[this_week], size),
            "weekly_reset_at": np.full(size, reset + WEEK),
            "bank_limit_credits": sums(packs.user, PACK_CREDITS[packs.size], size),
            "bank_used_credits": sums(s.user[s.charged == 2], s.seconds[s.charged == 2], size),
            "created_at": people.signup + 5,
            "updated_at": np.minimum(touched, until - 1),
        }
    )


def sums(groups: Ints, values: Ints, size: int) -> Ints:
    """Sum of whole values per group 0..size-1."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, groups, values)
    return total
