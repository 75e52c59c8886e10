"""Stores that speak late, twice or in riddles: small inputs whose answers were worked by hand.

One world of many users, written into PostgreSQL, extracted and built once; the clock stands at noon
on 29 November 2026. Prices: monthly 4.95, yearly 49.95, quarterly 12.95 kept by who began before
1 June 2026 and 15.95 from then on, packs 2.95 and 5.95.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines import steps
from pipelines.extract.run import extract
from pipelines.settings import Settings
from pipelines.transform import refuse_unbuilt
from tests.conftest import new_database
from tests.e2e.pipeline import Business, at, quiet
from tests.warehouse import read, settings_at

PRICE_BOOK = """\
product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount,is_kept
hypnoelp_subscriptions/monthly-plan,,,2020-01-01,,4.95,1,,false
hypnoelp_subscriptions/monthly-plan,free-trial,,2020-01-01,,0.00,1,,false
hypnoelp_subscriptions/quarterly-plan,,,2020-01-01,2026-06-01,12.95,3,,true
hypnoelp_subscriptions/quarterly-plan,,,2026-06-01,,15.95,3,,false
hypnoelp_subscriptions/yearly-plan,,,2020-01-01,,49.95,12,,false
ai_credits_4000,,,2020-01-01,,2.95,,4000,false
ai_credits_10000,,,2020-01-01,,5.95,,10000,false
"""
Q, Y = {"base_plan_id": "quarterly-plan"}, {"base_plan_id": "yearly-plan"}
APPLE = {
    "source": "app_store",
    "product_id": "me.hypnoelp.app.subscription_1month",
    "base_plan_id": None,
}
M, YEARLY = Decimal("4.95"), Decimal("4.1625")  # 49.95 / 12


@dataclass
class World:
    """The built warehouse, and who is who in it."""

    settings: Settings
    people: dict[str, uuid.UUID]

    def rows(self, who: str, columns: str, table: str, order: str) -> list[tuple[Any, ...]]:
        sql = f"select {columns} from {table} where user_id = ? order by {order}"
        return [tuple(row.values()) for row in read(self.settings, sql, self.people[who])]

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

    def state(self, who: str) -> str | None:
        rows = self.rows(who, "state", "int_subscription_states", "changed_at desc")
        return rows[0][0] if rows else None


class Teller:
    """Writes each case, its user named."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.people: dict[str, uuid.UUID] = {}

    def user(self, name: str, **profile: Any) -> uuid.UUID:
        self.people[name] = self.business.user("2025-12-01", **profile)
        return self.people[name]

    def story(self, name: str, *events: tuple[str, str, str | None, dict[str, Any]]) -> uuid.UUID:
        """A user's events: (type, created, the end that it names, what else it says)."""
        user = self.user(name)
        for kind, when, end, values in events:
            expires = {} if end is None else {"expires_at": at(end)}
            self.business.event(user, kind, when, **expires, **values)
        return user

    def renews(self, user: uuid.UUID, auto_renew: bool, when: str, plan: str = "premium") -> None:
        """The billing state of a user, as the app last wrote it."""
        self.business.add(
            "subscriptions",
            user_id=user,
            plan=plan,
            auto_renew=auto_renew,
            created_at=at("2025-12-01"),
            updated_at=at(when),
        )


def tell_all(teller: Teller) -> None:
    story, business = teller.story, teller.business
    envelope = {"source": "app_store", "purchase_token": "one-receipt"}
    user = teller.user("one receipt, two transactions")
    for number, credits, minute in (("801", 4000, "00"), ("802", 10_000, "10")):
        order = {"purchase_id": f"200000777000{number}"}
        business.pack(user, f"2026-10-05 12:{minute}", credits, **envelope, **order)
    business.pack(user, "2026-10-05 13:00", 4000, **envelope, purchase_id=" ")

    original = APPLE | {"purchase_id": "200000777000111"}
    story(
        "original transaction on renewals",
        ("created", "2026-08-03", "2026-09-03", original),
        ("renewed", "2026-09-03", "2026-10-03", original),
        ("renewed", "2026-10-03", "2026-11-03", original),
        ("renewed", "2026-11-03", "2026-12-03", original),
    )
    five = [f"2026-10-10 10:{minute:02}" for minute in range(0, 40, 5)]
    story(
        "periods of five minutes",
        *[
            ("renewed" if n else "created", five[n], five[n + 1], APPLE | {"purchase_id": f"5{n}"})
            for n in range(7)
        ],
        ("expired", five[7], five[7], APPLE),
    )
    story(
        "change of plan without charge",
        ("created", "2026-10-01", "2026-11-01", {"purchase_id": "GPA.C1"}),
        ("created", "2026-10-16", "2026-11-04", Y | {"purchase_id": "GPA.C2"}),
        ("renewed", "2026-11-04", "2027-11-04", Y | {"purchase_id": "GPA.C2..0"}),
    )
    user = story(
        "cancel undone",
        ("created", "2026-11-05", "2026-12-05", {}),
        ("canceled", "2026-11-08", None, {}),
    )
    teller.renews(user, True, "2026-11-12")
    user = story(
        "cancel that stands",
        ("created", "2026-11-05", "2026-12-05", {}),
        ("canceled", "2026-11-08", None, {}),
    )
    teller.renews(user, False, "2026-11-08")
    user = story(
        "cancel stored before created",
        ("canceled", "2026-10-20 11:59:58", None, {}),
        ("created", "2026-10-20 12:00", "2026-11-20 12:00", {}),
    )
    teller.renews(user, False, "2026-11-20 12:05", plan="free")
    user = story("switched off without a word", ("created", "2026-10-20", "2026-11-20", {}))
    teller.renews(user, False, "2026-11-02")
    user = story("silent end", ("created", "2026-10-20", "2026-11-20", {}))
    teller.renews(user, True, "2026-10-20")
    story(
        "keeps the price",
        ("created", "2026-01-10", "2026-04-10", Q | {"purchase_id": "GPA.K"}),
        ("renewed", "2026-04-10", "2026-07-10", Q | {"purchase_id": "GPA.K..0"}),
        ("renewed", "2026-07-10", "2026-10-10", Q | {"purchase_id": "GPA.K..1"}),
        ("renewed", "2026-10-10", "2027-01-10", Q | {"purchase_id": "GPA.K..2"}),
    )
    story("begins a day late", ("created", "2026-06-02", "2026-09-02", Q))
    trial = {"offer_id": "free-trial"}
    story(
        "trial offer on renewals",
        ("created", "2026-10-01", "2026-10-08", trial | {"purchase_id": "GPA.T"}),
        ("renewed", "2026-10-08", "2026-11-08", trial | {"purchase_id": "GPA.T..0"}),
        ("renewed", "2026-11-08", "2026-12-08", trial | {"purchase_id": "GPA.T..1"}),
    )
    told_twice = trial | {"purchase_id": "GPA.W"}
    story(
        "trial told twice",
        ("renewed", "2026-10-01 08:00", "2026-10-08", told_twice),
        ("renewed", "2026-10-01 08:01:30", "2026-10-08", told_twice),
        ("renewed", "2026-10-08", "2026-11-08", {"purchase_id": "GPA.W..0"}),
        ("renewed", "2026-11-08", "2026-12-08", {"purchase_id": "GPA.W..1"}),
    )
    story(
        "never expires",
        ("created", "2026-10-01", "9999-10-01", {"purchase_id": "GPA.N"}),
        ("renewed", "2026-11-01", "2026-12-01", {"purchase_id": "GPA.N..0"}),
    )
    story(
        "late renewal of the old plan",
        ("created", "2026-08-24", "2026-09-24", {"purchase_id": "GPA.A"}),
        ("created", "2026-09-28", "2026-12-28", Q | {"purchase_id": "GPA.B"}),
        ("renewed", "2026-09-29", "2026-10-24", {"purchase_id": "GPA.A..0"}),
    )
    story(
        "cancel of a period recorded later",
        ("created", "2026-07-09", "2026-08-09", {"purchase_id": "GPA.D"}),
        ("canceled", "2026-08-13", "2026-09-09", {"purchase_id": "GPA.D..0"}),
        ("renewed", "2026-08-20", "2026-09-09", {"purchase_id": "GPA.D..0"}),
        ("expired", "2026-09-09 01:00", "2026-09-09", {"purchase_id": "GPA.D..0"}),
    )
    story("dated ahead", ("created", "2026-12-02", "2027-01-02", {}))
    business.pack(teller.user("pack dated ahead"), "2030-11-01", 4000)
    story(
        "a month of 27 or 58 days",
        ("created", "2026-01-01", "2026-01-28", {"purchase_id": "GPA.L"}),
        ("renewed", "2026-01-28", "2026-03-27", {"purchase_id": "GPA.L..0"}),
    )


@pytest.fixture(scope="module")
def world(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("changes")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text(PRICE_BOOK, encoding="utf-8")
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
    assert world.state("cancel undone") == "active_renewing"
    assert world.state("cancel that stands") == "active_canceling"
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
    assert world.state("silent end") == "grace"


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
