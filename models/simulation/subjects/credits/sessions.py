"""Wished sessions of AI use: when and for how many seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.columns import Entities
from models.simulation.engine.draws import Draws, Ints, Keys, repeated
from models.simulation.kinds import Charged
from models.simulation.parameters import DAY, HOUR, WEEK
from models.simulation.subjects.people.behaviour import People

USES_AI = 0.4


@dataclass(frozen=True)
class Sessions(Entities):
    """Wished sessions by person and time; `charged` is a Charged."""

    user: Ints
    at: Ints
    seconds: Ints
    key: Keys
    charged: Ints


def weekly_rates(draws: Draws, people: People) -> np.ndarray:
    """Wished sessions a week: most people none or few, some very many."""
    rate = np.where(
        draws.chance("heavy", people.key, odds=0.06),
        15.0 + draws.exponential("rate", people.key, mean=12.0),
        draws.exponential("rate", people.key, mean=2.5),
    )
    return np.where(draws.chance("uses ai", people.key, odds=USES_AI), rate, 0.0)


def wished_sessions(draws: Draws, people: People, *, periods: pl.DataFrame, until: int) -> Sessions:
    """Sessions people would hold if they had credits: early curiosity, then while subscribed."""
    rates = weekly_rates(draws, people)
    curious = 7 * DAY + draws.wait("curious", people.key, mean=20.0 * DAY)
    who = periods["who"].to_numpy()
    begin = np.concatenate([people.signup + HOUR, periods["created"].to_numpy()])
    over = np.minimum(periods["end"].to_numpy(), periods["replaced_at"].to_numpy())
    end = np.concatenate([people.signup + HOUR + curious, np.maximum(over, begin[len(people) :])])
    user = np.concatenate([np.arange(len(people)), who])
    source = np.concatenate([people.key, periods["period_key"].to_numpy()])
    part = np.concatenate([np.full(len(people), 0.15), np.full(len(who), 1.0)])
    mean = rates[user] * part * (end - begin) / WEEK
    counts = draws.poisson("sessions", source, mean=mean)
    of, place = repeated(counts)
    keys = draws.child_keys("session", source[of], counter=place)
    at = begin[of] + (draws.uniform("at", keys) * (end - begin)[of]).astype(np.int64)
    spent = np.minimum(draws.exponential("spent", keys, mean=330.0), 3_000)
    seconds = 15 + np.ceil(spent).astype(np.int64)
    wished = Sessions(user[of], at, seconds, keys, np.full(len(of), Charged.NOT_HELD))
    wished = wished.take(np.lexsort((keys, at, wished.user)))
    return wished.take(wished.at < until)


def rounds(groups: Ints) -> list[Ints]:
    """Places of the first of each run of equal values, then of the second ones, and so on; at least
    one round, if only of nothing."""
    ordinal = ordinals(groups)
    order = np.argsort(ordinal, kind="stable")
    return np.split(order, np.cumsum(np.bincount(ordinal))[:-1])


def ordinals(groups: Ints) -> Ints:
    """0, 1, 2, ... within runs of equal values, which are not below 0."""
    is_first = np.diff(groups, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    return np.asarray(np.arange(len(groups)) - starts[np.cumsum(is_first) - 1])
