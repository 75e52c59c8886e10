"""Trials and conversion against the simulator's truth, told anew from the periods lived."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from reports.queries import Rows, query_of, query_text
from reports.segments import DIMENSIONS, named, ranking
from reports.subjects import bridge
from tests.integration.conftest import UNTIL, Built


def test_every_trial_starts_converts_and_lapses_on_its_day(built: Built) -> None:
    truth = f"""
        with trials as (
            select trial.*, exists (
                select 1 from {built.truth("subscription_periods")} as paid
                where paid.user_id = trial.user_id and not paid.is_trial
                    and paid.period_start_at = trial.effective_end_at
            ) as is_converted
            from {built.truth("subscription_periods")} as trial
            where trial.is_trial and not trial.is_test
        ),
        moves as (
            select period_start_at as moved_at, 'started' as move from trials
            union all
            select effective_end_at, 'converted' from trials where is_converted
            union all
            select effective_end_at, 'lapsed' from trials
            where not is_converted and ended_by <> 'open'
        )
        select moved_at::date as date, count(*) filter (where move = 'started') as started,
            count(*) filter (where move = 'converted') as converted,
            count(*) filter (where move = 'lapsed') as lapsed
        from moves group by 1"""
    mart = """
        select date, started, converted, lapsed from trial_movements_daily
        where started + converted + lapsed > 0"""
    built.assert_equal(mart, truth)


def test_open_trials_are_those_in_the_state_of_trial(built: Built) -> None:
    mart = "select date, closing_trials as trials from trial_movements_daily"
    states = """
        select date, sum(customers) as trials from subscription_states_daily
        where state = 'trial' group by date"""
    built.assert_equal(f"{mart} where trials > 0", f"from ({states}) where trials > 0")


def test_conversion_is_that_of_the_lives_lived(built: Built) -> None:
    """First trial and first paid period, each against the user's own sign-up."""
    truth = f"""
        with users as (
            select user_id, created_at as start_at from raw.user_profile
            where coalesce(role, 'user') not in ('tester', 'admin')
        ),
        firsts as (
            select users.user_id, date_trunc('month', start_at)::date as month, start_at,
                min(period_start_at) filter (where is_trial) as trial_started,
                min(period_start_at) filter (where not is_trial and price_usd > 0) as first_paid
            from users left join {built.truth("subscription_periods")} as lived
                on lived.user_id::uuid = users.user_id
            group by all
        ),
        steps as (
            unpivot (select * replace (
                coalesce(trial_started, timestamp 'infinity') as trial_started,
                coalesce(first_paid, timestamp 'infinity') as first_paid) from firsts)
            on trial_started, first_paid into name step value taken_at
        ),
        windows as (select unnest([7, 14, 30, 60, 90]) as days)
        select month, step, days || ' d' as conversion_window, count(*) as users,
            count(*) filter (where start_at + to_days(days) <= timestamp '{UNTIL}') as eligible,
            count(*) filter (where start_at + to_days(days) <= timestamp '{UNTIL}'
                and taken_at < start_at + to_days(days)) as converted
        from steps cross join windows group by all"""
    mart = """
        select signup_month, step, conversion_window, users, eligible, converted
        from conversion_cohorts
        where step in ('trial_started', 'first_paid') and conversion_window <> 'unbounded'"""
    built.assert_equal(mart, truth)


@pytest.mark.parametrize("dimension", list(DIMENSIONS))
def test_the_page_s_bridge_by_segment_adds_up_to_that_of_all(built: Built, dimension: str) -> None:
    """Its table to the cent of a cent; its chart, which says cents, to the cent of each panel."""
    text = query_text("subscriptions/segments")
    day = date(2026, 11, 1)
    query = query_of(text, {"dimension": dimension, "until": day, "month_until": day})
    rows = built.rows(query.sql)
    ranked = ranking(built.rows(query_text("segments")))[dimension]
    figure = bridge.of_segments(named(Rows(rows, query), dimension), dimension, ranked=ranked)
    flows = ["opening", "new", "reactivation", "expansion", "contraction", "churn", "closing"]
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in figure.table.rows:
        for name in [*flows, "switched"]:
            column = f"{name}_mrr_usd" if name in ("opening", "closing") else f"{name}_usd"
            told[line[0], name] += line[figure.table.columns.index(column)]
    drawn: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for month, said in re.findall(r"<title>(\w{3} \d{4}) · [^:]+: ([^<]*)</title>", figure.svg):
        for name, amount in re.findall(r"([a-z]+)(?: MRR)? (-?[\d,]+(?:\.\d\d)?)", said):
            drawn[month, name] += Decimal(amount.replace(",", ""))
    whole = built.rows("from mrr_bridge_monthly where movement_month >= date '2024-12-01'")
    assert len(whole) > 12
    for month in whole:
        at = f"{month['movement_month']:%b %Y}"
        assert told[at, "switched"] == 0 and abs(drawn[at, "switched"]) <= Decimal("0.06")
        for name in flows:
            value = month[f"{name}_mrr_usd" if name in ("opening", "closing") else f"{name}_usd"]
            assert told[at, name] == value, (at, name)
            if name != "opening":
                assert abs(drawn[at, name] - value) <= Decimal("0.06"), (at, name)
