"""Wished sessions of AI use: when and for how many seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import DAY, HOUR, WEEK
from models.simulation.subjects.people.behaviour import People

USES_AI = 0.4


@dataclass(frozen=True)
class Sessions:
    """Wished sessions by person and time; `charged` is a Charged."""

    user: Ints
    at: Ints
    seconds: Ints
    key: Keys
    charged: Ints

    def of(self, chosen: Bools) -> Sessions:
        """The chosen ones."""
        return Sessions(
            self.user[chosen],
            self.at[chosen],
            self.seconds[chosen],
            self.key[chosen],
            self.charged[chosen],
        )


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
    curious = 7 * DAY + draws.exponential("curious", people.key, mean=20.0 * DAY).astype(np.int64)
    who = periods["who"].to_numpy()
    begin = np.concatenate([people.signup + HOUR, periods["created"].to_numpy()])
    over = np.minimum(periods["end"].to_numpy(), periods["replaced_at"].to_numpy())
    end = np.concatenate([people.signup + HOUR + curious, np.maximum(over, begin[len(people) :])])
    user = np.concatenate([np.arange(len(people)), who])
    source = np.concatenate([people.key, periods["period_key"].to_numpy()])
    part = np.concatenate([np.full(len(people), 0.15), np.full(len(who), 1.0)])
    mean = rates[user] * part * (end - begin) / WEEK
    counts = draws.poisson("sessions", source, mean=mean)
    at = np.repeat(np.arange(len(user)), counts)
    place = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = draws.child_keys("session", source[at], counter=place)
    moment = begin[at] + (draws.uniform("at", keys) * (end - begin)[at]).astype(np.int64)
    spent = 15 + np.ceil(np.minimum(draws.exponential("spent", keys, mean=330.0), 3_000)).astype(
        np.int64
    )
    here = moment < until
    order = np.lexsort((keys, moment, user[at]))
    order = order[here[order]]
    return Sessions(
        user[at][order], moment[order], spent[order], keys[order], np.zeros(len(order), np.int64)
    )


def ordinals(groups: Ints) -> Ints:
    """0, 1, 2, ... within runs of equal values."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    first = np.concatenate([[True], groups[1:] != groups[:-1]])
    starts = np.flatnonzero(first)
    return np.asarray(np.arange(len(groups)) - starts[np.cumsum(first) - 1])
