"""Marts against the simulator's truth: simulated, extracted, built, compared row for row.

The truth is that of the last simulated midnight, so the extraction's clock is set to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest

from models.simulation import simulate
from pipelines.extract.run import extract
from pipelines.settings import Settings
from tests.conftest import new_database
from tests.warehouse import build, read, settings_at

UNTIL = date(2026, 10, 31)
MARTS = (
    "fct_receipts", "fct_revenue", "revenue_monthly", "fct_subscription_periods",
    "fct_mrr_movements", "mrr_bridge_daily", "retention_cohorts", "fct_credit_lots",
    "credit_balances", "fct_referrals", "fct_discount_assignments",
)  # fmt: skip
FAULTS = {"none": 11, "all": 12}


@dataclass(frozen=True)
class Built:
    """A warehouse with the marts, and the folder of the truth."""

    settings: Settings
    faults: str

    def truth(self, name: str) -> str:
        """A truth table for use in a query."""
        return f"read_parquet('{self.settings.truth_dir / name}.parquet')"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A query on marts; {name} stands for the truth table of that name."""
        return read(self.settings, query)

    def assert_equal(self, mart: str, truth: str) -> None:
        """Both queries give the same rows, as often; shows the first that one side lacks."""
        for one, other, side in ((mart, truth, "mart"), (truth, mart, "truth")):
            extra = self.rows(f"from ({one}) except all from ({other}) order by all limit 5")
            assert not extra, (f"only in the {side}", extra)
        assert self.rows(f"select count(*) as n from ({truth})")[0]["n"] > 0


@pytest.fixture(scope="module", params=FAULTS)
def built(
    request: pytest.FixtureRequest,
    postgres_url: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Built]:
    """A simulated business of 3,000 users, extracted and built."""
    faults = request.param
    settings = settings_at(tmp_path_factory.mktemp(f"truth_{faults}"))
    with new_database(postgres_url, template=template_database) as url:
        simulate(
            url, users=3_000, days=500, seed=FAULTS[faults], until=UNTIL, faults=faults,
            truth_dir=settings.truth_dir, progress=lambda _: None,
        )  # fmt: skip
        extract(
            settings, source_url=url, run_id="run-1", progress=lambda _: None, full_refresh=False
        )
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update meta.run_manifest set as_of_at = ?", [f"{UNTIL} 00:00:00"])
    build(settings, *MARTS)
    yield Built(settings, faults)


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
                date_trunc('month', first_at)::date as cohort_month
            from firsts
        ),
        due as (
            select *, first_at + to_months((term * k)::integer) + interval 16 days as due_at
            from cohorts
        )
        select cohort_month, term as billing_months, k as period_number,
            count(*) as eligible,
            count(*) filter (where exists (
                select 1 from paid where paid.user_id = due.user_id
                    and chain_number = first_chain and renewal_number = k
                    and billing_months = due.term
            )) as retained
        from due where k = 0 or due_at <= timestamp '{UNTIL}' group by all"""
    mart = """
        select cohort_month, billing_months, period_number, eligible, retained
        from retention_cohorts where axis = 'renewal'"""
    built.assert_equal(mart, truth)


def test_lots_are_drawn_first_in_first_out(built: Built) -> None:
    columns = "lot_id, user_id::uuid, credits, consumed_credits, remaining_credits"
    built.assert_equal(
        f"""
        select {columns} from fct_credit_lots
        where user_id not in (
            select user_id from fct_receipts
            where refunded_at is not null and verdict = 'counted')""",
        f"select {columns} from {built.truth('credit_lots')}",
    )


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
    build(built.settings, "referral_performance_monthly")
    truth = f"""
        select strftime(u.signed_up_at, '%Y-%m') as month, count(*) as children
        from {built.truth("referral_edges")} as e
        join stg_user_profile as u on u.user_id = e.referrer_user_id::uuid
        where not e.is_test and e.delay_days < 30 group by 1"""
    mart = """
        select strftime(signup_month, '%Y-%m') as month, referred_signups_30d as children
        from referral_performance_monthly where referred_signups_30d > 0"""
    built.assert_equal(mart, truth)
