"""The simulated business behaves by its parameters, within statistical bounds, on any day alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from models.simulation.batches import ROWS, SUBJECTS, Written, all_written
from models.simulation.catalogue import COHORT_AT
from models.simulation.engine.calendar import week_of
from models.simulation.engine.draws import Bools
from models.simulation.kinds import Charged, Outcome
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
from models.simulation.planting import KINDS, plant_faults
from models.simulation.prices import PLANS
from models.simulation.run import SHORTEST_DAYS, told_faults
from models.simulation.subjects.credits.behaviour import BUYS_FREE, BUYS_PREMIUM, Temptations
from models.simulation.subjects.credits.sessions import ordinals
from models.simulation.subjects.custom_audio.behaviour import custom_orders
from models.simulation.subjects.discounts.windows import (
    AID_CODES,
    CCF_CODES,
    aid_windows,
    ccf_windows,
)
from models.simulation.subjects.people.behaviour import NOBODY, People, population
from models.simulation.world import Batch, World, batch_of, world_at

UNTIL = date(2026, 10, 31)
LARGE = Params(60_000, 730, 11, UNTIL, "none")
NEWCOMERS = Params(150_000, 90, 13, UNTIL, "none")


@cache
def large() -> World:
    return world_at(LARGE, LARGE.opened)


def whole(params: Params, until: date) -> dict[str, pl.DataFrame]:
    """All rows of a business on a day, by table and key."""
    parts: list[Written] = list(all_written(world_at(params, seconds_of(until))))
    tables = {
        name: pl.concat([p.rows[name] for p in parts if name in p.rows]) for name in parts[0].rows
    }
    return {name: frame.sort(frame.columns[0]) for name, frame in tables.items()}


def test_rows_are_made_by_functions_named_as_their_table() -> None:
    """One of another name would be called by nobody, and its table stay empty."""
    alone = {"batch": "Batch", "return": "pl.DataFrame"}
    functions = [each for module in SUBJECTS for each in vars(module).values()]
    makes_rows = {each for each in functions if getattr(each, "__annotations__", None) == alone}
    assert len(makes_rows) > 15
    assert makes_rows == set(ROWS.values())


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
    due = chains.filter((pl.col("outcome") != Outcome.REPLACED) & (pl.col("end") < large().until))
    left = due.filter(pl.col("outcome").is_in([Outcome.VOLUNTARY, Outcome.INVOLUNTARY]))
    assert within(len(left), len(due), alpha / (alpha + beta))
    assert set(due["outcome"].to_list()) <= {Outcome.RENEW, Outcome.VOLUNTARY, Outcome.INVOLUNTARY}


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
    weekly = pl.DataFrame({"w": week, "s": np.where(s.charged == Charged.WEEKLY, s.seconds, 0)})
    before = (weekly["s"].cum_sum() - weekly["s"]).to_numpy()
    first = ordinals(week) == 0
    within_week = before - np.maximum.accumulate(np.where(first, before, 0))
    assert (within_week[(s.charged == Charged.WEEKLY) & premium] < 10_000).all()
    assert (within_week[(s.charged == Charged.BANK) & premium] >= 10_000).all()
    assert ((s.charged == Charged.BANK) & premium).sum() > 50
    assert (s.charged[~premium & (within_week >= 600)] == 2).all()


def test_nobody_uses_more_of_the_bank_than_packs_allow_but_for_one_turn() -> None:
    world = large()
    life = batch_of(world, 0).credits
    used, size = np.zeros(60_000, dtype=int), np.zeros(60_000, dtype=int)
    bank = life.sessions.charged == Charged.BANK
    np.add.at(used, life.sessions.user[bank], life.sessions.seconds[bank])
    np.add.at(size, life.packs.user, np.array([4_000, 10_000])[life.packs.size])
    assert (used[size == 0] == 0).all()
    assert (used - size).max() < 3_100  # a turn has at most 3,015 seconds


@cache
def crowd() -> tuple[Params, People]:
    """Many people without the rest of their lives."""
    params = Params(600_000, 240, 12, UNTIL, "none")
    return params, population(params, params.opened)


@pytest.mark.parametrize("name", CCF_CODES)
def test_a_custom_audio_discount_lifts_purchases_by_its_factor(name: str) -> None:
    params, people = crowd()
    assigned, code = ccf_windows(params.draws, people)
    orders = custom_orders(params.draws, people, until=NEVER)
    bought = np.zeros(len(people), dtype=bool)
    bought[orders.user] = True
    holds = code == CCF_CODES.index(name)
    rate, base = bought[holds].mean(), bought[code < 0].mean()
    lift = DISCOUNT_LIFT[name]
    # so many that no lift of the others could be taken for it; those who refer may reach odds of 1
    error = (rate / holds.sum() + lift**2 * base / (code < 0).sum()) ** 0.5
    assert error < 0.1 * lift * base
    assert rate - lift * base == pytest.approx(0, abs=4 * error)
    # only holders pay the lower price, and only within their seven days
    cheap = orders.user[orders.code == CCF_CODES.index(name)]
    assert holds[cheap].all()
    since = orders.at[orders.code == CCF_CODES.index(name)] - assigned[cheap]
    assert ((since >= 0) & (since < 7 * DAY)).all()


@cache
def newcomers() -> tuple[Batch, ...]:
    """The batches of a large young business."""
    world = world_at(NEWCOMERS, NEWCOMERS.opened)
    return tuple(batch_of(world, number) for number in range(world.batches))


def surplus(tempted: Sequence[tuple[Temptations, Bools]], lift: float) -> float:
    """By how many standard errors more packs were bought than the odds with a lift expect."""
    bought = expected = variance = 0.0
    for all_of, these in tempted:
        odds = lift * np.where(all_of.is_premium[these], BUYS_PREMIUM, BUYS_FREE)
        bought += all_of.buys[these].sum()
        expected += odds.sum()
        variance += (odds * (1 - odds)).sum()
    return float((bought - expected) / variance**0.5)


@pytest.mark.parametrize("name", AID_CODES)
def test_a_credit_discount_lifts_purchases_within_its_week(name: str) -> None:
    """Of sessions that found everything empty, holders in their week buy more often."""
    code = AID_CODES.index(name)
    all_of = [batch.credits.temptations for batch in newcomers()]
    offered = [(t, t.code == code) for t in all_of]
    assert abs(surplus(offered, DISCOUNT_LIFT[name])) < 4
    assert surplus(offered, 1.0) > 4
    assert abs(surplus([(t, t.code < 0) for t in all_of], 1.0)) < 4
    for batch in newcomers():
        packs = batch.credits.packs
        assigned, holds = aid_windows(NEWCOMERS.draws, batch.people, code=code)
        user = packs.user[packs.code == code]
        assert holds[user].all()
        since = packs.at[packs.code == code] - assigned[user]
        assert ((since >= 0) & (since < 7 * DAY)).all()
        assert len(np.unique(user)) == len(user)


def test_a_failed_generation_reopens_the_form() -> None:
    """The link is open again and renewed, until the form is sent once more."""
    params, people = crowd()
    orders = custom_orders(params.draws, people, until=params.opened)
    again = np.flatnonzero((orders.reopened < NEVER) & (orders.resubmitted < NEVER))
    assert len(again) > 100
    assert (orders.delivered[again] > orders.resubmitted[again]).all()
    chosen = int(again[0])
    steps = [int(getattr(orders, name)[chosen]) for name in ("submitted", "reopened")]
    steps.append(int(orders.resubmitted[chosen]))
    assert steps == sorted(steps)
    seen = [orders.take(again[:1]).form_at(step + 1) for step in steps]
    assert [bool(is_sent[0]) for is_sent, _ in seen] == [True, False, True]
    assert [int(changed[0]) for _, changed in seen] == steps


def test_a_price_change_moves_the_renewals_of_whoever_stays() -> None:
    """A yearly life that began at the old price goes on at the new one."""
    yearly = large().lives.filter((pl.col("plan") == 2) & (pl.col("offer") == 0))
    old = yearly.filter(pl.col("created") < seconds_of(date(2025, 10, 1)))
    assert old["price"].unique().to_list() == [399_500]
    new = yearly.filter(pl.col("created") >= seconds_of(date(2025, 10, 1)))
    assert new["price"].unique().to_list() == [449_500]
    stayed = old.join(new.filter(pl.col("renewals") > 0), on=["who", "chain"])
    assert len(stayed) > 20


def test_a_world_too_short_for_the_stories_of_faults_says_so() -> None:
    short, long = (Params(5_000, days, 3, UNTIL, "all") for days in (100, 300))
    told = told_faults(short, 0)
    assert "takes 135 days" in told
    assert "--days is 100; use 215 or more" in told
    assert "more users" in told_faults(long, 40)
    assert told_faults(long, len(KINDS)) == f"{len(KINDS)} of {len(KINDS)} kinds of faults planted"


def test_the_days_that_the_notice_asks_for_are_enough() -> None:
    params = Params(5_000, SHORTEST_DAYS, 3, UNTIL, "all")
    world = world_at(params, params.opened)
    ledger = plant_faults(batch_of(world, 0)).truth["faults"]
    assert {row["kind"] for row in ledger} == set(KINDS)
