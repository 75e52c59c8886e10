"""Stores that speak late, twice or in riddles: small inputs whose answers were worked by hand.

One world of many users (stories.py), written into PostgreSQL, extracted, built, checked and
published once; the clock stands at noon on 29 November 2026. Prices: monthly 4.95, yearly 49.95,
quarterly 12.95 kept by who began before 1 June 2026 and 15.95 from then on, packs 2.95 and 5.95.
Google's renewals may be 16 days late, Apple's 59.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.run import steps
from pipelines.transform.build import refuse_unbuilt
from tests.conftest import new_database
from tests.e2e.pipeline import Business, quiet
from tests.e2e.stories import PRICE_BOOK, STORES, Teller, tell_all
from tests.warehouse import settings_at

M, YEARLY = Decimal("4.95"), Decimal("4.1625")  # 49.95 / 12


@dataclass
class World:
    """The published file, and who is who in it."""

    settings: Settings
    people: dict[str, uuid.UUID]

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.published), read_only=True) as con:
            return con.execute(query, values or None).fetchall()

    def rows(self, who: str, columns: str, table: str, order: str) -> list[tuple[Any, ...]]:
        return self.read(
            f"select {columns} from {table} where user_id = ? order by {order}", self.people[who]
        )

    def findings(self, who: str) -> list[tuple[str, int]]:
        """Checks that found something of the user, with the number of rows."""
        return self.read(
            "select check_name, count(*) from quality_findings where user_id = ? "
            "group by all order by all",
            self.people[who],
        )

    def receipts(self, who: str) -> list[tuple[str, Decimal | None]]:
        """Verdict and money of each receipt; what is not counted brings nothing."""
        rows = self.rows(
            who, "verdict, paid_usd", "fct_receipts", "transacted_at, order_id, receipt_id"
        )
        return [(verdict, paid if verdict == "counted" else None) for verdict, paid in rows]

    def charged(self, who: str) -> Decimal:
        return sum((paid for _, paid in self.receipts(who) if paid is not None), Decimal(0))

    def moves(self, who: str) -> list[tuple[str, str, Decimal, str | None]]:
        rows = self.rows(
            who,
            "movement_at, movement_type, mrr_delta_usd, churn_reason",
            "fct_mrr_movements",
            "movement_at",
        )
        return [(f"{when:%Y-%m-%d}", *rest) for when, *rest in rows]

    def spans(self, who: str) -> list[tuple[str, str, str]]:
        """First and last day of access, and how it ended, of each period."""
        rows = self.rows(
            who,
            "period_start_at, effective_end_at, ended_by",
            "fct_subscription_periods",
            "period_start_at, opened_at",
        )
        return [(f"{begin:%m-%d}", f"{end:%m-%d}", by) for begin, end, by in rows]

    def last(self, who: str) -> tuple[str, bool, bool]:
        """Of the last period: how it ended, whether in grace, whether a cancel stands."""
        columns = "ended_by, is_in_grace, cancel_intent_at is not null"
        (*_, last) = self.rows(who, columns, "fct_subscription_periods", "period_start_at")
        return last


@pytest.fixture(scope="module")
def world(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("changes")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text(PRICE_BOOK, encoding="utf-8")
    (seeds / "stores.csv").write_text(STORES, encoding="utf-8")
    settings = settings_at(folder, seeds_dir=seeds)
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        teller = Teller(business)
        tell_all(teller)
        business.connection.close()
        extract(settings, source_url=url, run_id="run-1", progress=quiet, full_refresh=False)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update meta.run_manifest set as_of_at = timestamp '2026-11-29 12:00:00'")
    nodes = steps.build_step(settings, "run-1", progress=quiet)
    refuse_unbuilt(nodes)
    assert not [node.name for node in nodes if node.status == "fail"]
    steps.refuse_errors(steps.check_step(settings, "run-1", progress=quiet))
    steps.publish_step(settings, "run-1")
    yield World(settings, teller.people)


def test_on_apple_the_transaction_is_the_sale(world: World) -> None:
    """The row that names no transaction is the receipt's first sale told again."""
    who = "one receipt, two transactions"
    assert world.receipts(who) == [
        ("counted", Decimal("2.95")),
        ("counted", Decimal("5.95")),
        ("duplicate_token", None),
    ]
    assert world.charged(who) == Decimal("8.90")
    lots = world.rows(who, "credits", "fct_credit_lots", "credits")
    assert lots == [(4000,), (10_000,)]
    assert "unexplained_credits" not in dict(world.findings(who))


def test_apples_original_transaction_repeats_on_renewals(world: World) -> None:
    who = "original transaction on renewals"
    assert world.charged(who) == Decimal("19.80")
    assert world.moves(who) == [("2026-08-03", "new", M, None)]
    assert world.rows(who, "chain_number", "fct_subscription_periods", "1") == [(1,)] * 4


def test_five_minutes_of_a_monthly_plan_are_no_revenue_and_no_mrr(world: World) -> None:
    who = "periods of five minutes"
    assert world.receipts(who) == [("implausible", None)] * 7
    assert world.moves(who) == []
    flags = world.rows(who, "is_implausible, price_usd, mrr_usd", "fct_subscription_periods", "1")
    assert flags == [(True, None, Decimal(0))] * 7


def test_a_change_of_plan_that_the_old_plan_pays_charges_nothing(world: World) -> None:
    who = "change of plan without charge"
    assert world.receipts(who) == [
        ("counted", M),
        ("not_a_sale", None),
        ("counted", Decimal("49.95")),
    ]
    assert world.charged(who) == Decimal("54.90")
    assert world.moves(who) == [
        ("2026-10-01", "new", M, None),
        ("2026-10-16", "contraction", YEARLY - M, None),
    ]
    columns = "price_basis, list_price_usd"
    assert ("prorated", Decimal("49.95")) in world.rows(who, columns, "fct_receipts", "1")


def test_auto_renew_decides_between_contradictory_words(world: World) -> None:
    assert world.last("cancel undone") == ("open", False, False)
    assert world.last("cancel that stands") == ("open", False, True)
    states = "select state, customers from subscription_states_daily where date = '2026-11-29'"
    assert dict(world.read(states))["active_canceling"] == 1
    intents = [
        world.rows(who, "cancel_intent_at", "fct_subscription_periods", "1")
        for who in ("cancel undone", "cancel that stands")
    ]
    assert intents == [[(None,)], [(datetime(2026, 11, 8),)]]


def test_a_cancel_stored_seconds_before_its_created_event_is_that_periods(world: World) -> None:
    assert world.moves("cancel stored before created") == [
        ("2026-10-20", "new", M, None),
        ("2026-11-20", "churn", -M, "voluntary"),
    ]


def test_who_switched_renewal_off_has_no_grace(world: World) -> None:
    """Nine days after the end the silent one still counts; the other left without a cancel."""
    assert world.moves("switched off without a word")[1:] == [
        ("2026-11-20", "churn", -M, "involuntary")
    ]
    assert world.moves("silent end") == [("2026-10-20", "new", M, None)]
    assert world.last("silent end") == ("open", True, False)


def test_subscribers_keep_the_price_of_the_day_on_which_they_began(world: World) -> None:
    assert world.receipts("keeps the price") == [("counted", Decimal("12.95"))] * 4
    assert world.moves("keeps the price") == [("2026-01-10", "new", Decimal("4.3167"), None)]
    assert world.receipts("begins a day late") == [("counted", Decimal("15.95"))]


def test_a_trial_phase_comes_once(world: World) -> None:
    who = "trial offer on renewals"
    assert world.receipts(who) == [("not_a_sale", None), ("counted", M), ("counted", M)]
    assert world.moves(who) == [("2026-10-08", "new", M, None)]


def test_repeats_are_found_before_anything_is_no_sale(world: World) -> None:
    who = "trial told twice"
    assert [verdict for verdict, _ in world.receipts(who)] == [
        "not_a_sale",
        "duplicate_order",
        "counted",
        "counted",
    ]
    assert world.moves(who) == [("2026-10-08", "new", M, None)]
    assert len(world.spans(who)) == 3


def test_a_period_that_never_expires_leaves_the_rest_alone(world: World) -> None:
    who = "never expires"
    assert world.receipts(who) == [("implausible", None), ("counted", M)]
    assert world.spans(who) == [("10-01", "10-01", "renewed"), ("11-01", "12-01", "open")]
    assert world.moves(who) == [("2026-11-01", "new", M, None)]


def test_a_late_renewal_of_a_replaced_plan_replaces_nothing(world: World) -> None:
    """Monthly to 24 September, its late renewal to 28 September, when the quarterly takes over."""
    who = "late renewal of the old plan"
    assert world.spans(who) == [
        ("08-24", "09-24", "renewed"),
        ("09-24", "09-28", "replaced"),
        ("09-28", "12-28", "open"),
    ]
    assert world.charged(who) == Decimal("25.85")  # 4.95 + 4.95 + 15.95
    assert world.moves(who) == [
        ("2026-08-24", "new", M, None),
        ("2026-09-28", "expansion", Decimal("0.3667"), None),
    ]


def test_a_cancel_belongs_to_the_period_whose_end_it_names(world: World) -> None:
    assert world.moves("cancel of a period recorded later") == [
        ("2026-07-09", "new", M, None),
        ("2026-09-09", "churn", -M, "voluntary"),
    ]


def test_what_lies_after_as_of_has_not_happened(world: World) -> None:
    for who in ("dated ahead", "pack dated ahead"):
        assert [verdict for verdict, _ in world.receipts(who)] == ["future"]
        for table in ("fct_revenue", "fct_subscription_periods", "fct_credit_lots"):
            assert world.rows(who, "user_id", table, "1") == []
    assert world.rows("dated ahead", "paid_to_date_usd", "dim_users", "1") == [(Decimal(0),)]


def test_a_length_within_twice_the_plans_is_fine(world: World) -> None:
    assert world.receipts("a month of 27 or 58 days") == [("counted", M)] * 2


def test_a_late_renewal_without_an_order_numbers_base_follows_its_plan_and_end(
    world: World,
) -> None:
    who = "late renewal without an order number's base"
    assert world.spans(who) == [
        ("08-24", "09-24", "renewed"),
        ("09-24", "09-28", "replaced"),
        ("09-28", "12-28", "open"),
    ]
    assert world.charged(who) == Decimal("25.85")
    assert [move[1] for move in world.moves(who)] == ["new", "expansion"]


@pytest.mark.parametrize("who", ["renewal told after grace", "renewal told after the next one"])
def test_a_renewal_told_late_belongs_to_the_period_that_it_names(world: World, who: str) -> None:
    """Ten days or none of its month were left as it was told; the month was paid all the same."""
    months = [("08-10", "09-10"), ("09-10", "10-10"), ("10-10", "11-10")]
    ended = ("renewed", "renewed", "expired")
    assert world.spans(who) == [(*span, by) for span, by in zip(months, ended, strict=True)]
    assert world.charged(who) == 3 * M
    lived = [("2026-08-10", "new", M, None), ("2026-11-10", "churn", -M, "involuntary")]
    assert world.moves(who) == lived
    assert ("renewal_late", 1) in world.findings(who)


def test_renewals_told_at_once_follow_each_other_by_their_ends(world: World) -> None:
    who = "four months told at once"
    found = [(begin, end) for begin, end, _ in world.spans(who)]
    ends = [f"{month:02}-15" for month in range(5, 11)]
    assert found == list(pairwise(ends))
    assert world.charged(who) == 5 * M
    assert [move[:2] for move in world.moves(who)] == [
        ("2026-05-15", "new"),
        ("2026-10-15", "churn"),
    ]


def test_a_renewal_of_an_older_purchase_told_after_grace_replaces_nothing(world: World) -> None:
    who = "renewal of an older purchase told after grace"
    assert world.spans(who) == [
        ("07-24", "08-24", "renewed"),
        ("08-24", "08-28", "replaced"),
        ("08-28", "11-28", "open"),
    ]
    assert [move[:2] for move in world.moves(who)] == [
        ("2026-07-24", "new"),
        ("2026-08-28", "expansion"),
    ]


def test_an_event_is_told_apart_by_what_it_says_not_by_when_it_was_written(world: World) -> None:
    who = "renewal told again five days later"
    assert world.charged(who) == 3 * M
    assert [verdict for verdict, _ in world.receipts(who)].count("duplicate_order") == 1
    assert len(world.spans(who)) == 3 and world.moves(who) == [("2026-09-01", "new", M, None)]


def test_an_expiry_belongs_to_the_period_whose_end_it_names(world: World) -> None:
    who = "end of an earlier period told late"
    assert world.spans(who) == [
        ("09-01", "10-01", "renewed"),
        ("10-01", "11-01", "renewed"),
        ("11-01", "12-01", "open"),
    ]
    assert world.moves(who) == [("2026-09-01", "new", M, None)]


def test_each_store_has_its_own_grace(world: World) -> None:
    """40 days after the end Google's customer is lost, Apple's is not; nothing that ended within
    the longest grace is complete: September ended 59 days and a half before, October 28."""
    lost, kept = (f"silent since October at {store}" for store in ("google", "apple"))
    assert world.moves(lost)[1:] == [("2026-10-20", "churn", -M, "involuntary")]
    assert (world.last(lost)[0], world.last(kept)) == ("lapsed", ("open", True, False))
    assert len(world.moves(kept)) == 1
    ends = "grace_ends_at"
    assert world.rows(kept, ends, "fct_subscription_periods", "1") == [(datetime(2026, 12, 18),)]
    for mart, month, flag in (
        ("mrr_bridge_monthly", "movement_month", "is_complete"),
        ("mrr_bridge_by_segment_monthly", "movement_month", "is_complete"),
        ("dim_dates", "month", "is_complete_month"),
    ):
        complete = world.read(
            f"select distinct {month}, {flag} from {mart} "
            f"where {month} between '2026-08-01' and '2026-11-01' order by 1"
        )
        assert [value for _, value in complete] == [True, True, False, False], mart
    for mart, day in (
        ("mrr_bridge_daily", "movement_date"),
        ("subscription_states_daily", "date"),
        ("trial_movements_daily", "date"),
    ):
        last = world.read(f"select max({day}) from {mart} where is_complete")
        assert last == [(date(2026, 9, 30),)], mart
    # Google's renewal due on 20 October is settled, Apple's of the same day is not
    cohort = world.read(
        "select cohort_size, eligible, retained from retention_cohorts where axis = 'renewal' "
        "and first_paid_month = '2026-09-01' and billing_months = 1 and period_number = 1"
    )
    assert cohort == [(4, 3, 2)]


def test_on_google_the_token_or_the_order_is_the_sale(world: World) -> None:
    """Two orders under one token, the second order again under another token: one sale, which
    nobody else can use."""
    assert world.receipts("one token, then one order") == [
        ("counted", Decimal("2.95")),
        ("duplicate_token", None),
        ("duplicate_order", None),
    ]
    assert world.receipts("uses another's receipt") == [("replayed", None)]


def test_recorded_credits_are_held_against_the_pack(world: World) -> None:
    """Twice the pack is a quantity; half as much again, or a hundred times, contradicts it."""
    who = "credits that contradict the pack"
    columns = "paid_usd, quantity, list_price_usd"
    price = Decimal("2.95")
    assert world.rows(who, columns, "fct_receipts", "transacted_at") == [
        (2 * price, 2, 2 * price),
        (price, 1, price),
        (price, 1, price),
    ]
    lots = world.rows(who, "credits, paid_usd", "fct_credit_lots", "purchased_at")
    assert lots == [(8000, 2 * price), (6000, price), (4000, price)]
    assert ("contradicting_credits", 2) in world.findings(who)


def test_lots_that_differ_from_the_bank_are_found(world: World) -> None:
    who = "used before the pack, says the bank"
    balance = "bank_remaining_credits, is_reconciled"
    assert world.rows(who, balance, "credit_balances", "1") == [(1000, False)]
    assert ("lots_differ_from_bank", 1) in world.findings(who)


def test_use_that_a_refund_hides_is_marked(world: World) -> None:
    who = "refunded before the first snapshot"
    columns = "consumed_credits, revoked_credits, is_use_before_first_look_hidden"
    assert world.rows(who, columns, "fct_credit_lots", "1") == [(0, 4000, True)]


def test_what_contradicts_its_plan_or_lies_ahead_is_a_finding_at_its_row(world: World) -> None:
    assert ("implausible_period", 7) in world.findings("periods of five minutes")
    assert ("implausible_period", 1) in world.findings("never expires")
    for who in ("dated ahead", "pack dated ahead"):
        assert ("not_yet_happened", 1) in world.findings(who)
    for who in ("a month of 27 or 58 days", "original transaction on renewals", "keeps the price"):
        found = {check for check, _ in world.findings(who)}
        assert found.isdisjoint({"implausible_period", "not_yet_happened", "repeated_event"}), who


def test_premium_without_paid_access_is_a_finding(world: World) -> None:
    assert ("premium_without_access", 1) in world.findings("premium after the end")


def test_nothing_of_the_future_is_in_any_month(world: World) -> None:
    for mart, month in (
        ("revenue_monthly", "revenue_month"),
        ("revenue_recognition_monthly", "recognition_month"),
        ("revenue_by_segment_monthly", "revenue_month"),
        ("credit_liability_monthly", "month"),
        ("mrr_bridge_monthly", "movement_month"),
    ):
        assert world.read(f"select max({month}) from {mart}") == [(date(2026, 11, 1),)], mart


def test_what_counts_from_the_first_look_on_says_since_when(world: World) -> None:
    """Every mart by period that is made of a balance's or a counter's versions."""
    made_of_counters = {
        mart
        for (mart,) in world.read(
            "select distinct mart from lineage where source_column in "
            "('bank_used_credits', 'weekly_used_credits', 'no_of_plays')"
        )
    }
    columns = world.read(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = 'main' "
        "group by all having list_contains(list(column_name), 'is_complete')"
    )
    by_period = {mart: names for mart, names in columns if mart in made_of_counters}
    assert set(by_period) == {
        "credit_consumption_weekly",
        "credit_liability_monthly",
        "credit_liability_ageing_monthly",
        "cohort_explorer",
        "revenue_recognition_monthly",
    }
    assert [mart for mart, names in by_period.items() if "is_observed" not in names] == []
    first_look = "select distinct is_observed from revenue_recognition_monthly where product_kind"
    assert world.read(f"{first_look} = 'ai_credits'") == [(False,)]
    assert world.read(f"{first_look} = 'subscription'") == [(True,)]
