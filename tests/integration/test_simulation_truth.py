"""Marts against the simulator's truth: simulated, extracted, built, compared row for row.

The truth is that of the last simulated midnight, so the extraction's clock is set to it.
"""

from __future__ import annotations

import pytest

from tests.integration.conftest import UNTIL, Built


def test_every_receipt_has_its_verdict_price_and_original(built: Built) -> None:
    columns = (
        "receipt_id, user_id::uuid, is_test, verdict, duplicate_of, transacted_at, paid_usd,"
        " price_basis, refunded_at"
    )
    built.assert_equal(
        f"select {columns} from fct_receipts",
        f"select {columns} from {built.truth('receipts')}",
    )


def test_revenue_is_what_counted_receipts_brought_less_refunds(built: Built) -> None:
    truth = f"""
        with entries as (
            select date_trunc('month', transacted_at)::date as month, source_table, paid_usd
            from {built.truth("receipts")} where verdict = 'counted'
            union all
            select date_trunc('month', refunded_at)::date, source_table, -paid_usd
            from {built.truth("receipts")} where verdict = 'counted' and refunded_at is not null
        )
        select month, case source_table
            when 'ai_credit_purchases' then 'ai_credits' when 'course_purchases' then 'course'
            when 'custom_course_purchases' then 'custom_audio' else 'subscription' end as kind,
            sum(paid_usd) as net_usd
        from entries group by all having sum(paid_usd) <> 0"""
    mart = """
        select revenue_month as month, product_kind as kind, net_usd
        from revenue_monthly where net_usd <> 0"""
    built.assert_equal(mart, truth)


def test_every_period_is_as_it_was_lived(built: Built) -> None:
    columns = (
        "period_id::uuid, user_id::uuid, is_test, chain_number, renewal_number, base_plan_id,"
        " billing_months, store, offer_id, period_start_at, period_end_at, effective_end_at,"
        " is_trial, price_usd, contracted_mrr_usd, mrr_usd, cancel_intent_at, ended_by"
    )
    built.assert_equal(
        f"select {columns} from fct_subscription_periods",
        f"select {columns} from {built.truth('subscription_periods')}",
    )


def test_every_movement_is_there_and_no_other(built: Built) -> None:
    columns = (
        "user_id::uuid, movement_at, movement_type, mrr_before_usd, mrr_after_usd,"
        " mrr_delta_usd, churn_reason"
    )
    built.assert_equal(
        f"select {columns} from fct_mrr_movements",
        f"select {columns} from {built.truth('mrr_movements')}",
    )


def test_the_bridge_moves_by_the_days_movements(built: Built) -> None:
    truth = f"""
        select movement_at::date as day,
            coalesce(sum(mrr_delta_usd) filter (where movement_type = 'new'), 0) as new_usd,
            coalesce(sum(mrr_delta_usd) filter (where movement_type = 'churn'), 0) as churn_usd,
            sum(mrr_delta_usd) as net_usd
        from {built.truth("mrr_movements")} group by 1"""
    mart = """
        select movement_date as day, new_usd, churn_usd,
            closing_mrr_usd - opening_mrr_usd as net_usd
        from mrr_bridge_daily
        where new_customers + reactivated_customers + churned_customers > 0
            or closing_mrr_usd <> opening_mrr_usd or expansion_usd + contraction_usd <> 0"""
    built.assert_equal(mart, truth)


def test_the_retention_triangle_counts_paid_renewals(built: Built) -> None:
    truth = f"""
        with paid as (
            select *,
                min(period_start_at) over (partition by user_id) as first_at,
                min_by(billing_months, period_start_at) over (partition by user_id) as term,
                min_by(chain_number, period_start_at) over (partition by user_id) as first_chain
            from {built.truth("subscription_periods")}
            where not is_trial and not is_test and mrr_usd > 0
        ),
        firsts as (select distinct user_id, first_at, term from paid),
        cohorts as (
            select user_id, first_at, term, unnest(generate_series(0, 20)) as k,
                date_trunc('month', first_at)::date as first_paid_month
            from firsts
        ),
        due as (
            select *, first_at + to_months((term * k)::integer) + interval 16 days as due_at
            from cohorts
        )
        select first_paid_month, term as billing_months, k as period_number,
            count(*) as eligible,
            count(*) filter (where exists (
                select 1 from paid where paid.user_id = due.user_id
                    and chain_number = first_chain and renewal_number = k
                    and billing_months = due.term
            )) as retained
        from due where k = 0 or due_at <= timestamp '{UNTIL}' group by all"""
    mart = """
        select first_paid_month, billing_months, period_number, eligible, retained
        from retention_cohorts where axis = 'renewal'"""
    built.assert_equal(mart, truth)


def test_the_month_axis_counts_who_had_paid_access(built: Built) -> None:
    truth = f"""
        with paid as (
            select *, min(period_start_at) over (partition by user_id) as first_at,
                min_by(billing_months, period_start_at) over (partition by user_id) as term,
                case ended_by when 'open' then timestamp 'infinity' else effective_end_at end
                    as access_end_at
            from {built.truth("subscription_periods")}
            where not is_trial and not is_test and price_usd is not null
        ),
        members as (select distinct user_id, first_at, term from paid),
        months as (
            select *, date_trunc('month', first_at)::date as first_paid_month,
                first_at + to_months(k::integer) as reached_at
            from members, generate_series(0, 20) as steps(k)
        )
        select first_paid_month, term as billing_months, k as period_number, count(*) as eligible,
            count(*) filter (where k = 0 or exists (
                select 1 from paid where paid.user_id = months.user_id
                    and paid.period_start_at <= reached_at
                    and paid.access_end_at > reached_at
            )) as retained
        from months where reached_at <= timestamp '{UNTIL}' group by all"""
    mart = """
        select first_paid_month, billing_months, period_number, eligible, retained
        from retention_cohorts where axis = 'month'"""
    built.assert_equal(mart, truth)


def test_balances_are_what_packs_brought_and_sessions_took(built: Built) -> None:
    if built.faults == "all":
        pytest.skip("planted balances are false by intention")
    truth = f"""
        select user_id::uuid as user_id, sum(bank_credits) as used
        from {built.truth("credits_daily")} group by 1 having sum(bank_credits) > 0"""
    mart = """
        select user_id, bank_used_credits as used
        from credit_balances where bank_used_credits > 0"""
    built.assert_equal(mart, truth)
    unexplained = built.rows("""
        select count(*) as n from credit_balances
        where not is_test and user_id not in (
            select user_id from fct_receipts where refunded_at is not null)
        and not is_reconciled""")
    assert unexplained[0]["n"] == 0


def test_every_referral_edge_has_its_depth_root_and_reward(built: Built) -> None:
    mart = """
        select referred_user_id, referrer_user_id, root_user_id, depth, signed_up_at,
            first_premium_at, is_test, reward_status
        from fct_referrals
        where referrer_kind = 'user' and not is_self_referral and not is_cycle"""
    truth = f"""
        select referred_user_id::uuid, referrer_user_id::uuid, root_user_id::uuid, depth,
            signed_up_at, first_premium_at, is_test, reward_status
        from {built.truth("referral_edges")}"""
    built.assert_equal(mart, truth)


def test_k_is_that_of_the_edges(built: Built) -> None:
    truth = f"""
        select strftime(u.signed_up_at, '%Y-%m') as month, count(*) as children
        from {built.truth("referral_edges")} as e
        join stg_user_profile as u on u.user_id = e.referrer_user_id::uuid
        where not e.is_test and e.delay_days < 30 group by 1"""
    mart = """
        select strftime(signup_month, '%Y-%m') as month, referred_signups as children
        from referral_performance_monthly where referred_signups > 0"""
    built.assert_equal(mart, truth)
