"""AI use in sessions of whole seconds: the weekly allowance first, then the bank, then a pack."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.calendar import week_of
from models.simulation.catalogue import COHORT_AT
from models.simulation.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import DAY, DISCOUNT_LIFT, GRACE_DAYS, HOUR, NEVER, WEEK
from models.simulation.people import People
from models.simulation.prices import PACK_CREDITS
from models.simulation.subscriptions import RENEW, REPLACED, VOLUNTARY

PREMIUM_WEEKLY = 10_000
LEGACY_WEEKLY = 600  # an allowance that one free user in ten keeps from older times
LONGEST_RECORDING = 120  # seconds that one turn can take: what it may take beyond an empty bank
USES_AI = 0.4
BUYS_PREMIUM, BUYS_FREE = 0.45, 0.10  # odds to buy a pack when a session finds nothing left
LARGE_PACK_FROM = 20_513  # 2026-03-01 in days since 1970
AID_CODES = ("AID50", "AID60")
AID_AFTER = (3 * DAY, 14 * DAY)  # from sign-up to the week of each code
AID_SYNCED = (0.7, 0.6)
USER = np.int64(2**35)  # (user, second) as one sortable number


@dataclass(frozen=True)
class Access:
    """When each person of a batch was premium: sorted intervals as user * USER + second."""

    opened: Ints
    closed: Ints

    def holds(self, user: Ints, seconds: Ints) -> Bools:
        """Whether the person was premium at the instant."""
        if not len(self.opened):
            return np.zeros(len(user), dtype=np.bool_)
        at = np.searchsorted(self.opened, user * USER + seconds, side="right") - 1
        return np.asarray((at >= 0) & (user * USER + seconds < self.closed[np.maximum(at, 0)]))


def premium_access(periods: pl.DataFrame) -> Access:
    """Premium from the opening event to the store's word that it is over."""
    user, opened, end = (periods[c].to_numpy() for c in ("who", "created", "end"))
    outcome, expired = periods["outcome"].to_numpy(), periods["expired_at"].to_numpy()
    failed = np.where(expired < NEVER, expired, end + GRACE_DAYS * DAY)
    closed = np.select(
        [outcome == RENEW, outcome == REPLACED, outcome == VOLUNTARY],
        [periods["renewed_at"].to_numpy(), periods["replaced_at"].to_numpy(), end],
        failed,
    )
    return Access(user * USER + opened, user * USER + closed)


@dataclass(frozen=True)
class Sessions:
    """Wished sessions by person and time; `charged` 0 not held, 1 weekly, 2 bank."""

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
        draws.chance("heavy", people.key, 0.06),
        15.0 + draws.exponential("rate", people.key, 12.0),
        draws.exponential("rate", people.key, 2.5),
    )
    return np.where(draws.chance("uses ai", people.key, USES_AI), rate, 0.0)


def wished_sessions(draws: Draws, people: People, periods: pl.DataFrame, until: int) -> Sessions:
    """Sessions people would hold if they had credits: early curiosity, then while subscribed."""
    rates = weekly_rates(draws, people)
    curious = 7 * DAY + draws.exponential("curious", people.key, 20.0 * DAY).astype(np.int64)
    who = periods["who"].to_numpy()
    begin = np.concatenate([people.signup + HOUR, periods["created"].to_numpy()])
    over = np.minimum(periods["end"].to_numpy(), periods["replaced_at"].to_numpy())
    end = np.concatenate([people.signup + HOUR + curious, np.maximum(over, begin[len(people) :])])
    user = np.concatenate([np.arange(len(people)), who])
    source = np.concatenate([people.key, periods["period_key"].to_numpy()])
    part = np.concatenate([np.full(len(people), 0.15), np.full(len(who), 1.0)])
    mean = rates[user] * part * (end - begin) / WEEK
    counts = draws.poisson("sessions", source, mean)
    at = np.repeat(np.arange(len(user)), counts)
    place = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = draws.child_keys("session", source[at], place)
    moment = begin[at] + (draws.uniform("at", keys) * (end - begin)[at]).astype(np.int64)
    spent = 15 + np.ceil(np.minimum(draws.exponential("spent", keys, 330.0), 3_000)).astype(
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


def weekly_limits(draws: Draws, people: People, is_premium: Bools, user: Ints) -> Ints:
    """The allowance that holds for a person who is or is not premium."""
    legacy = draws.chance("legacy", people.key, 0.1)[user]
    return np.where(is_premium, PREMIUM_WEEKLY, np.where(legacy, LEGACY_WEEKLY, 0))


def last_turns(draws: Draws, keys: Keys) -> Ints:
    """Seconds that the turn which finds the last credit takes beyond it."""
    return draws.between("turn beyond", keys, 1, LONGEST_RECORDING)


def charge_weekly(draws: Draws, sessions: Sessions, limit: Ints) -> tuple[Bools, Ints]:
    """Which sessions the allowance bears: all while anything is left when they begin; and how long
    they last, since a session ends with the first turn beyond what is left."""
    group = sessions.user * 100_000 + week_of(sessions.at)
    place = ordinals(group)
    run = np.cumsum(place == 0) - 1 if len(place) else place
    used = np.zeros(int(run[-1]) + 1 if len(run) else 0, dtype=np.int64)
    by_week = np.zeros(len(place), dtype=np.bool_)
    seconds, beyond = sessions.seconds.copy(), last_turns(draws, sessions.key)
    order = np.argsort(place, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(place))]) if len(place) else [0]
    for begin, end in itertools.pairwise(bounds):
        now = order[begin:end]
        free = used[run[now]] < limit[now]
        by_week[now] = free
        left = np.maximum(limit[now] - used[run[now]], 0)
        seconds[now] = np.minimum(sessions.seconds[now], left + beyond[now])
        used[run[now]] += np.where(free, seconds[now], 0)
    return by_week, seconds


@dataclass(frozen=True)
class Packs:
    """Packs bought: person, second, size (of CREDIT_PACKS), code used (of AID_CODES or -1)."""

    user: Ints
    at: Ints
    size: Ints
    code: Ints
    key: Keys


@dataclass(frozen=True)
class Temptations:
    """Sessions that found everything empty: `code` on offer (of AID_CODES or -1), and what came."""

    user: Ints
    code: Ints
    is_premium: Bools
    buys: Bools


def aid_windows(draws: Draws, people: People, code: int) -> tuple[Ints, Bools]:
    """(second of assignment, whether handed out) of one of AID_CODES, to the half-price arm."""
    name = AID_CODES[code]
    assigned = people.signup + AID_AFTER[code] + draws.between(f"{name} at", people.key, 0, DAY)
    synced = draws.chance(f"{name} synced", people.key, AID_SYNCED[code])
    return assigned, (people.cohort == COHORT_AT["IABCDEF"]) & synced


def charge_bank(
    draws: Draws, people: People, sessions: Sessions, is_premium: Bools
) -> tuple[Ints, Ints, Packs, Temptations]:
    """What the bank bears of sessions beyond the allowance: 2 or 0 for each, their seconds, packs.

    A session that finds the bank empty leads to a pack a little before it, or is not held. Each of
    its turns asks whether there is any credit left, so that it ends with the first one beyond.
    """
    place = ordinals(sessions.user)
    limit = np.zeros(len(people), dtype=np.int64)
    used = np.zeros(len(people), dtype=np.int64)
    charged = np.zeros(len(place), dtype=np.int64)
    seconds = sessions.seconds.copy()
    order = np.argsort(place, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(place))]) if len(place) else [0]
    windows = [aid_windows(draws, people, code) for code in range(len(AID_CODES))]
    lifts = np.array([*(DISCOUNT_LIFT[name] for name in AID_CODES), 1.0])
    tempted: list[tuple[Ints, Ints, Bools, Bools]] = []
    bought: list[tuple[Ints, Ints, Ints, Ints, Keys]] = []
    for begin, end in itertools.pairwise(bounds):
        now = order[begin:end]
        user, at, key = sessions.user[now], sessions.at[now], sessions.key[now]
        empty = used[user] >= limit[user]
        offer = np.full(len(now), -1, dtype=np.int64)
        for code, (assigned, holds) in enumerate(windows):
            given = assigned[user]
            offer[holds[user] & (at - 120 >= given) & (at < given + 7 * DAY)] = code
        odds = np.where(is_premium[now], BUYS_PREMIUM, BUYS_FREE)
        buys = empty & draws.chance("pack", key, odds * lifts[offer])
        tempted.append((user[empty], offer[empty], is_premium[now][empty], buys[empty]))
        large = draws.chance("large pack", key, 0.35) & (at // DAY > LARGE_PACK_FROM)
        size = large.astype(np.int64)
        limit[user] += np.where(buys, PACK_CREDITS[size], 0)
        held = ~empty | buys
        left = np.maximum(limit[user] - used[user], 0)
        seconds[now] = np.minimum(seconds[now], left + last_turns(draws, key))
        used[user] += np.where(held, seconds[now], 0)
        charged[now] = np.where(held, 2, 0)
        used_code = np.where(draws.chance("uses aid", key, 0.8), offer, -1)
        bought.append((user[buys], at[buys] - 60, size[buys], used_code[buys], key[buys]))
        for code, (_, holds) in enumerate(windows):
            holds[user[buys & (used_code == code)]] = False
    return charged, seconds, joined_packs(bought), joined_temptations(tempted)


def joined_packs(bought: list[tuple[Ints, Ints, Ints, Ints, Keys]]) -> Packs:
    """All packs by person and time."""
    if not bought:
        none = np.zeros(0, dtype=np.int64)
        return Packs(none, none, none, none, none.astype(np.uint64))
    user, at, size, code, key = (np.concatenate(part) for part in zip(*bought, strict=True))
    order = np.lexsort((key, at, user))
    return Packs(user[order], at[order], size[order], code[order], key[order])


def joined_temptations(tempted: list[tuple[Ints, Ints, Bools, Bools]]) -> Temptations:
    """All of them, in no order."""
    if not tempted:
        none = np.zeros(0, dtype=np.int64)
        return Temptations(none, none, none.astype(np.bool_), none.astype(np.bool_))
    return Temptations(*(np.concatenate(part) for part in zip(*tempted, strict=True)))


@dataclass(frozen=True)
class CreditLife:
    """A batch's sessions held, packs bought, who is premium when, and what led to packs."""

    sessions: Sessions
    packs: Packs
    access: Access
    temptations: Temptations


def credit_life(draws: Draws, people: People, periods: pl.DataFrame, until: int) -> CreditLife:
    """Live the AI use of a batch until the given second."""
    access = premium_access(periods)
    wished = wished_sessions(draws, people, periods, until)
    is_premium = access.holds(wished.user, wished.at)
    limit = weekly_limits(draws, people, is_premium, wished.user)
    by_week, seconds = charge_weekly(draws, wished, limit)
    charged = by_week.astype(np.int64)
    beyond = wished.of(~by_week)
    from_bank, taken, packs, tempted = charge_bank(draws, people, beyond, is_premium[~by_week])
    charged[~by_week] = from_bank
    seconds[~by_week] = taken
    all_sessions = Sessions(wished.user, wished.at, seconds, wished.key, charged)
    return CreditLife(all_sessions.of(charged > 0), packs, access, tempted)
