"""Revenue is recognised by day over what was paid for; random periods agree with an oracle."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.receipt_oracle import judge
from tests.recognition_oracle import Sale, billed, recognised
from tests.warehouse import build_from, read

AS_OF = datetime(2026, 11, 10, 15)
MONTHLY = {"product_id": "hypnoelp_subscriptions", "base_plan_id": "monthly-plan"}


def event(number: int, user: int, at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "user_id": UUID(int=user),
        "subscription_id": UUID(int=user),
        "event_type": "created",
        "source": "google_play",
        "purchase_id": f"GPA.{number}",
        "created_at": at,
        **MONTHLY,
        **changes,
    }


def months(folder: Path, rows: dict[str, Any], kind: str) -> dict[date, dict[str, Decimal]]:
    """Rows of the mart for one kind by month, built from the source's rows."""
    settings = build_from(folder, rows, "revenue_recognition_monthly", as_of=AS_OF)
    sql = "from revenue_recognition_monthly where product_kind = ? order by all"
    return {row.pop("recognition_month"): row for row in read(settings, sql, kind)}


def test_a_month_from_the_15th_is_split_by_days(tmp_path: Path) -> None:
    # 4.95 from 15 January to 15 February: 17 of 31 days, 2.71451..., then the rest.
    found = months(
        tmp_path, {"subscription_events": [event(1, 1, datetime(2026, 1, 15))]}, "subscription"
    )
    assert found[date(2026, 1, 1)]["recognised_usd"] == Decimal("2.7145")
    assert found[date(2026, 1, 1)]["deferred_closing_usd"] == Decimal("2.2355")
    assert found[date(2026, 2, 1)]["recognised_usd"] == Decimal("2.2355")
    assert found[date(2026, 11, 1)]["deferred_closing_usd"] == 0


def test_the_current_month_holds_the_days_up_to_as_of(tmp_path: Path) -> None:
    # 4.95 from 1 November to 1 December, as of the 10th: 10 of 30 days.
    found = months(
        tmp_path, {"subscription_events": [event(1, 1, datetime(2026, 11, 1, 8))]}, "subscription"
    )
    assert found == {
        date(2026, 11, 1): {
            "product_kind": "subscription",
            "billed_usd": Decimal("4.9500"),
            "recognised_usd": Decimal("1.6500"),
            "deferred_opening_usd": Decimal("0.0000"),
            "deferred_closing_usd": Decimal("3.3000"),
            "is_observed": True,
            "is_complete": False,
        }
    }


def test_a_late_booking_recognises_what_accrued_before_on_its_day(tmp_path: Path) -> None:
    # Renewed on 5 March for 25 February to 25 March: nothing in February, all 28 days in March.
    events = [
        event(1, 1, datetime(2026, 1, 25)),
        event(2, 1, datetime(2026, 3, 5), event_type="renewed"),
    ]
    found = months(tmp_path, {"subscription_events": events}, "subscription")
    assert found[date(2026, 2, 1)]["recognised_usd"] == Decimal("3.8323")  # 24 of 31 days of 4.95
    assert found[date(2026, 3, 1)]["recognised_usd"] == Decimal("4.9500")


def test_a_period_cut_short_is_recognised_at_once(tmp_path: Path) -> None:
    # 44.95 for the year from 1 January, changed on 10 March: the rest on 10 March. 31 + 28 of 365
    # days are 7.2659; the new month, 4.95 from 10 March, has 22 of 31 days in March: 3.5129.
    events = [
        event(1, 1, datetime(2026, 1, 1), base_plan_id="yearly-plan"),
        event(2, 1, datetime(2026, 3, 10)),
    ]
    found = months(tmp_path, {"subscription_events": events}, "subscription")
    assert found[date(2026, 1, 1)]["recognised_usd"] == Decimal("3.8177")
    assert found[date(2026, 2, 1)]["recognised_usd"] == Decimal("3.4482")
    assert found[date(2026, 3, 1)]["recognised_usd"] == Decimal("37.6841") + Decimal("3.5129")
    assert found[date(2026, 3, 1)]["deferred_closing_usd"] == Decimal("1.4371")


COURSE = {
    "id": UUID(int=1),
    "user_id": UUID(int=1),
    "course_code": "H01ENB",
    "product_id": "h01enb",
    "purchase_id": "GPA.1",
    "source": "google_play",
}


def test_a_refund_reverses_what_was_recognised(tmp_path: Path) -> None:
    rows = {
        "course_purchases": [
            {
                **COURSE,
                "status": "refunded",
                "created_at": datetime(2026, 1, 10),
                "updated_at": datetime(2026, 2, 3),
            }
        ]
    }
    found = months(tmp_path, rows, "course")
    assert [(m["billed_usd"], m["recognised_usd"]) for m in list(found.values())[:3]] == [
        (Decimal("20.0000"), Decimal("20.0000")),
        (Decimal("-20.0000"), Decimal("-20.0000")),
        (Decimal("0.0000"), Decimal("0.0000")),
    ]


def test_a_refund_taken_back_gives_everything_anew(tmp_path: Path) -> None:
    row = {
        **COURSE,
        "status": "purchased",
        "created_at": datetime(2026, 1, 10),
        "updated_at": datetime(2026, 1, 10),
        "_seen_at": datetime(2026, 1, 11),
    }
    refund = {"status": "refunded", "updated_at": datetime(2026, 2, 3)}
    back = {"status": "purchased", "updated_at": datetime(2026, 4, 7)}
    versions = [
        row,
        row | refund | {"_seen_at": datetime(2026, 2, 4)},
        row | back | {"_seen_at": datetime(2026, 4, 8)},
    ]
    newest = {name: value for name, value in (row | back).items() if name != "_seen_at"}
    settings = build_from(
        tmp_path,
        {"course_purchases": [newest]},
        "revenue_recognition_monthly",
        as_of=AS_OF,
        history={"course_purchases": versions},
    )
    found = read(
        settings,
        "select billed_usd, recognised_usd, is_complete from revenue_recognition_monthly"
        " order by recognition_month",
    )
    price, nothing = Decimal("20.0000"), Decimal("0.0000")
    assert [tuple(month.values()) for month in found] == [
        (price, price, True),
        (-price, -price, True),
        (nothing, nothing, True),
        (price, price, True),
        *[(nothing, nothing, True)] * 6,
        (nothing, nothing, False),
    ]


def random_rows(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Subscribers who renew early, late or never or change plans; courses sold and refunded."""
    draw = random.Random(seed)
    events, courses = [], []
    for user in range(1, 251):
        at = datetime(2025, 3, 1) + timedelta(hours=draw.randrange(24 * 500))
        for renewal in range(draw.randrange(1, 8)):
            plan = draw.choice(["monthly-plan"] * 4 + ["quarterly-plan", "yearly-plan"])
            kind = "created" if renewal == 0 or draw.random() < 0.15 else "renewed"
            change = {"event_type": kind, "base_plan_id": plan}
            if draw.random() < 0.2:
                change["expires_at"] = at + timedelta(days=draw.randrange(0, 60))
            events.append(event(user * 100 + renewal, user, at, **change))
            at += timedelta(days=draw.choice([3, 27, 30, 31, 33, 45, 92, 366]))
            if draw.random() < 0.1:
                expiry = {"event_type": "expired", "purchase_id": None}
                events.append(event(user * 100 + 50 + renewal, user, at, **expiry))
    for number in range(200):
        sold = datetime(2025, 3, 1) + timedelta(hours=draw.randrange(24 * 360))
        courses.append(
            {
                "id": UUID(int=10**6 + number),
                "user_id": UUID(int=draw.randrange(1, 251)),
                "course_code": "H01ENB",
                "source": "app_store",
                "purchase_id": f"course-{number}",
                "status": draw.choice(["purchased", "refunded"]),
                "created_at": sold,
                "updated_at": sold + timedelta(days=draw.randrange(200)),
            }
        )
    return {
        "subscription_events": [row for row in events if row["created_at"] < AS_OF],
        "course_purchases": courses,
    }


def test_random_periods_and_refunds_agree_with_the_oracle(tmp_path: Path) -> None:
    rows = random_rows(7)
    marts = ("revenue_recognition_monthly", "fct_receipts", "fct_subscription_periods")
    settings = build_from(tmp_path, rows, *marts, as_of=AS_OF)
    periods = {
        row["source_event_id"]: row for row in read(settings, "from fct_subscription_periods")
    }
    refunds = {
        row["id"]: row["updated_at"]
        for row in rows["course_purchases"]
        if row["status"] == "refunded"
    }
    # Of some events the length contradicts the plan: no revenue, as the oracle of periods proves.
    counted = {
        row["receipt_id"]
        for row in read(settings, "select receipt_id from fct_receipts where verdict = 'counted'")
    }
    sales: dict[str, list[Sale]] = {"subscription": [], "course": []}
    for receipt in judge(rows, AS_OF).values():
        if receipt.receipt_id in counted and receipt.paid is not None:
            period = periods.get(receipt.source_id, {})
            sale = Sale(
                receipt.paid,
                receipt.transacted_at,
                refunds.get(receipt.source_id),
                period.get("period_start_at"),
                period.get("period_end_at"),
                period.get("effective_end_at"),
            )
            sales[receipt.kind].append(sale)
    assert len(sales["subscription"]) > 500 and len(sales["course"]) == 200
    for kind, of_kind in sales.items():
        found = read(settings, "from revenue_recognition_monthly where product_kind = ?", kind)
        for column, expected in (
            ("recognised_usd", recognised(of_kind, AS_OF.date())),
            ("billed_usd", billed(of_kind)),
        ):
            by_month = {row["recognition_month"]: row[column] for row in found if row[column]}
            assert by_month == expected, (kind, column)
