"""Who signs up when, by whom: arrivals by season and growth, referrals as a branching process."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from models.simulation.catalogue import ARMS, INSTITUTIONS, PARTNERS
from models.simulation.engine.draws import Bools, Draws, Floats, Ints, Keys
from models.simulation.parameters import (
    COUNTRIES,
    DAY,
    GENERATIONS,
    GROWTH,
    K_FACTOR,
    LEAD_SOURCES,
    NEVER,
    REFERRAL_DELAY_DAYS,
    SEASON,
    Params,
)

NOBODY = -1


@dataclass(frozen=True)
class People:
    """One entry per person, by time of sign-up: the people of an earlier day are its beginning.

    `parent` is the index of the referrer or -1; `cohort` an index of catalogue.COHORTS or -1;
    `closed` the second at which the account was closed, far in the future for most.
    """

    index: Ints
    key: Keys
    signup: Ints
    parent: Ints
    country: Ints
    lead: Ints
    store: Ints
    role: Ints
    cohort: Ints
    partner: Ints
    premium_odds: Floats
    closed: Ints

    def take(self, chosen: slice | Ints | Bools) -> People:
        """The chosen people, in the same order."""
        return People(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def __len__(self) -> int:
        return len(self.key)


def daily_weights(params: Params, days: int) -> Floats:
    """Expected share of sign-ups on each day; the first params.days of them sum to 1."""
    day = np.arange(days, dtype=np.float64)
    yearday = (params.start // DAY + day + 10) % 365.25
    growth = 1 + GROWTH * day / max(params.days, 1)
    weight = growth * (1 + SEASON * np.cos(2 * np.pi * yearday / 365.25))
    return np.asarray(weight / weight[: params.days].sum())


def organic_arrivals(params: Params) -> tuple[Keys, Ints]:
    """As many candidates as there are users, each with its second of arrival, in drawn order."""
    draws = params.draws
    keys = draws.child_keys("organic", np.arange(params.users, dtype=np.uint64))
    edges = np.concatenate([[0.0], np.cumsum(daily_weights(params, params.days))])
    share = draws.uniform("arrival", keys)
    day = np.clip(np.searchsorted(edges, share, side="right") - 1, 0, params.days - 1)
    within = draws.between("arrival second", keys, low=0, high=DAY)
    return keys, params.start + day.astype(np.int64) * DAY + within


def later_arrivals(params: Params, until: int, *, organics: int) -> tuple[Keys, Ints]:
    """People who come by themselves after the business was first simulated, day by day."""
    first, last = params.days, (until - params.start) // DAY
    if last <= first:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    expected = daily_weights(params, last)[first:] * organics
    day_keys = params.draws.child_keys("later day", np.arange(first, last, dtype=np.uint64))
    counts = params.draws.poisson("later arrivals", day_keys, mean=expected)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = params.draws.child_keys("later", np.repeat(day_keys, counts), counter=place)
    day = np.repeat(np.arange(first, last), counts)
    return keys, params.start + day * DAY + params.draws.between(
        "arrival second", keys, low=0, high=DAY
    )


def families(
    draws: Draws, keys: Keys, *, arrived: Ints, until: int
) -> tuple[Keys, Ints, Ints, Ints]:
    """(key, second, parent, root) of the given people and all they bring, directly or not.

    `parent` and `root` are indexes into the result; the given people come first.
    """
    all_keys, all_seconds = [keys], [arrived]
    all_parents = [np.full(len(keys), NOBODY, dtype=np.int64)]
    all_roots = [np.arange(len(keys), dtype=np.int64)]
    offset = 0
    for _ in range(GENERATIONS):
        parents, seconds, roots = all_keys[-1], all_seconds[-1], all_roots[-1]
        counts = draws.poisson("offspring", parents, mean=K_FACTOR)
        at = np.repeat(np.arange(len(parents)), counts)
        place = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        children = draws.child_keys("offspring", parents[at], counter=place)
        delay = draws.exponential("referral delay", children, mean=REFERRAL_DELAY_DAYS * DAY)
        born = seconds[at] + 60 + delay.astype(np.int64)
        here = born < until
        all_keys.append(children[here])
        all_seconds.append(born[here])
        all_parents.append(offset + at[here])
        all_roots.append(roots[at[here]])
        offset += len(parents)
        if not here.any():
            break
    return tuple(np.concatenate(x) for x in (all_keys, all_seconds, all_parents, all_roots))  # type: ignore[return-value]


def first_organics(params: Params) -> Keys:
    """The organic people whose families together make exactly params.users by the opening day."""
    keys, arrived = organic_arrivals(params)
    _, _, _, roots = families(params.draws, keys, arrived=arrived, until=params.opened)
    sizes = np.bincount(roots, minlength=len(keys))
    whole = int(np.searchsorted(np.cumsum(sizes), params.users, side="right"))
    missing = params.users - int(sizes[:whole].sum())
    singles = whole + np.flatnonzero(sizes[whole:] == 1)[:missing]
    return np.asarray(np.concatenate([np.arange(whole), singles]), dtype=np.int64)


def population(params: Params, until: int) -> People:
    """Everyone who signed up before `until` (seconds), with the traits that never change."""
    draws = params.draws
    keys, arrived = organic_arrivals(params)
    chosen = first_organics(params)
    later_keys, later_seconds = later_arrivals(params, until, organics=len(chosen))
    key, signup, parent, _ = families(
        draws,
        np.concatenate([keys[chosen], later_keys]),
        arrived=np.concatenate([arrived[chosen], later_seconds]),
        until=until,
    )
    here = signup < until
    order = np.lexsort((key, signup))
    order = order[here[order]]
    rank = np.full(len(key), NOBODY, dtype=np.int64)
    rank[order] = np.arange(len(order))
    parent = np.where(parent[order] >= 0, rank[parent[order]], NOBODY)
    return with_traits(params, key[order], signup=signup[order], parent=parent)


def with_traits(params: Params, key: Keys, *, signup: Ints, parent: Ints) -> People:
    """Country, source, store, role and cohort of each person."""
    draws = params.draws
    country = draws.pick("country", key, weights=[c[1] for c in COUNTRIES])
    ios_share = np.array([c[2] for c in COUNTRIES])[country]
    organic = parent == NOBODY
    by_partner = organic & draws.chance("by partner", key, odds=0.08)
    partner = np.where(
        by_partner, draws.pick("partner", key, weights=[1.0] * len(PARTNERS)), NOBODY
    )
    group = draws.pick("group", key, weights=[0.34, 0.05, 0.61])
    arm = draws.pick("arm", key, weights=[1.0] * len(ARMS))
    institution = len(ARMS) + draws.pick("institution", key, weights=[1.0] * len(INSTITUTIONS))
    cohort = np.select([group == 0, group == 1], [arm, institution], NOBODY)
    cohort = np.where(by_partner, len(ARMS) + len(INSTITUTIONS) + partner, cohort)
    role = draws.pick("role", key, weights=[0.994, 0.005, 0.001])
    closing = params.opened + draws.exponential("closing", key, mean=2_000.0 * DAY).astype(np.int64)
    may_close = draws.chance("may close", key, odds=0.5)
    return People(
        index=np.arange(len(key), dtype=np.int64),
        key=key,
        signup=signup,
        parent=parent,
        country=country,
        lead=draws.pick("lead", key, weights=[s[1] for s in LEAD_SOURCES]),
        store=draws.chance("store", key, odds=ios_share).astype(np.int64),
        role=role,
        cohort=cohort,
        partner=partner,
        premium_odds=np.ones(len(key)),
        closed=np.where(may_close, np.maximum(closing, signup + 3 * DAY), NEVER),
    )
