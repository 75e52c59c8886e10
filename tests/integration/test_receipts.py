"""One receipt of each kind, its verdict and its money worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.warehouse import Row, build_from, read

AS_OF = datetime(2026, 11, 1)
SOLD = datetime(2026, 4, 1, 12)
USER, OTHER, TESTER = UUID(int=1), UUID(int=2), UUID(int=3)
PEOPLE = [{"user_id": TESTER, "role": "Tester"}]


def milliseconds(at: datetime) -> str:
    return str(int(at.replace(tzinfo=UTC).timestamp() * 1000))


def pack(number: int, **changes: Any) -> dict[str, Any]:
    """A pack of 4,000 credits sold by Google at its list price of 2.95."""
    return {
        "id": UUID(int=number),
        "user_id": USER,
        "product_id": "ai_credits_4000",
        "purchase_id": f"GPA.{number}",
        "purchase_token_hash": f"token-{number}",
        "source": "google_play",
        "credits_amount": 4000,
        "status": "purchased",
        "transaction_date": milliseconds(SOLD),
        "created_at": SOLD,
        "updated_at": SOLD,
        **changes,
    }


def built(folder: Path, packs: list[Row], **changes: Any) -> dict[int, dict[str, Any]]:
    """Rows of fct_receipts by the number of their pack."""
    rows = {"user_profile": PEOPLE, "ai_credit_purchases": packs}
    settings = build_from(folder, rows, "fct_receipts", as_of=AS_OF, **changes)
    return receipts(settings)


def receipts(settings: Settings) -> dict[int, dict[str, Any]]:
    return {
        row["source_id"].int: row for row in read(settings, "from fct_receipts order by source_id")
    }


def test_tax_is_taken_first_then_the_store_fee(tmp_path: Path) -> None:
    # RevenueCat: 99.99, 5 % of it tax, 30 % commission: 94.99 net of tax, proceeds 66.49.
    # 5 % of the price is a rate of 5 / 95 on the price without tax.
    sale = pack(1, source="app_store", amount_paid=Decimal("99.99"), currency="USD")
    variables = {"tax_rate": 0.05 / 0.95, "absurd_price_factor": 100}
    found = built(tmp_path, [sale], dbt_vars=variables)[1]
    assert found["tax_usd"] == Decimal("4.9995")
    assert found["paid_usd"] - found["tax_usd"] == Decimal("94.9905")
    assert found["store_fee_rate"] == 0.3
    assert found["store_fee_usd"] == Decimal("28.4972")  # 28.49715, half away from zero
    assert found["proceeds_usd"] == Decimal("66.4933")
    assert found["price_basis"] == "recorded"


def test_settings_may_change_on_a_day(tmp_path: Path) -> None:
    late = datetime(2026, 7, 1)
    sales = [pack(1), pack(2, transaction_date=milliseconds(late), created_at=late)]
    changes = {
        "tax_rate": {"2020-01-01": 0, "2026-07-01": 0.25},
        "fee_program": {"2020-01-01": "standard", "2026-07-01": "small_business"},
    }
    found = built(tmp_path, sales, dbt_vars=changes)
    assert [found[n]["tax_usd"] for n in (1, 2)] == [Decimal("0.0000"), Decimal("0.5900")]
    assert [found[n]["store_fee_rate"] for n in (1, 2)] == [0.3, 0.15]


def test_verdicts(tmp_path: Path) -> None:
    found = built(
        tmp_path,
        [
            pack(10),
            pack(11, purchase_id=" gpa.10 ", transaction_date=milliseconds(datetime(2026, 4, 2))),
            pack(12, purchase_token_hash="token-10", created_at=datetime(2026, 4, 1, 13)),
            pack(13, purchase_id="GPA.11", user_id=OTHER),
            pack(14, purchase_id="GPA.10", source="app_store"),
            pack(15, purchase_token_hash="token-10", status="PurchaseStatus.restored"),
            pack(16, status="restored"),
            pack(17, status="pending_validation"),
            pack(18, user_id=TESTER),
            pack(19, source="admin"),
            pack(20, product_id="ai_credits_2500"),
            pack(21, amount_paid=Decimal(0), currency="USD"),
            pack(22, purchase_token_hash="", purchase_id=""),
            pack(23, purchase_token_hash="", purchase_id=""),
            pack(24, product_id="me.hypnoelp.app.AI_credits_4000_x2"),
            pack(25, product_id="ai_credits_4000_y7"),
        ],
    )
    assert {number: row["verdict"] for number, row in found.items()} == {
        10: "counted",
        11: "duplicate_order",
        12: "duplicate_token",
        13: "counted",  # order GPA.11 is its own: number 11 was sold as gpa.10
        14: "counted",
        15: "restored",
        16: "restored",
        17: "pending",
        18: "test",
        19: "not_a_sale",
        20: "unpriced",
        21: "not_a_sale",
        22: "counted",
        23: "counted",
        24: "counted",
        25: "unpriced",
    }
    assert found[11]["duplicate_of"] == found[12]["duplicate_of"] == found[10]["receipt_id"]
    assert [found[n]["is_restored_without_sale"] for n in (10, 15, 16)] == [False, False, True]
    assert (found[24]["product_key"], found[24]["offer_id"]) == ("ai_credits_4000", "x2")
    assert (found[24]["list_price_usd"], found[24]["paid_usd"]) == (
        Decimal("2.95"),
        Decimal("1.45"),
    )
    assert found[24]["discount_usd"] == Decimal("1.5000")
    assert found[20]["paid_usd"] is None and found[20]["price_basis"] == "none"


@pytest.mark.parametrize("later", [{"user_id": OTHER}, {"user_id": OTHER, "purchase_id": "GPA.1"}])
def test_another_users_copy_is_replayed(tmp_path: Path, later: dict[str, Any]) -> None:
    copy = pack(2, purchase_token_hash="token-1", created_at=datetime(2026, 4, 2)) | later
    found = built(tmp_path, [pack(1), copy])
    assert (found[2]["verdict"], found[2]["duplicate_of"]) == ("replayed", found[1]["receipt_id"])


def test_a_time_that_cannot_be_used_gives_way_to_created_at(tmp_path: Path) -> None:
    stated = {
        1: milliseconds(datetime(2026, 3, 30)),
        2: None,
        3: " ",
        4: "2026-03-30T00:00:00Z",
        5: "1774828800",  # seconds: 21 January 1970 if read as milliseconds
        6: "86400000",
        7: "4070908800000",  # 2099
        8: "99999999999999999999999",
    }
    found = built(tmp_path, [pack(n, transaction_date=text) for n, text in stated.items()])
    assert found[1]["transacted_at"] == datetime(2026, 3, 30)
    assert {found[n]["transacted_at"] for n in stated if n > 1} == {SOLD}
    assert [found[n]["time_fault"] for n in stated] == [
        None,
        "absent",
        "absent",
        "unreadable",
        "implausible",
        "implausible",
        "implausible",
        "unreadable",
    ]


def test_the_price_of_the_day_and_the_recorded_amount(tmp_path: Path) -> None:
    def sale(number: int, **changes: Any) -> Row:
        return pack(number, transaction_date=milliseconds(datetime(2026, 3, 1)), **changes)

    found = built(
        tmp_path,
        [
            pack(1, product_id="ai_credits_10000", transaction_date="1772323199999"),
            sale(2, product_id="ai_credits_10000"),  # 5.95 since 1 March 2026
            sale(3, amount_paid=Decimal("10"), currency="eur"),  # 1.1683 dollars
            sale(4, amount_paid=Decimal("10"), currency="XXX"),
            sale(5, amount_paid=Decimal("10"), currency=None),
            sale(6, amount_paid=Decimal("-1"), currency="USD"),
            sale(7, amount_paid=None, _unreadable="amount_paid=NaN"),
            sale(8, amount_paid=Decimal("29500"), currency="USD"),
            sale(9, amount_paid=Decimal("29.50"), currency="USD"),  # ten times: not beyond it
            sale(10, amount_paid=Decimal("0.29"), currency="USD"),
            sale(11, amount_paid=Decimal("29.50"), currency="USD", product_id="ai_credits_4000_x2"),
            sale(12, amount_paid=Decimal("20"), currency="USD", credits_amount=8000),
            sale(13, amount_paid=None, credits_amount=8000),
            sale(14, amount_paid=None, credits_amount=6000),
        ],
    )
    assert [
        (row["paid_usd"], row["price_basis"], row["price_fault"]) for row in found.values()
    ] == [
        (None, "none", None),
        (Decimal("5.9500"), "price_book", None),
        (Decimal("11.6830"), "recorded", None),
        (None, "none", "no_exchange_rate"),
        (Decimal("2.9500"), "price_book", "amount_without_currency"),
        (Decimal("2.9500"), "price_book", "amount_negative"),
        (Decimal("2.9500"), "price_book", "amount_unreadable"),
        (Decimal("2.9500"), "price_book", "amount_absurd"),
        (Decimal("29.5000"), "recorded", None),
        (Decimal("2.9500"), "price_book", "amount_absurd"),
        (Decimal("1.4500"), "price_book", "amount_absurd"),  # 1.45 with x2
        (Decimal("20.0000"), "recorded", None),  # two packs at 5.90
        (Decimal("5.9000"), "price_book", None),
        (Decimal("2.9500"), "price_book", None),
    ]
    assert [(found[n]["quantity"], found[n]["list_price_usd"]) for n in (12, 13, 14)] == [
        (2, Decimal("5.9000")),
        (2, Decimal("5.9000")),
        (1, Decimal("2.9500")),
    ]


def test_a_discount_is_given_and_a_difference_is_made_abroad(tmp_path: Path) -> None:
    def sale(number: int, **changes: Any) -> Row:
        return pack(number, transaction_date=milliseconds(datetime(2026, 3, 1)), **changes)

    found = built(
        tmp_path,
        [
            sale(1, amount_paid=Decimal("2.60"), currency="EUR"),  # 2.60 * 1.1683 = 3.03758
            sale(2, amount_paid=Decimal("2.00"), currency="EUR"),  # 2.3366
            sale(3, product_id="ai_credits_4000_x2"),  # 1.45 by the book
            sale(4, product_id="ai_credits_4000_x2", amount_paid=Decimal("3.10"), currency="USD"),
        ],
    )
    assert [
        (row["paid_usd"], row["discount_usd"], row["price_difference_usd"])
        for row in found.values()
    ] == [
        (Decimal("3.0376"), Decimal("0.0000"), Decimal("-0.0876")),
        (Decimal("2.3366"), Decimal("0.0000"), Decimal("0.6134")),
        (Decimal("1.4500"), Decimal("1.5000"), Decimal("0.0000")),
        (Decimal("3.1000"), Decimal("0.0000"), Decimal("-0.1500")),
    ]


def test_refunds_and_their_reversals_are_dated_by_the_first_version_that_says_so(
    tmp_path: Path,
) -> None:
    def version(number: int, status: str, written: datetime, **changes: Any) -> Row:
        row = pack(number, status=status, updated_at=written, **changes)
        return row | {"_seen_at": written + timedelta(days=1)}

    may, june, july, august = (datetime(2026, month, 5) for month in (5, 6, 7, 8))
    ahead = datetime(2026, 6, 20)  # by a phone's clock the sale came after its own refund
    late = {"transaction_date": milliseconds(ahead)}
    same = {"purchase_id": "GPA.6", "purchase_token_hash": "token-6"}
    versions = [
        version(1, "purchased", SOLD),
        version(1, "refunded", may),
        version(1, "PurchaseStatus.Refunded", june),  # touched again: still the refund of May
        version(2, "purchased", SOLD),
        version(2, "refunded", may),
        version(2, "purchased", june),  # the dispute was won
        version(3, "refunded", may),
        version(3, "purchased", june),
        version(3, "refunded", july),
        version(3, "refunded", august, _op="delete"),
        version(4, "refunded", may, **late),
        version(5, "refunded", may, **late),
        version(5, "purchased", june, **late),
        version(6, "purchased", SOLD),
        version(6, "purchased", june, _op="delete"),
        version(7, "purchased", june, **same),  # the app wrote the row anew
        version(7, "refunded", july, **same),
        version(8, "purchased", SOLD),
        version(9, "refunded", may, purchase_id="GPA.8", purchase_token_hash="token-8"),
    ]
    newest = {
        1: versions[2],
        2: versions[5],
        3: versions[8],
        4: versions[10],
        5: versions[12],
        7: versions[16],
        8: versions[17],
        9: versions[18],  # the refund of 8, written as a row of its own
    }
    rows = {
        "ai_credit_purchases": [
            {name: value for name, value in newest[number].items() if name[0] != "_"}
            for number in (1, 2, 4, 5, 7, 8, 9)
        ]
    }
    history = {"ai_credit_purchases": versions}
    settings = build_from(
        tmp_path,
        rows,
        "fct_receipts",
        "fct_revenue",
        "revenue_monthly",
        as_of=AS_OF,
        history=history,
    )
    entries = read(
        settings,
        "select right(receipt_id, 1) || substr(entry_id, length(receipt_id) + 1), booked_at,"
        " gross_usd, discount_usd from fct_revenue order by receipt_id, booked_at, entry_id",
    )
    paid, nothing = Decimal("2.9500"), Decimal("0.0000")
    assert [tuple(row.values()) for row in entries] == [
        ("1:charge", SOLD, paid, nothing),
        ("1:refund:1", may, -paid, nothing),
        ("2:charge", SOLD, paid, nothing),
        ("2:refund:1", may, -paid, nothing),
        ("2:refund_reversal:2", june, paid, nothing),
        ("3:charge", SOLD, paid, nothing),
        ("3:refund:1", may, -paid, nothing),
        ("3:refund_reversal:2", june, paid, nothing),
        ("3:refund:3", july, -paid, nothing),
        ("4:charge", ahead, paid, nothing),
        ("4:refund:1", ahead, -paid, nothing),
        ("5:charge", ahead, paid, nothing),
        ("5:refund:1", ahead, -paid, nothing),
        ("5:refund_reversal:2", ahead, paid, nothing),
        ("6:charge", SOLD, paid, nothing),
        ("6:refund:1", july, -paid, nothing),
        ("8:charge", SOLD, paid, nothing),
        ("8:refund:1", may, -paid, nothing),
    ]
    found = receipts(settings)
    refunded = [found[number]["refunded_at"] for number in range(1, 6)]
    assert refunded == [may, None, july, ahead, None]
    months = read(
        settings,
        "select month(revenue_month) as m, charges, refunds, refund_reversals, refunds_usd,"
        " refund_rate from revenue_monthly order by m",
    )
    assert [tuple(row.values()) for row in months] == [
        (4, 5, 0, 0, Decimal("0.0000"), 4 / 5),
        (5, 0, 4, 0, Decimal("-11.8000"), None),
        (6, 2, 2, 3, Decimal("2.9500"), 1 / 2),
        (7, 0, 2, 0, Decimal("-5.9000"), None),
    ]


def test_custom_audio_finds_its_buyer_and_the_offer_that_was_redeemed(tmp_path: Path) -> None:
    def sale(number: int, **changes: Any) -> Row:
        proof = {"purchase_id": f"GPA.{number}", "purchase_token_hash": f"token-{number}"}
        row = {"id": UUID(int=number), "course_id": UUID(int=50), "source": "app_store", **proof}
        return row | {"status": "active", "created_at": SOLD, "updated_at": SOLD} | changes

    rows = {
        "custom_courses": [{"id": UUID(int=50), "user_id": USER, "created_at": SOLD}],
        "custom_course_purchases": [
            sale(1),
            sale(2),
            sale(3, created_at=datetime(2026, 2, 28)),
            sale(4, created_at=None, updated_at=datetime(2026, 3, 5)),
            sale(5, course_id=UUID(int=51)),
        ],
        "discount_codes": [{"id": UUID(int=60), "code": "CCF04", "product_type": "custom_audio"}],
        "user_discounts": [
            {"id": UUID(int=70), "user_id": USER, "discount_code_id": UUID(int=60)}
            | {"purchase_id": " gpa.2", "assigned_at": SOLD, "expires_at": SOLD}
        ],
    }
    found = receipts(build_from(tmp_path, rows, "fct_receipts", as_of=AS_OF))
    assert [(row["paid_usd"], row["discount_code"]) for row in found.values()] == [
        (Decimal("8.9500"), None),
        (Decimal("6.9500"), "CCF04"),
        (Decimal("20.0000"), None),
        (Decimal("8.9500"), None),
        (Decimal("8.9500"), None),
    ]
    assert found[1]["user_id"] == USER and found[5]["user_id"] == UUID(int=0)
    assert (found[4]["transacted_at"], found[4]["time_fault"]) == (datetime(2026, 3, 5), "absent")


def test_apples_fee_falls_after_a_year_of_paid_service(tmp_path: Path) -> None:
    # Fourteen months in a row from 15 January 2025: the 13th charge follows 365 paid days.
    events = [
        {
            "id": UUID(int=number),
            "user_id": USER,
            "subscription_id": USER,
            "event_type": "renewed" if number else "created",
            "product_id": "me.hypnoelp.app.subscription_1month",
            "source": "app_store",
            "purchase_id": f"order-{number}",
            "created_at": datetime(2025 + number // 12, number % 12 + 1, 15),
        }
        for number in range(14)
    ]
    settings = build_from(tmp_path, {"subscription_events": events}, "fct_receipts", as_of=AS_OF)
    rates = [row["store_fee_rate"] for _, row in sorted(receipts(settings).items())]
    assert rates == [0.3] * 12 + [0.15] * 2


def test_a_free_trial_is_no_sale_and_has_no_price(tmp_path: Path) -> None:
    trial = {
        "id": UUID(int=1),
        "user_id": USER,
        "event_type": "created",
        "product_id": "hypnoelp_subscriptions",
        "base_plan_id": "monthly-plan",
        "offer_id": "free-trial",
        "source": "google_play",
        "created_at": SOLD,
    }
    rows = {"subscription_events": [trial]}
    found = receipts(build_from(tmp_path, rows, "fct_receipts", as_of=AS_OF))[1]
    assert (found["verdict"], found["is_trial"], found["paid_usd"]) == ("not_a_sale", True, None)
    assert found["product_key"] == "hypnoelp_subscriptions/monthly-plan"


def test_an_event_without_its_subscription_repeats_the_one_that_names_it(tmp_path: Path) -> None:
    # None of them has an order number; the third is another charge, the fourth another user's.
    event = {
        "user_id": USER,
        "event_type": "created",
        "product_id": "hypnoelp_subscriptions",
        "base_plan_id": "monthly-plan",
        "source": "google_play",
        "created_at": SOLD,
    }
    subscription = UUID(int=99)
    rows = {
        "subscriptions": [{"id": subscription, "user_id": USER, "plan": "premium"}],
        "subscription_events": [
            {**event, "id": UUID(int=1), "subscription_id": subscription},
            {**event, "id": UUID(int=2)},
            {**event, "id": UUID(int=3), "event_type": "renewed"},
            {**event, "id": UUID(int=4), "user_id": OTHER},
        ],
    }
    found = receipts(build_from(tmp_path, rows, "fct_receipts", as_of=AS_OF))
    verdicts = {number: row["verdict"] for number, row in found.items()}
    assert verdicts == {1: "counted", 2: "duplicate_order", 3: "counted", 4: "counted"}


def test_a_restored_purchase_is_no_sale(tmp_path: Path) -> None:
    """Written as created once more, with the base of its order and the end that then runs."""
    rows = []

    def event(number: int, kind: str, at: datetime, ends: datetime, **values: Any) -> None:
        rows.append(
            {
                "id": UUID(int=number),
                "user_id": USER,
                "event_type": kind,
                "product_id": "hypnoelp_subscriptions",
                "base_plan_id": "monthly-plan",
                "source": "google_play",
                "created_at": at,
                "expires_at": ends,
                **values,
            }
        )

    march, april, may = (datetime(2026, month, 1) for month in (3, 4, 5))
    event(1, "created", march, april, purchase_id="GPA.1")
    event(2, "renewed", april, may, purchase_id="GPA.1..0")
    event(3, "created", datetime(2026, 4, 2), may, purchase_id="GPA.1")
    event(4, "created", datetime(2026, 4, 20), may, purchase_id="GPA.1", user_id=OTHER)
    apple = {"source": "app_store", "base_plan_id": None}
    apple |= {"product_id": "me.hypnoelp.app.subscription_1month"}
    event(11, "created", march, april, purchase_id="1000", **apple)
    event(12, "renewed", april, may, purchase_id="1001", **apple)
    event(13, "created", datetime(2026, 4, 3), may, purchase_id="1000", **apple)
    # A purchase of its own, in the same minute as another one, has a number of its own.
    event(21, "created", may, datetime(2026, 6, 1), purchase_id="GPA.21")
    event(22, "created", may, datetime(2026, 6, 1), purchase_id="GPA.22")
    found = receipts(
        build_from(tmp_path, {"subscription_events": rows}, "fct_receipts", as_of=AS_OF)
    )
    assert {number: row["verdict"] for number, row in found.items()} == {
        1: "counted", 2: "counted", 3: "duplicate_order", 4: "replayed",
        11: "counted", 12: "counted", 13: "duplicate_order",
        21: "counted", 22: "counted",
    }  # fmt: skip
