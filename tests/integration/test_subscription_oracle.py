"""The subscription marts against an oracle in plain Python, over thousands of random histories."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests import subscription_oracle as oracle
from tests.subscription_histories import random_history, without_repeats, write_events
from tests.warehouse import build, read, settings_at, write_raw

USERS = 2500
AS_OF = datetime(2026, 2, 20, 13)
GRACE = timedelta(days=16)
WINDOW = timedelta(minutes=60)
TESTERS = range(1, 100)
Histories = dict[int, list[oracle.Event]]
Told = dict[int, list[oracle.Period]]
Moved = dict[int, list[oracle.Movement]]
BUILT = (
    "fct_subscription_periods",
    "mrr_bridge_monthly",
    "subscription_states_daily",
    "retention_cohorts",
    "forecast_backtest",
    "retention_forecast",
)


@pytest.fixture(scope="module")
def histories() -> Histories:
    source = random.Random(20261122)
    return {user: random_history(source, user, user * 100) for user in range(1, USERS + 1)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, histories: Histories) -> Settings:
    return build_histories(tmp_path_factory.mktemp("oracle"), histories)


@pytest.fixture(scope="module")
def told(histories: Histories) -> Told:
    return tell_all(histories)


@pytest.fixture(scope="module")
def moved(told: Told) -> Moved:
    return move_all(told)


def build_histories(folder: Path, histories: Histories) -> Settings:
    """The marts of these histories; the first 99 users are testers."""
    settings = settings_at(folder)
    profiles = [
        {
            "user_id": UUID(int=user),
            "role": "tester" if user in TESTERS else "user",
            "created_at": datetime(2024, 1, 1),
        }
        for user in histories
    ]
    write_raw(settings, {"user_profile": profiles}, as_of=AS_OF, history={})
    write_events(settings, [event for events in histories.values() for event in events])
    build(settings, *BUILT)
    return settings


def tell_all(histories: Histories) -> Told:
    happened = {
        user: [event for event in events if event.at <= AS_OF] for user, events in histories.items()
    }
    return {
        user: oracle.tell(events if user in TESTERS else without_repeats(events), GRACE)
        for user, events in happened.items()
    }


def move_all(told: Told) -> Moved:
    return {
        user: oracle.movements(periods, AS_OF, GRACE, WINDOW)
        for user, periods in told.items()
        if user not in TESTERS
    }


def by_user(rows: list[dict[str, Any]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row["user_id"].int].append(tuple(row.values())[1:])
    return found


def periods_of(told: Told) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of fct_subscription_periods that the oracle tells, by user."""
    return {
        user: sorted(
            (
                UUID(int=p.event.id),
                p.chain,
                p.number,
                p.event.plan,
                p.begin,
                p.end,
                p.effective_end,
                p.is_trial,
                p.price,
                p.mrr,
                p.cancel,
                p.ended_by(AS_OF, GRACE),
                user in TESTERS,
            )
            for p in periods
        )
        for user, periods in told.items()
    }


def test_periods_are_those_of_the_oracle(built: Settings, told: Told) -> None:
    assert_periods(built, periods_of(told))


def assert_periods(built: Settings, expected: dict[int, list[tuple[Any, ...]]]) -> None:
    rows = read(
        built,
        """select user_id, source_event_id, chain_number, renewal_number, base_plan_id,
            period_start_at, period_end_at, effective_end_at, is_trial, price_usd, mrr_usd,
            cancel_intent_at, ended_by, is_test
        from fct_subscription_periods""",
    )
    found = by_user(rows)
    assert len(rows) > len(expected) * 2
    for user, periods in expected.items():
        assert sorted(found[user]) == periods, user


def test_every_way_of_ending_and_moving_occurs(built: Settings) -> None:
    ends = read(built, "select ended_by, count(*) as n from fct_subscription_periods group by all")
    kinds = read(
        built, "select movement_type as k, count(*) as n from fct_mrr_movements group by all"
    )
    assert {row["ended_by"] for row in ends} == {"renewed", "expired", "lapsed", "open", "replaced"}
    assert min(row["n"] for row in [*ends, *kinds]) > 20
    assert len(kinds) == 5


def test_periods_of_a_user_never_overlap(built: Settings) -> None:
    assert not read(
        built,
        """select a.period_id from fct_subscription_periods a join fct_subscription_periods b
            using (user_id)
        where a.period_id <> b.period_id and a.period_start_at < a.effective_end_at
            and b.period_start_at < b.effective_end_at
            and a.period_start_at < b.effective_end_at
            and b.period_start_at < a.effective_end_at""",
    )


def test_movements_are_those_of_the_oracle(built: Settings, moved: Moved) -> None:
    rows = read(
        built,
        """select user_id, movement_at, movement_type, mrr_before_usd, mrr_after_usd, churn_reason
        from fct_mrr_movements order by user_id, movement_at""",
    )
    found = by_user(rows)
    expected = {
        user: [(m.at, m.kind, m.before, m.after, m.reason) for m in moves]
        for user, moves in moved.items()
        if moves
    }
    assert set(found) == set(expected)
    for user, moves in expected.items():
        assert found[user] == moves, user


def test_daily_bridge_closes_on_the_level_of_every_user(built: Settings, moved: Moved) -> None:
    """Each day's closing, counted anew from every user's last movement by that day."""
    rows = read(
        built,
        """select movement_date, closing_mrr_usd, closing_customers from mrr_bridge_daily
        order by movement_date""",
    )
    first = min(move.at for moves in moved.values() for move in moves).date()
    days = [first + timedelta(days=n) for n in range((AS_OF.date() - first).days + 1)]
    assert [row["movement_date"] for row in rows] == days
    for row in rows[:: len(rows) // 50] + rows[-1:]:
        levels = [
            next((m.after for m in reversed(moves) if m.at.date() <= row["movement_date"]), None)
            for moves in moved.values()
        ]
        paying = [level for level in levels if level]
        assert row["closing_mrr_usd"] == sum(paying, Decimal(0))
        assert row["closing_customers"] == len(paying)


def test_monthly_rates_are_those_of_each_user(built: Settings, moved: Moved) -> None:
    for row in read(built, "select * from mrr_bridge_monthly order by movement_month")[1:]:
        month = row["movement_month"]
        next_month = oracle.add_months(datetime(month.year, month.month, 1), 1).date()
        openings, closings, churned = [], [], 0
        for moves in moved.values():
            opening = level_before(moves, month)
            if opening:
                openings.append(opening)
                closings.append(level_before(moves, next_month))
                churned += any(
                    m.kind == "churn" and month <= m.at.date() < next_month for m in moves
                )
        total = float(sum(openings))
        kept = float(sum(min(o, c) for o, c in zip(openings, closings, strict=True)))
        assert row["opening_customers"] == len(openings)
        assert row["customer_churn_rate"] == pytest.approx(churned / len(openings))
        assert row["gross_revenue_retention"] == pytest.approx(kept / total)
        assert row["net_revenue_retention"] == pytest.approx(float(sum(closings)) / total)


def level_before(moves: list[oracle.Movement], day: date) -> Decimal:
    return next((m.after for m in reversed(moves) if m.at.date() < day), Decimal(0))


def test_states_are_those_of_each_user(
    built: Settings,
    told: Told,
    moved: Moved,
) -> None:
    rows = read(built, "select date, state, customers, mrr_usd from subscription_states_daily")
    found = {(row["date"], row["state"]): (row["customers"], row["mrr_usd"]) for row in rows}
    days = sorted({day for day, _ in found})
    assert len(rows) == 4 * len(days)
    for day in [*random.Random(7).sample(days, 25), AS_OF.date()]:
        midnight = datetime(day.year, day.month, day.day) + timedelta(days=1)
        at = min(midnight - timedelta(microseconds=1), AS_OF)
        expected: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
        for user, moves in moved.items():
            state, mrr = oracle.state_at(told[user], moves, at=at, as_of=AS_OF, grace=GRACE)
            if state is not None:
                customers, total = expected[state]
                expected[state] = (customers + 1, total + mrr)
        for state in ("active_renewing", "active_canceling", "grace", "trial"):
            assert found[day, state] == expected[state], (day, state)


def test_states_tie_out_with_the_bridge(built: Settings) -> None:
    assert not read(
        built,
        """select movement_date from mrr_bridge_daily join (
            select date as movement_date, sum(mrr_usd) as mrr,
                sum(customers) filter (state <> 'trial') as customers
            from subscription_states_daily group by all) using (movement_date)
        where mrr <> closing_mrr_usd or customers <> closing_customers""",
    )


def test_retention_cells_are_those_of_each_member(built: Settings, told: Told) -> None:
    members = [
        member
        for user, periods in told.items()
        if user not in TESTERS and (member := oracle.member_of(periods, AS_OF))
    ]
    expected: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for member in members:
        key = (member.cohort, member.months)
        for axis in ("renewal", "month"):
            add(expected[(*key, axis, 0)], True, member.first.mrr)
        for axis, k, retained, mrr in oracle.outcomes(member, AS_OF, GRACE):
            add(expected[(*key, axis, k)], retained, mrr)
    rows = read(built, "select * from retention_cohorts")
    found = {
        (r["first_paid_month"], r["billing_months"], r["axis"], r["period_number"]): [
            r["eligible"],
            r["retained"],
            r["mrr_retained_usd"],
        ]
        for r in rows
    }
    assert found == expected
    assert sum(row["is_complete"] for row in rows) > 100
    for row in rows:
        assert row["retention_rate"] == row["retained"] / row["eligible"]
        assert row["is_complete"] == (row["eligible"] == row["cohort_size"])


def add(cell: list[Any], retained: bool, mrr: Decimal) -> None:
    cell[0] += 1
    cell[1] += retained
    cell[2] += mrr if retained else 0
