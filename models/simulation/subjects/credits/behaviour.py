"""AI use in sessions of whole seconds: the weekly allowance first, then the bank, then a pack."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.calendar import week_of
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.kinds import Charged
from models.simulation.parameters import DAY, DISCOUNT_LIFT
from models.simulation.prices import PACK_CREDITS
from models.simulation.subjects.credits.access import Access, premium_access
from models.simulation.subjects.credits.sessions import Sessions, ordinals, wished_sessions
from models.simulation.subjects.discounts.windows import AID_CODES, aid_windows
from models.simulation.subjects.people.behaviour import People

PREMIUM_WEEKLY = 10_000
LEGACY_WEEKLY = 600  # an allowance that one free user in ten keeps from older times
LONGEST_RECORDING = 120  # seconds that one turn can take: what it may take beyond an empty bank
BUYS_PREMIUM, BUYS_FREE = 0.45, 0.10  # odds to buy a pack when a session finds nothing left
LARGE_PACK_FROM = 20_513  # 2026-03-01 in days since 1970


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


@dataclass(frozen=True)
class CreditLife:
    """A batch's sessions held, packs bought, who is premium when, and what led to packs."""

    sessions: Sessions
    packs: Packs
    access: Access
    temptations: Temptations


def credit_life(draws: Draws, people: People, *, periods: pl.DataFrame, until: int) -> CreditLife:
    """Live the AI use of a batch until the given second."""
    access = premium_access(periods)
    wished = wished_sessions(draws, people, periods=periods, until=until)
    is_premium = access.holds(wished.user, wished.at)
    limit = weekly_limits(draws, people, is_premium=is_premium, user=wished.user)
    by_week, seconds = charge_weekly(draws, wished, limit=limit)
    charged = np.where(by_week, Charged.WEEKLY, Charged.NOT_HELD)
    beyond = wished.of(~by_week)
    from_bank, taken, packs, tempted = charge_bank(
        draws, people, sessions=beyond, is_premium=is_premium[~by_week]
    )
    charged[~by_week] = from_bank
    seconds[~by_week] = taken
    all_sessions = Sessions(wished.user, wished.at, seconds, wished.key, charged)
    return CreditLife(all_sessions.of(charged != Charged.NOT_HELD), packs, access, tempted)


def weekly_limits(draws: Draws, people: People, *, is_premium: Bools, user: Ints) -> Ints:
    """The allowance that holds for a person who is or is not premium."""
    legacy = draws.chance("legacy", people.key, odds=0.1)[user]
    return np.where(is_premium, PREMIUM_WEEKLY, np.where(legacy, LEGACY_WEEKLY, 0))


def last_turns(draws: Draws, keys: Keys) -> Ints:
    """Seconds that the turn which finds the last credit takes beyond it."""
    return draws.between("turn beyond", keys, low=1, high=LONGEST_RECORDING)


def charge_weekly(draws: Draws, sessions: Sessions, *, limit: Ints) -> tuple[Bools, Ints]:
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
        has_left = used[run[now]] < limit[now]
        by_week[now] = has_left
        left = np.maximum(limit[now] - used[run[now]], 0)
        seconds[now] = np.minimum(sessions.seconds[now], left + beyond[now])
        used[run[now]] += np.where(has_left, seconds[now], 0)
    return by_week, seconds


def charge_bank(
    draws: Draws, people: People, *, sessions: Sessions, is_premium: Bools
) -> tuple[Ints, Ints, Packs, Temptations]:
    """What the bank bears of sessions beyond the allowance: BANK or NOT_HELD, seconds, packs.

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
    windows = [aid_windows(draws, people, code=code) for code in range(len(AID_CODES))]
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
        buys = empty & draws.chance("pack", key, odds=odds * lifts[offer])
        tempted.append((user[empty], offer[empty], is_premium[now][empty], buys[empty]))
        large = draws.chance("large pack", key, odds=0.35) & (at // DAY > LARGE_PACK_FROM)
        size = large.astype(np.int64)
        limit[user] += np.where(buys, PACK_CREDITS[size], 0)
        held = ~empty | buys
        left = np.maximum(limit[user] - used[user], 0)
        seconds[now] = np.minimum(seconds[now], left + last_turns(draws, key))
        used[user] += np.where(held, seconds[now], 0)
        charged[now] = np.where(held, Charged.BANK, Charged.NOT_HELD)
        used_code = np.where(draws.chance("uses aid", key, odds=0.8), offer, -1)
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
