"""Trials and conversion against the simulator's truth, told anew from the periods lived."""

from __future__ import annotations

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
