"""The simulated business behaves by its parameters, within statistical bounds, on any day alike."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from models.simulation.calendar import week_of
from models.simulation.catalogue import COHORT_AT
from models.simulation.chapters import Chapter, chapters
from models.simulation.credits import aid_windows, ordinals
from models.simulation.custom_audio import ccf_windows, custom_orders
from models.simulation.parameters import (
    DAY,
    DISCOUNT_LIFT,
    HAZARDS,
    K_FACTOR,
    NEVER,
    REFERRAL_DELAY_DAYS,
    Params,
    seconds_of,
)
from models.simulation.people import NOBODY
from models.simulation.prices import PLANS
from models.simulation.subscriptions import INVOLUNTARY, RENEW, REPLACED, VOLUNTARY
from models.simulation.world import World, batch_of, world_at

UNTIL = date(2026, 10, 31)
LARGE = Params(60_000, 730, 11, UNTIL, "none")


@cache
def large() -> World:
    return world_at(LARGE, LARGE.opened)


def whole(params: Params, until: date) -> dict[str, pl.DataFrame]:
    """All rows of a business on a day, by table and key."""
    parts: list[Chapter] = list(chapters(world_at(params, seconds_of(until))))
    tables = {
        name: pl.concat([p.rows[name] for p in parts if name in p.rows]) for name in parts[0].rows
    }
    return {name: frame.sort(frame.columns[0]) for name, frame in tables.items()}


def within(count: float, trials: float, odds: float) -> bool:
    """Whether a share lies within five standard errors of its odds."""
    return bool(abs(count / trials - odds) < 5 * (odds * (1 - odds) / trials) ** 0.5)


def test_there_are_exactly_as_many_people_as_asked_for() -> None:
    for users in (1, 2, 7, 1_000):
        world = world_at(Params(users, 90, 3, UNTIL), seconds_of(UNTIL))
        assert len(world.people) == users
        assert (np.diff(world.people.signup) >= 0).all()


def test_the_same_arguments_give_the_same_rows_and_another_seed_others() -> None:
    params = Params(300, 200, 5, UNTIL, "all")
    first, second = whole(params, UNTIL), whole(params, UNTIL)
    for table, frame in first.items():
        assert_frame_equal(frame, second[table])
    other = whole(Params(300, 200, 6, UNTIL, "all"), UNTIL)
    assert set(first["user_profile"]["user_id"]).isdisjoint(other["user_profile"]["user_id"])


def test_batches_of_any_size_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    params = Params(300, 200, 5, UNTIL, "none")
    first = whole(params, UNTIL)
    monkeypatch.setattr("models.simulation.world.BATCH", 37)
    second = whole(params, UNTIL)
    for table, frame in first.items():
        assert_frame_equal(frame, second[table])


def test_what_happened_stays_as_it_was_on_a_later_day() -> None:
    params = Params(400, 200, 5, UNTIL, "none")
    early, late = whole(params, UNTIL), whole(params, date(2026, 12, 10))
    closed = set(early["user_profile"]["user_id"]) - set(late["user_profile"]["user_id"])
    for table in ("subscription_events", "course_purchases", "server_logs", "user_cohorts"):
        before = early[table].filter(~pl.col("user_id").is_in(list(closed)))
        after = late[table].filter(pl.col("id").is_in(before["id"].implode()))
        assert_frame_equal(before.drop("user_id"), after.drop("user_id"))
    assert len(late["user_profile"]) > len(early["user_profile"]) - len(closed)


def test_referrals_branch_by_the_known_factor_and_delay() -> None:
    people = large().people
    old = people.signup < LARGE.opened - 200 * DAY
    children = people.parent[people.parent != NOBODY]
    of_old = np.isin(children, np.flatnonzero(old))
    mean = of_old.sum() / old.sum()
    assert mean == pytest.approx(K_FACTOR, abs=5 * (K_FACTOR / old.sum()) ** 0.5)
    child = np.flatnonzero(people.parent != NOBODY)[of_old]
    delay = (people.signup[child] - people.signup[people.parent[child]] - 60) / DAY
    assert stats.kstest(delay, "expon", args=(0, REFERRAL_DELAY_DAYS)).pvalue > 1e-4


@pytest.mark.parametrize("plan", PLANS)
def test_churn_hazards_follow_their_beta_distribution(plan: str) -> None:
    chains = large().lives.filter(
        (pl.col("plan") == PLANS.index(plan)) & ~pl.col("is_trial") & (pl.col("paid_before") == 0)
    )
    alpha, beta = HAZARDS[plan]
    assert len(chains) > 300
    assert stats.kstest(chains["theta"].to_numpy(), "beta", args=(alpha, beta)).pvalue > 1e-4
    # of first renewals that came up, a share of alpha / (alpha + beta) fails
    due = chains.filter((pl.col("outcome") != REPLACED) & (pl.col("end") < large().until))
    left = due.filter(pl.col("outcome").is_in([VOLUNTARY, INVOLUNTARY]))
    assert within(len(left), len(due), alpha / (alpha + beta))
    assert set(due["outcome"].to_list()) <= {RENEW, VOLUNTARY, INVOLUNTARY}


@pytest.mark.parametrize(("cohort", "code"), [("IABCDEF", "SBF02"), ("IP3WWYK", "SBF03")])
def test_a_welcome_discount_lifts_conversion_by_its_factor(cohort: str, code: str) -> None:
    world = large()
    subscribed = np.zeros(len(world.people), dtype=bool)
    subscribed[world.lives["who"].unique().to_numpy()] = True
    old = world.people.signup < world.until - 60 * DAY
    arm = old & (world.people.cohort == COHORT_AT[cohort])
    control = old & (world.people.cohort == COHORT_AT["IAACTRL"])
    rate, base = subscribed[arm].mean(), subscribed[control].mean()
    # 92 of 100 reach the handshake that hands the code out
    expected = 0.92 * DISCOUNT_LIFT[code] + 0.08
    error = (rate * (1 - rate) / arm.sum() + base * (1 - base) / control.sum()) ** 0.5
    assert rate - expected * base == pytest.approx(0, abs=5 * error * expected)


def test_experiment_arms_have_equal_odds() -> None:
    cohort = large().people.cohort
    counts = [(cohort == COHORT_AT[code]).sum() for code in ("IAACTRL", "IABCDEF", "IP3WWYK")]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_the_allowance_pays_first_and_the_bank_only_beyond_it() -> None:
    world = large()
    life = batch_of(world, 0).credits
    s = life.sessions
    premium = life.access.holds(s.user, s.at)
    week = s.user * 100_000 + week_of(s.at)
    weekly = pl.DataFrame({"w": week, "s": np.where(s.charged == 1, s.seconds, 0)})
    before = (weekly["s"].cum_sum() - weekly["s"]).to_numpy()
    first = ordinals(week) == 0
    within_week = before - np.maximum.accumulate(np.where(first, before, 0))
    assert (within_week[(s.charged == 1) & premium] < 10_000).all()
    assert (within_week[(s.charged == 2) & premium] >= 10_000).all()
    assert ((s.charged == 2) & premium).sum() > 50
    assert (s.charged[~premium & (within_week >= 600)] == 2).all()


def test_nobody_uses_more_of_the_bank_than_packs_allow_but_for_one_turn() -> None:
    world = large()
    life = batch_of(world, 0).credits
    used, size = np.zeros(60_000, dtype=int), np.zeros(60_000, dtype=int)
    bank = life.sessions.charged == 2
    np.add.at(used, life.sessions.user[bank], life.sessions.seconds[bank])
    np.add.at(size, life.packs.user, np.array([4_000, 10_000])[life.packs.size])
    assert (used[size == 0] == 0).all()
    assert (used - size).max() < 3_100  # a turn has at most 3,015 seconds


def test_a_custom_audio_discount_lifts_purchases_by_its_factor() -> None:
    world = large()
    people = world.people
    _, holds = ccf_windows(world.draws, people)
    orders = custom_orders(world.draws, people, NEVER)
    bought = np.zeros(len(people), dtype=bool)
    bought[orders.user] = True
    rate, base = bought[holds].mean(), bought[~holds].mean()
    lift = DISCOUNT_LIFT["CCF02"]
    error = (rate / holds.sum() + lift**2 * base / (~holds).sum()) ** 0.5
    assert rate - lift * base == pytest.approx(0, abs=5 * error)
    # only holders pay the lower price, and only within their seven days
    assigned, _ = ccf_windows(world.draws, people)
    cheap = orders.user[orders.discounted]
    assert holds[cheap].all()
    assert (orders.at[orders.discounted] - assigned[cheap] < 7 * DAY).all()


def test_a_credit_discount_lifts_purchases_within_its_week() -> None:
    """Of sessions that found everything empty, holders in their week buy more often."""
    world = large()
    packs = [batch_of(world, number) for number in range(world.batches)]
    cheap = sum(int(batch.credits.packs.discounted.sum()) for batch in packs)
    assert cheap > 0
    for batch in packs:
        bought = batch.credits.packs
        assigned, holds = aid_windows(world.draws, batch.people)
        user = bought.user[bought.discounted]
        assert holds[user].all()
        since = bought.at[bought.discounted] - assigned[user]
        assert ((since >= 0) & (since < 7 * DAY)).all()
        assert len(np.unique(user)) == len(user)
