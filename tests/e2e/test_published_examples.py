"""Numbers that others have published come out of the marts when their input is in the app's tables.

One business holds them all, extracted three times: the examples are of other people, and those
that look at sums of a month have the month to themselves. Prices come from a price book of the
test's own, one offer an example. The retention forecast, which fits all customers, has a business
of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.publication.publications import publication_of
from pipelines.query.metrics import Question, answer
from tests.conftest import new_database
from tests.e2e.pipeline import Business, Pipeline, at

PRICE_BOOK = """\
product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount
hypnoelp_subscriptions/monthly-plan,five,,2010-01-01,,5.00,1,
hypnoelp_subscriptions/monthly-plan,eight,,2010-01-01,,8.00,1,
hypnoelp_subscriptions/monthly-plan,ten,,2010-01-01,,10.00,1,
hypnoelp_subscriptions/monthly-plan,twenty,,2010-01-01,,20.00,1,
hypnoelp_subscriptions/monthly-plan,thirty,,2010-01-01,,30.00,1,
hypnoelp_subscriptions/monthly-plan,thirtyone,,2010-01-01,,31.00,1,
hypnoelp_subscriptions/monthly-plan,seventy,,2010-01-01,,70.00,1,
hypnoelp_subscriptions/monthly-plan,eighty,,2010-01-01,,80.00,1,
hypnoelp_subscriptions/monthly-plan,hundred,,2010-01-01,,100.00,1,
hypnoelp_subscriptions/quarterly-plan,ninety,,2010-01-01,,90.00,3,
hypnoelp_subscriptions/yearly-plan,hundredtwenty,,2010-01-01,,120.00,12,
hypnoelp_subscriptions/yearly-plan,twoforty,,2010-01-01,,240.00,12,
hypnoelp_subscriptions/yearly-plan,sixhundred,,2010-01-01,,600.00,12,
ai_credits_500,,,2010-01-01,,1.00,,500
ai_credits_4000,,google_play,2010-01-01,,2.95,,4000
ai_credits_4000,,app_store,2010-01-01,,99.99,,4000
"""
TAX_RATE = 1 / 19  # on the net price: 5 % of the gross one
BANK = "update ai_usage set bank_limit_credits = %s, updated_at = %s where user_id = %s"
# Subscribers of each plan and offer who began three days ago, and the MRR of one.
PAYING = {
    "monthly-plan eight": (1, Decimal("8.0000")),
    "yearly-plan hundredtwenty": (1, Decimal("10.0000")),
    "quarterly-plan ninety": (1, Decimal("30.0000")),
    "yearly-plan twoforty": (2, Decimal("20.0000")),
    "monthly-plan thirty": (10, Decimal("30.0000")),
    "monthly-plan hundred": (100, Decimal("100.0000")),
    "yearly-plan sixhundred": (50, Decimal("50.0000")),
}


@dataclass
class World:
    """The business as it was published after each run, and who is who in it."""

    business: Business
    pipeline: Pipeline
    people: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def user(self, example: str, signed_up: str) -> uuid.UUID:
        """A new user of an example."""
        user_id = self.business.user(signed_up)
        self.people.setdefault(example, []).append(user_id)
        return user_id

    def bought(self, user_id: uuid.UUID, offer: str, *days: str, plan: str = "monthly") -> None:
        """A plan bought on the first day, and renewed on the others but the last, its end."""
        events = ["created"] + ["renewed"] * (len(days) - 2)
        for event, day, end in zip(events, days, days[1:], strict=False):
            self.business.event(
                user_id, event, day, base_plan_id=f"{plan}-plan", offer_id=offer, expires_at=at(end)
            )

    def read(self, query: str, *values: Any, run: int = -1) -> list[tuple[Any, ...]]:
        """Rows as they were published by a run, the last one unless said otherwise."""
        path = publication_of(self.pipeline.settings, self.runs[run])
        with duckdb.connect(str(path), read_only=True) as con:
            return con.execute(query, values or None).fetchall()

    def of(self, example: str, columns: str, rest: str, *, run: int = -1) -> list[tuple[Any, ...]]:
        """Rows of the users of an example; `rest` goes on from the table's name."""
        table, _, more = rest.partition(" ")
        query = f"select {columns} from (from {table} where user_id in (select unnest(?))) {more}"
        return self.read(query, self.people[example], run=run)


@pytest.fixture(scope="module")
def world(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("published")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text(PRICE_BOOK, encoding="utf-8")
    with new_database(postgres_url, template=template_database) as url:
        pipeline = Pipeline(folder, url, seeds_dir=seeds, dbt_vars={"tax_rate": TAX_RATE})
        world = World(Business(url), pipeline)
        for tell in (first, second, third):
            tell(world)
            world.runs.append(pipeline.run())
        yield world


def first(world: World) -> None:
    """What had happened before the first run."""
    business = world.business
    start = (datetime.now() - timedelta(days=3)).date().isoformat()
    for example, (count, _) in PAYING.items():
        plan, offer = example.split()
        for _ in range(count):
            user_id = world.user(example, start)
            business.event(user_id, "created", start, base_plan_id=plan, offer_id=offer)

    canceled = world.user("ends", "2026-04-15")
    world.bought(canceled, "ten", "2026-04-15", "2026-05-15", "2026-06-15")
    business.event(canceled, "canceled", "2026-06-08")
    business.event(canceled, "expired", "2026-06-15")

    product = "me.hypnoelp.app.ai_credits_4000"
    taxed = world.user("taxed", "2026-05-01")
    business.pack(taxed, "2026-05-02", 4000, source="app_store", product_id=product)

    monthly = world.user("recognised", "2025-01-15")
    world.bought(monthly, "thirtyone", "2025-01-15", "2025-02-15")
    business.event(monthly, "expired", "2025-02-15")

    stays, shrinks, leaves = (world.user("rates", f"2026-03-{day}") for day in (15, 16, 17))
    world.bought(stays, "seventy", "2026-03-15", "2026-04-15")
    business.event(stays, "renewed", "2026-04-15", offer_id="eighty", expires_at=at("2026-05-15"))
    world.bought(shrinks, "twenty", "2026-03-16", "2026-04-16")
    business.event(shrinks, "renewed", "2026-04-16", offer_id="ten", expires_at=at("2026-05-16"))
    world.bought(leaves, "ten", "2026-03-17", "2026-04-17")
    business.event(leaves, "expired", "2026-04-17")

    for number in range(100):
        user_id = world.user("customers", "2025-09-15")
        if number < 10:
            world.bought(user_id, "five", "2025-09-15", "2025-10-15")
            business.event(user_id, "expired", "2025-10-15")
        else:
            world.bought(user_id, "five", "2025-09-15", "2025-10-15", "2025-11-15")
    joined = world.user("customers", "2025-10-02")
    world.bought(joined, "five", "2025-10-02", "2025-11-02")
    business.event(joined, "expired", "2025-10-20", expires_at=at("2025-10-20"))

    weekly = world.user("weekly", "2026-03-01")
    business.pack(weekly, "2026-03-02", 500)
    business.add(
        "ai_usage",
        user_id=weekly,
        weekly_limit_credits=1000,
        weekly_used_credits=750,
        weekly_reset_date=at("2026-03-31"),
        bank_limit_credits=500,
        updated_at=at("2026-03-30"),
    )

    refunded = world.user("refunded", "2025-09-30")
    business.pack(refunded, "2025-10-01", 4000)
    business.add(
        "ai_usage",
        user_id=refunded,
        weekly_limit_credits=0,
        bank_limit_credits=4000,
        bank_used_credits=3000,
        updated_at=at("2025-10-08"),
    )


def second(world: World) -> None:
    """A quarter is sold, the weekly credits lapse, a pack is refunded."""
    quarterly = world.user("recognised", "2025-01-01")
    world.bought(quarterly, "ninety", "2025-01-01", "2025-04-01", plan="quarterly")
    world.business.event(quarterly, "expired", "2025-04-01", base_plan_id="quarterly-plan")
    world.business.execute(
        "update ai_usage set weekly_used_credits = 0, weekly_limit_credits = 0, "
        "weekly_reset_date = '2026-04-07Z', updated_at = '2026-04-01Z' where user_id = %s",
        *world.people["weekly"],
    )
    refund = (
        "update ai_credit_purchases set status = 'refunded', updated_at = %s where user_id = %s"
    )
    world.business.execute(refund, at("2025-10-12"), *world.people["refunded"])
    world.business.execute(BANK, 0, at("2025-10-12"), *world.people["refunded"])


def third(world: World) -> None:
    """Who was refunded buys the next pack."""
    (refunded,) = world.people["refunded"]
    world.business.pack(refunded, "2025-10-20", 4000)
    world.business.execute(BANK, 4000, at("2025-10-20"), refunded)


def test_prices_are_normalised_to_a_month(world: World) -> None:
    """RevenueCat, Adapty, Stripe, ChartMogul: 8 a month, 120 a year, 90 for three months."""
    mrr = {}
    for example, (count, of_one) in PAYING.items():
        ((mrr[example],),) = world.of(example, "sum(mrr_after_usd)", "fct_mrr_movements")
        assert mrr[example] == count * of_one, example
    assert mrr["yearly-plan twoforty"] + mrr["monthly-plan thirty"] == Decimal("340")
    assert mrr["monthly-plan hundred"] + mrr["yearly-plan sixhundred"] == Decimal("12500")
    closing = world.read(
        "select closing_mrr_usd from mrr_bridge_daily order by movement_date desc limit 1"
    )
    assert closing == [(Decimal("12888"),)]  # 8 + 10 + 30 + 340 + 12,500
    traced = world.read(
        "select source_column from lineage where mart = 'mrr_bridge_daily'"
        " and column_name = 'closing_mrr_usd' and source_table = 'price_book' order by all"
    )
    assert {("billing_months",), ("price_usd",)} <= set(traced)
    published = world.pipeline.settings.published
    asked = answer(published, Question(("mrr", "customers"), ("plan",)))
    assert asked.rows == [
        ("monthly", Decimal("10308"), 111),  # 8 + 300 + 10,000
        ("quarterly", Decimal("30"), 1),
        ("yearly", Decimal("2550"), 53),  # 10 + 40 + 2,500
    ]


def test_churn_falls_on_the_end_of_paid_access(world: World) -> None:
    """ProfitWell: 10.00 monthly from 15 April, canceled 8 June, MRR 10 until 15 June."""
    columns = "movement_type, movement_date, mrr_delta_usd, churn_reason"
    assert world.of("ends", columns, "fct_mrr_movements order by movement_at") == [
        ("new", date(2026, 4, 15), Decimal("10"), None),
        ("churn", date(2026, 6, 15), Decimal("-10"), "voluntary"),
    ]
    last = "fct_subscription_periods where period_start_at = '2026-05-15'"
    assert world.of("ends", "cancel_intent_at", last) == [(datetime(2026, 6, 8),)]
    on_14_june = world.read(
        "select closing_mrr_usd from mrr_bridge_daily where movement_date = '2026-06-14'"
    )
    assert on_14_june == [(Decimal("10"),)]


def test_tax_comes_before_commission(world: World) -> None:
    """RevenueCat: 99.99, 5 % of the price is tax, then 30 % commission: 94.99 and 66.49."""
    columns = "paid_usd - tax_usd, proceeds_usd"
    ((net, proceeds),) = world.of("taxed", columns, "fct_receipts")
    assert net == Decimal("94.9905")
    assert round(proceeds, 2) == Decimal("66.49")


def test_revenue_is_recognised_by_the_day(world: World) -> None:
    """Stripe: 31.00 monthly on 15 January is 17 and 14; 90.00 for a quarter is 31, 28, 31."""
    recognised = (
        "select recognition_month, recognised_usd, deferred_closing_usd "
        "from revenue_recognition_monthly "
        "where recognised_usd <> 0 and recognition_month < '2025-09-01' order by 1"
    )
    assert world.read(recognised, run=0) == [
        (date(2025, 1, 1), Decimal("17"), Decimal("14")),
        (date(2025, 2, 1), Decimal("14"), Decimal("0")),
    ]
    assert [row[:2] for row in world.read(recognised)] == [
        (date(2025, 1, 1), Decimal("48")),  # 17 + 31
        (date(2025, 2, 1), Decimal("42")),  # 14 + 28
        (date(2025, 3, 1), Decimal("31")),
    ]


def test_churn_rates_of_mrr(world: World) -> None:
    """ChartMogul: MRR 100; churn 10, contraction 10, expansion 10: gross 20 %, net 10 %."""
    ((opening, gross, net),) = world.read(
        "select opening_mrr_usd, gross_mrr_churn_rate, net_mrr_churn_rate "
        "from mrr_bridge_monthly where movement_month = '2026-04-01'"
    )
    assert opening == Decimal("100")
    assert (gross, net) == (pytest.approx(0.20), pytest.approx(0.10))


def test_customer_churn_leaves_out_who_joined_in_the_month(world: World) -> None:
    """ChartMogul: 100 customers at the start, 11 churned, one of them new: 10 %."""
    ((opening, churned, rate),) = world.read(
        "select opening_customers, churned_customers, customer_churn_rate "
        "from mrr_bridge_monthly where movement_month = '2025-10-01'"
    )
    assert (opening, churned) == (100, 11)
    assert rate == pytest.approx(0.10)


def test_weekly_credits_go_before_the_bank_and_lapse(world: World) -> None:
    """RevenueCat: 1000 that end, 500 that never do, 750 spent: 250 and 500 left, then 0 and 500."""
    left = "weekly_remaining_credits, bank_remaining_credits"
    assert world.of("weekly", left, "credit_balances", run=0) == [(250, 500)]
    assert world.of("weekly", left, "credit_balances", run=1) == [(0, 500)]
    columns = (
        "resets_between, weekly_consumed_credits, bank_consumed_credits, max_unobserved_credits"
    )
    lapsed = "fct_credit_consumption where observed_from_at is not null"
    assert world.of("weekly", columns, lapsed) == [(1, 0, 0, 250)]


def test_a_refund_of_used_credits_is_paid_by_the_next_pack(world: World) -> None:
    """4,000 bought 1 October, 3,000 used by the 8th, refunded the 12th, 4,000 bought the 20th."""
    columns = (
        "consumed_credits, revoked_credits, debt_credits, remaining_credits, recognised_usd, "
        "liability_usd"
    )
    assert world.of("refunded", columns, "fct_credit_lots order by purchased_at") == [
        (3000, 1000, 0, 0, Decimal("0"), Decimal("0")),
        (0, 0, 3000, 1000, Decimal("2.2125"), Decimal("0.7375")),
    ]
    balance = "bank_remaining_credits, is_reconciled"
    assert world.of("refunded", balance, "credit_balances") == [(1000, True)]
    october = world.read(
        "select debt_credits, recognised_usd, liability_usd from credit_liability_monthly "
        "where month = '2025-10-01'"
    )
    assert october == [(3000, Decimal("2.2125"), Decimal("0.7375"))]
    found = "quality_findings where source_table = 'ai_usage'"
    assert world.of("refunded", "check_name", found) == []


def test_retention_is_forecast_as_published(tmp_path: Path, source_url: str) -> None:
    """Fader and Hardie (2007), high end: fitted on years 0 to 7, alpha 0.668 and beta 3.806."""
    survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    forecast = {8: 0.460, 9: 0.436, 10: 0.414, 11: 0.395, 12: 0.378}
    business = Business(source_url)
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
            "hypnoelp_subscriptions",
            year,
            starts[year],
            starts[year + 1],
            survivors[year],
        )
    pipeline = Pipeline(tmp_path, source_url)
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
