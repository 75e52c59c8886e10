"""Who signs up when, by whom: arrivals by season and growth, referrals as a branching process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation import parameters
from models.simulation.catalogue import ARMS, INSTITUTIONS, PARTNERS
from models.simulation.engine.columns import Entities
from models.simulation.engine.draws import Draws, Floats, Ints, Keys, repeated
from models.simulation.parameters import COUNTRIES, DAY, LEAD_SOURCES, NEVER, Params

NOBODY = -1


@dataclass(frozen=True)
class People(Entities):
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
    closed: Ints


def daily_weights(params: Params, days: int) -> Floats:
    """Expected share of sign-ups on each day; the first params.days of them sum to 1."""
    day = np.arange(days, dtype=np.float64)
    yearday = (params.start // DAY + day + 10) % 365.25
    growth = 1 + parameters.GROWTH * day / max(params.days, 1)
    weight = growth * (1 + parameters.SEASON * np.cos(2 * np.pi * yearday / 365.25))
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
    day, place = repeated(counts)
    keys = params.draws.child_keys("later", day_keys[day], counter=place)
    within = params.draws.between("arrival second", keys, low=0, high=DAY)
    return keys, params.start + (first + day) * DAY + within


@dataclass(frozen=True)
class Kin(Entities):
    """People with their referrer and the first of their line, by place among them all."""

    key: Keys
    signup: Ints
    parent: Ints
    root: Ints


def families(draws: Draws, keys: Keys, *, arrived: Ints, until: int) -> Kin:
    """The given people, then all whom they bring before `until`, directly or not."""
    places = np.arange(len(keys), dtype=np.int64)
    generations = [Kin(keys, arrived, np.full(len(keys), NOBODY, dtype=np.int64), places)]
    offset = 0
    for _ in range(parameters.GENERATIONS):
        parents = generations[-1]
        at, place = repeated(draws.poisson("offspring", parents.key, mean=parameters.K_FACTOR))
        born_keys = draws.child_keys("offspring", parents.key[at], counter=place)
        delay = draws.wait("referral delay", born_keys, mean=parameters.REFERRAL_DELAY_DAYS * DAY)
        children = Kin(born_keys, parents.signup[at] + 60 + delay, offset + at, parents.root[at])
        generations.append(children.take(children.signup < until))
        offset += len(parents)
    return Kin.joined(generations)


def first_organics(params: Params) -> tuple[Keys, Ints]:
    """The organic people whose families together make exactly params.users by the opening day."""
    keys, arrived = organic_arrivals(params)
    kin = families(params.draws, keys, arrived=arrived, until=params.opened)
    sizes = np.bincount(kin.root, minlength=len(keys))
    whole = int(np.searchsorted(np.cumsum(sizes), params.users, side="right"))
    missing = params.users - int(sizes[:whole].sum())
    singles = whole + np.flatnonzero(sizes[whole:] == 1)[:missing]
    chosen = np.concatenate([np.arange(whole), singles])
    return keys[chosen], arrived[chosen]


def population(params: Params, until: int) -> People:
    """Everyone who signed up before `until` (seconds), with the traits that never change."""
    keys, arrived = first_organics(params)
    later_keys, later_seconds = later_arrivals(params, until, organics=len(keys))
    keys = np.concatenate([keys, later_keys])
    arrived = np.concatenate([arrived, later_seconds])
    kin = families(params.draws, keys, arrived=arrived, until=until)
    order = np.lexsort((kin.key, kin.signup))
    order = order[kin.signup[order] < until]
    rank = np.full(len(kin) + 1, NOBODY, dtype=np.int64)  # the last is nobody's, at place -1
    rank[order] = np.arange(len(order))
    people = kin.take(order)
    return with_traits(params, people.key, signup=people.signup, parent=rank[people.parent])


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
    closing = params.opened + draws.wait("closing", key, mean=2_000.0 * DAY)
    may_close = draws.chance("may close", key, odds=0.5)
    return People(
        index=np.arange(len(key), dtype=np.int64),
        key=key,
        signup=signup,
        parent=parent,
        country=country,
        lead=draws.pick("lead", key, weights=[s[1] for s in LEAD_SOURCES]),
        store=draws.chance("store", key, odds=ios_share).astype(np.int64),
        role=draws.pick("role", key, weights=[0.994, 0.005, 0.001]),
        cohort=cohort,
        partner=partner,
        closed=np.where(may_close, np.maximum(closing, signup + 3 * DAY), NEVER),
    )
