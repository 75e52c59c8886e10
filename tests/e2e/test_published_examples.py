"""Numbers that others have published come out of the marts when their input is in the app's tables.

Prices come from a price book of the test's own, through HYPNOMART_SEEDS, one offer an example.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.query.metrics import Question, answer
from tests.e2e.pipeline import Business, Pipeline, at

PRICE_BOOK = (
    "product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount"
)
PLAN = "hypnoelp_subscriptions"


@pytest.fixture
def business(source_url: str) -> Business:
    """An empty app."""
    return Business(source_url)


def price_book(folder: Path, *prices: tuple[str, str, str, int | None, int | None]) -> Path:
    """A seeds folder with (product_key, offer, price, months, credits) rows, always valid."""
    seeds = folder / "seeds"
    seeds.mkdir()
    lines = [
        f"{key},{offer},,2010-01-01,,{price},{months or ''},{credits or ''}"
        for key, offer, price, months, credits in prices
    ]
    (seeds / "price_book.csv").write_text("\n".join([PRICE_BOOK, *lines]) + "\n", encoding="utf-8")
    return seeds


def subscriber(business: Business, plan: str, offer: str, days_ago: int) -> uuid.UUID:
    """A user who began to pay some days ago and still does."""
    start = (datetime.now() - timedelta(days=days_ago)).date().isoformat()
    user_id = business.user(start)
    business.event(user_id, "created", start, base_plan_id=plan, offer_id=offer)
    return user_id


def test_prices_are_normalised_to_a_month(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """RevenueCat, Adapty, Stripe, ChartMogul: 8 a month, 120 a year, 90 for three months."""
    seeds = price_book(
        tmp_path,
        (f"{PLAN}/monthly-plan", "eight", "8.00", 1, None),
        (f"{PLAN}/yearly-plan", "hundredtwenty", "120.00", 12, None),
        (f"{PLAN}/quarterly-plan", "ninety", "90.00", 3, None),
        (f"{PLAN}/yearly-plan", "twoforty", "240.00", 12, None),
        (f"{PLAN}/monthly-plan", "thirty", "30.00", 1, None),
        (f"{PLAN}/monthly-plan", "hundred", "100.00", 1, None),
        (f"{PLAN}/yearly-plan", "sixhundred", "600.00", 12, None),
    )
    groups = {
        "monthly-plan eight": (1, Decimal("8.0000")),
        "yearly-plan hundredtwenty": (1, Decimal("10.0000")),
        "quarterly-plan ninety": (1, Decimal("30.0000")),
        "yearly-plan twoforty": (2, None),
        "monthly-plan thirty": (10, None),
        "monthly-plan hundred": (100, None),
        "yearly-plan sixhundred": (50, None),
    }
    members: dict[str, list[uuid.UUID]] = {}
    for name, (count, _) in groups.items():
        plan, offer = name.split()
        members[name] = [subscriber(business, plan, offer, 3) for _ in range(count)]
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    pipeline.run()

    def mrr(*names: str) -> Decimal:
        ids = [str(user) for name in names for user in members[name]]
        total = pipeline.value(
            "select sum(mrr_after_usd) from fct_mrr_movements "
            "where cast(user_id as varchar) in (select unnest(?))",
            ids,
        )
        assert isinstance(total, Decimal)
        return total

    for name, (_, expected) in groups.items():
        if expected is not None:
            assert mrr(name) == expected, name
    assert mrr("yearly-plan twoforty", "monthly-plan thirty") == Decimal("340")
    assert mrr("monthly-plan hundred", "yearly-plan sixhundred") == Decimal("12500")
    closing = pipeline.value(
        "select closing_mrr_usd from mrr_bridge_daily order by movement_date desc limit 1"
    )
    assert closing == Decimal("12888")  # 8 + 10 + 30 + 340 + 12,500
    traced = pipeline.read(
        "select source_column from lineage where mart = 'mrr_bridge_daily'"
        " and column_name = 'closing_mrr_usd' and source_table = 'price_book' order by all"
    )
    assert {"billing_months", "price_usd"} <= {row["source_column"] for row in traced}
    asked = answer(pipeline.settings.published, Question(("mrr", "customers"), ("plan",)))
    assert asked.rows == [
        ("monthly", Decimal("10308"), 111),  # 8 + 300 + 10,000
        ("quarterly", Decimal("30"), 1),
        ("yearly", Decimal("2550"), 53),  # 10 + 40 + 2,500
    ]


def test_churn_falls_on_the_end_of_paid_access(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """ProfitWell: 10.00 monthly from 15 April, canceled 8 June, MRR 10 until 15 June."""
    seeds = price_book(tmp_path, (f"{PLAN}/monthly-plan", "", "10.00", 1, None))
    user_id = business.user("2026-04-15")
    business.event(user_id, "created", "2026-04-15", expires_at=at("2026-05-15"))
    business.event(user_id, "renewed", "2026-05-15", expires_at=at("2026-06-15"))
    business.event(user_id, "canceled", "2026-06-08")
    business.event(user_id, "expired", "2026-06-15")
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    pipeline.run()

    movements = pipeline.read(
        "select movement_type, movement_date, mrr_delta_usd, churn_reason "
        "from fct_mrr_movements order by movement_at"
    )
    assert [tuple(movement.values()) for movement in movements] == [
        ("new", date(2026, 4, 15), Decimal("10"), None),
        ("churn", date(2026, 6, 15), Decimal("-10"), "voluntary"),
    ]
    canceled = pipeline.value(
        "select cancel_intent_at from fct_subscription_periods where period_start_at = '2026-05-15'"
    )
    assert canceled == datetime(2026, 6, 8)
    on_14_june = pipeline.value(
        "select closing_mrr_usd from mrr_bridge_daily where movement_date = '2026-06-14'"
    )
    assert on_14_june == Decimal("10")


def test_tax_comes_before_commission(tmp_path: Path, source_url: str, business: Business) -> None:
    """RevenueCat: 99.99, 5 % of the price is tax, then 30 % commission: 94.99 and 66.49.

    tax_rate is a rate on the net price: 5 % of the gross one is 1/19 of the net one.
    """
    seeds = price_book(tmp_path, ("ai_credits_4000", "", "99.99", None, 4000))
    user_id = business.user("2026-05-01")
    business.pack(
        user_id,
        "2026-05-02",
        4000,
        source="app_store",
        product_id="me.hypnoelp.app.ai_credits_4000",
    )
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds, dbt_vars={"tax_rate": 1 / 19})
    pipeline.run()
    receipt = pipeline.read("select paid_usd, tax_usd, proceeds_usd from fct_receipts")[0]
    assert receipt["paid_usd"] - receipt["tax_usd"] == Decimal("94.9905")
    assert round(receipt["proceeds_usd"], 2) == Decimal("66.49")


def test_revenue_is_recognised_by_the_day(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """Stripe: 31.00 monthly on 15 January is 17 and 14; 90.00 for a quarter is 31, 28, 31."""
    seeds = price_book(
        tmp_path,
        (f"{PLAN}/monthly-plan", "", "31.00", 1, None),
        (f"{PLAN}/quarterly-plan", "", "90.00", 3, None),
    )
    monthly = business.user("2026-01-15")
    business.event(monthly, "created", "2026-01-15", expires_at=at("2026-02-15"))
    business.event(monthly, "expired", "2026-02-15")
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    recognised = (
        "select recognition_month, recognised_usd, deferred_closing_usd "
        "from revenue_recognition_monthly where recognised_usd <> 0 order by 1"
    )
    pipeline.run()
    assert [tuple(row.values()) for row in pipeline.read(recognised)] == [
        (date(2026, 1, 1), Decimal("17"), Decimal("14")),
        (date(2026, 2, 1), Decimal("14"), Decimal("0")),
    ]
    quarterly = business.user("2026-01-01")
    plan = {"base_plan_id": "quarterly-plan"}
    business.event(quarterly, "created", "2026-01-01", expires_at=at("2026-04-01"), **plan)
    business.event(quarterly, "expired", "2026-04-01", **plan)
    pipeline.run()
    assert [tuple(row.values())[:2] for row in pipeline.read(recognised)] == [
        (date(2026, 1, 1), Decimal("48")),  # 17 + 31
        (date(2026, 2, 1), Decimal("42")),  # 14 + 28
        (date(2026, 3, 1), Decimal("31")),
    ]


def test_churn_rates_of_mrr(tmp_path: Path, source_url: str, business: Business) -> None:
    """ChartMogul: MRR 100; churn 10, contraction 10, expansion 10: gross 20 %, net 10 %."""
    seeds = price_book(
        tmp_path,
        (f"{PLAN}/monthly-plan", "seventy", "70.00", 1, None),
        (f"{PLAN}/monthly-plan", "twenty", "20.00", 1, None),
        (f"{PLAN}/monthly-plan", "ten", "10.00", 1, None),
        (f"{PLAN}/monthly-plan", "eighty", "80.00", 1, None),
    )
    stays = business.user("2026-03-15")  # 70, then 80
    business.event(stays, "created", "2026-03-15", offer_id="seventy", expires_at=at("2026-04-15"))
    business.event(stays, "renewed", "2026-04-15", offer_id="eighty", expires_at=at("2026-05-15"))
    shrinks = business.user("2026-03-16")  # 20, then 10
    business.event(shrinks, "created", "2026-03-16", offer_id="twenty", expires_at=at("2026-04-16"))
    business.event(shrinks, "renewed", "2026-04-16", offer_id="ten", expires_at=at("2026-05-16"))
    leaves = business.user("2026-03-17")  # 10, then nothing
    business.event(leaves, "created", "2026-03-17", offer_id="ten", expires_at=at("2026-04-17"))
    business.event(leaves, "expired", "2026-04-17")
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    pipeline.run()
    april = pipeline.read("select * from mrr_bridge_monthly where movement_month = '2026-04-01'")[0]
    assert april["opening_mrr_usd"] == Decimal("100")
    assert april["gross_mrr_churn_rate"] == pytest.approx(0.20)
    assert april["net_mrr_churn_rate"] == pytest.approx(0.10)


def test_customer_churn_leaves_out_who_joined_in_the_month(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """ChartMogul: 100 customers at the start, 11 churned, one of them new: 10 %."""
    seeds = price_book(tmp_path, (f"{PLAN}/monthly-plan", "", "5.00", 1, None))
    for number in range(100):
        user_id = business.user("2026-03-15")
        business.event(user_id, "created", "2026-03-15", expires_at=at("2026-04-15"))
        if number < 10:
            business.event(user_id, "expired", "2026-04-15")
        else:
            business.event(user_id, "renewed", "2026-04-15", expires_at=at("2026-05-15"))
    joined = business.user("2026-04-02")
    business.event(joined, "created", "2026-04-02", expires_at=at("2026-05-02"))
    business.event(joined, "expired", "2026-04-20", expires_at=at("2026-04-20"))
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    pipeline.run()
    april = pipeline.read("select * from mrr_bridge_monthly where movement_month = '2026-04-01'")[0]
    assert (april["opening_customers"], april["churned_customers"]) == (100, 11)
    assert april["customer_churn_rate"] == pytest.approx(0.10)


def test_weekly_credits_go_before_the_bank_and_lapse(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """RevenueCat: 1000 that end, 500 that never do, 750 spent: 250 and 500 left, then 0 and 500."""
    seeds = price_book(tmp_path, ("ai_credits_500", "", "1.00", None, 500))
    user_id = business.user("2026-03-01")
    business.pack(user_id, "2026-03-02", 500)
    business.add(
        "ai_usage",
        user_id=user_id,
        weekly_limit_credits=1000,
        weekly_used_credits=750,
        weekly_reset_date=at("2026-03-31"),
        bank_limit_credits=500,
        updated_at=at("2026-03-30"),
    )
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    left = "select weekly_remaining_credits, bank_remaining_credits from credit_balances"
    pipeline.run()
    assert tuple(pipeline.read(left)[0].values()) == (250, 500)
    business.execute(
        "update ai_usage set weekly_used_credits = 0, weekly_limit_credits = 0, "
        "weekly_reset_date = '2026-04-07Z', updated_at = '2026-04-01Z'"
    )
    pipeline.run()
    assert tuple(pipeline.read(left)[0].values()) == (0, 500)
    lapsed = pipeline.read(
        "select resets_between, weekly_consumed_credits, bank_consumed_credits, "
        "max_unobserved_credits from fct_credit_consumption where observed_from_at is not null"
    )
    assert [tuple(row.values()) for row in lapsed] == [(1, 0, 0, 250)]


def test_retention_is_forecast_as_published(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """Fader and Hardie (2007), high end: fitted on years 0 to 7, alpha 0.668 and beta 3.806."""
    survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    forecast = {8: 0.460, 9: 0.436, 10: 0.414, 11: 0.395, 12: 0.378}
    seeds = price_book(tmp_path, (f"{PLAN}/yearly-plan", "", "120.00", 12, None))
    start = (datetime.now(UTC) - timedelta(days=60)).date().replace(day=1)
    starts = [start.replace(year=start.year - 7 + year) for year in range(9)]
    for year in range(8):
        kind = "created" if year == 0 else "renewed"
        business.execute(
            "insert into auth.users (id, email) "
            "select md5('customer ' || n)::uuid, n || '@example.org' "
            "from generate_series(1, %s) n on conflict do nothing",
            survivors[0] if year == 0 else 0,
        )
        business.execute(
            "insert into subscription_events (user_id, event_type, product_id, base_plan_id, "
            "source, purchase_id, created_at, expires_at) "
            "select md5('customer ' || n)::uuid, %s, %s, 'yearly-plan', 'google_play', "
            "'GPA.' || n || '..' || %s::text, %s::date::timestamp at time zone 'UTC', "
            "%s::date::timestamp at time zone 'UTC' from generate_series(1, %s) n",
            kind,
            PLAN,
            year,
            starts[year],
            starts[year + 1],
            survivors[year],
        )
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds)
    pipeline.run()
    rows = pipeline.read(
        "select period_number, forecast_survival_rate, alpha, beta, customers, fit_status "
        "from retention_forecast where billing_months = 12"
    )
    assert {(row["customers"], row["fit_status"]) for row in rows} == {(1000, "fitted")}
    assert rows[0]["alpha"] == pytest.approx(0.668, abs=0.0005)
    assert rows[0]["beta"] == pytest.approx(3.806, abs=0.0005)
    found = {row["period_number"]: row["forecast_survival_rate"] for row in rows}
    assert {k: found[k] for k in forecast} == pytest.approx(forecast, abs=0.0005)


def test_a_refund_of_used_credits_is_paid_by_the_next_pack(
    tmp_path: Path, source_url: str, business: Business
) -> None:
    """4,000 bought 1 October, 3,000 used by the 8th, refunded the 12th, 4,000 bought the 20th."""
    user_id = business.user("2026-09-30")
    receipt = business.pack(user_id, "2026-10-01", 4000)
    business.add(
        "ai_usage",
        user_id=user_id,
        weekly_limit_credits=0,
        bank_limit_credits=4000,
        bank_used_credits=3000,
        updated_at=at("2026-10-08"),
    )
    pipeline = Pipeline(tmp_path, source_url)
    pipeline.run()
    refunded = "update ai_credit_purchases set status = 'refunded', updated_at = %s where id = %s"
    business.execute(refunded, at("2026-10-12"), receipt)
    bank = "update ai_usage set bank_limit_credits = %s, updated_at = %s"
    business.execute(bank, 0, at("2026-10-12"))
    pipeline.run()
    business.pack(user_id, "2026-10-20", 4000)
    business.execute(bank, 4000, at("2026-10-20"))
    pipeline.run()

    lots = pipeline.read("""
        select consumed_credits, revoked_credits, debt_credits, remaining_credits, recognised_usd,
            liability_usd
        from fct_credit_lots order by purchased_at""")
    assert [tuple(lot.values()) for lot in lots] == [
        (3000, 1000, 0, 0, Decimal("0"), Decimal("0")),
        (0, 0, 3000, 1000, Decimal("2.2125"), Decimal("0.7375")),
    ]
    balance = "select bank_remaining_credits, is_reconciled from credit_balances"
    assert pipeline.read(balance) == [{"bank_remaining_credits": 1000, "is_reconciled": True}]
    october = pipeline.read("""
        select debt_credits, recognised_usd, liability_usd from credit_liability_monthly
        where month = '2026-10-01'""")
    assert [tuple(row.values()) for row in october] == [
        (3000, Decimal("2.2125"), Decimal("0.7375"))
    ]
    found = "select check_name from quality_findings where source_table = 'ai_usage'"
    assert pipeline.read(found) == []
