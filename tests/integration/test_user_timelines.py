"""What became of each subscription event, and a user's timeline, worked by hand: one build."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.subscription_histories import write_events
from tests.subscription_oracle import Event
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 7, 1, 12)
M, Y = "monthly-plan", "yearly-plan"
ANNA, BEN, TESTER = 1, 2, 3


def event(
    number: int, user: int, kind: str, at: str, expires: str | None = None, *, order: str = "",
    plan: str = M, offer: str | None = None,
) -> Event:  # fmt: skip
    return Event(
        id=number,
        user=user,
        kind=kind,
        at=datetime.fromisoformat(at),
        plan=plan,
        offer=offer,
        expires=None if expires is None else datetime.fromisoformat(expires),
        order=order or f"GPA.{user}..{number}",
    )


EVENTS = [
    event(1, ANNA, "created", "2026-03-01", "2026-03-08", offer="free-trial"),
    event(2, ANNA, "renewed", "2026-03-08", "2026-04-08", order="GPA.1..0"),
    event(3, ANNA, "renewed", "2026-03-08 00:05", "2026-04-08", order="GPA.1..0"),
    event(4, ANNA, "canceled", "2026-03-20"),
    event(5, ANNA, "canceled", "2026-03-21"),
    event(6, ANNA, "expired", "2026-04-08", "2026-04-08"),
    event(7, BEN, "created", "2026-06-10", "2026-07-10"),
    event(8, BEN, "canceled", "2026-07-05"),
    event(9, TESTER, "created", "2026-06-10", "2026-07-10", offer="free-trial"),
    event(10, TESTER, "canceled", "2026-06-11"),
]


def profile(user: int, code: str | None = None, by: str | None = None) -> dict[str, Any]:
    return {
        "user_id": UUID(int=user),
        "created_at": datetime(2026, 2, user),
        "role": "tester" if user == TESTER else "user",
        "referral_code": code,
        "referred_by_code": by,
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("timelines"))
    profiles = [profile(ANNA, "UANNA01"), profile(BEN, "UBEN001", "UANNA01"), profile(TESTER)]
    write_raw(settings, {"user_profile": profiles}, as_of=AS_OF, history={})
    write_events(settings, EVENTS)
    build(settings, "fct_subscription_events", "user_timeline", tests=True)
    return settings


def test_every_event_has_its_effect_or_a_reason(built: Settings) -> None:
    rows = read(built, "select * from fct_subscription_events")
    found = {
        row["subscription_event_id"].int: (
            row["effect"], row["period_id"] and row["period_id"].int, row["reason"],
        )
        for row in rows
    }  # fmt: skip
    assert found[1] == ("opened", 1, None)
    assert found[2] == ("renewed", 2, None)
    assert found[3] == ("ignored", None, "repeats an order told before")
    assert found[4] == ("canceled", 2, None)
    assert found[5][0] == "ignored"
    assert found[5][2] == "a first cancel stands"
    assert found[6] == ("ended", 2, None)
    assert found[7] == ("opened", 7, None)
    assert found[8] == ("ignored", None, "dated after the extraction")
    assert {row["subscription_event_id"].int for row in rows if row["is_test"]} == {9, 10}
    assert len(found) == len(EVENTS)


def test_a_timeline_tells_everything_in_order(built: Settings) -> None:
    rows = read(
        built,
        "select event_at, kind, amount_usd from user_timeline where user_id = ?"
        " and kind <> 'receipt' order by event_at, kind",
        UUID(int=ANNA),
    )
    assert [(f"{r['event_at']:%m-%d %H:%M}", r["kind"], r["amount_usd"]) for r in rows] == [
        ("02-01 00:00", "signed_up", None),
        ("02-02 00:00", "referred_signup", None),
        ("03-01 00:00", "subscription_opened", None),
        ("03-08 00:00", "mrr_new", Decimal("4.95")),
        ("03-08 00:00", "subscription_renewed", None),
        ("03-08 00:05", "subscription_ignored", None),
        ("03-20 00:00", "subscription_canceled", None),
        ("03-21 00:00", "subscription_ignored", None),
        ("04-08 00:00", "mrr_churn", Decimal("-4.95")),
        ("04-08 00:00", "subscription_ended", None),
    ]
    charged = read(
        built,
        "select event_at, summary, amount_usd from user_timeline where user_id = ?"
        " and kind = 'receipt' order by event_at",
        UUID(int=ANNA),
    )
    assert [(row["summary"], row["amount_usd"]) for row in charged] == [
        ("subscription receipt, not a sale", None),
        ("subscription receipt, counted", Decimal("4.95")),
        ("subscription receipt, duplicate order", None),
    ]


def test_an_event_carries_its_user_and_the_period_that_it_opens_or_ends(built: Settings) -> None:
    """Ben was referred; the trial's offer is not that of the paid period that ends."""
    rows = read(
        built,
        "select acquisition, signup_month, first_paid_month, product_key, billing_months, offer_id "
        "from fct_subscription_events order by subscription_event_id",
    )
    plan = ("hypnoelp_subscriptions/monthly-plan", 1)
    feb, mar, june = date(2026, 2, 1), date(2026, 3, 1), date(2026, 6, 1)
    found = [tuple(row.values()) for row in rows]
    assert found[0] == ("organic", feb, mar, *plan, "free-trial")
    assert found[1] == found[5] == ("organic", feb, mar, *plan, "none")
    assert found[6] == ("referred", feb, june, *plan, "none")
    assert found[7] == ("referred", feb, june, "unknown", None, "unknown")  # names no period yet
    # a cancel names no offer: that of the period is meant
    assert found[8] == found[9] == ("organic", feb, None, *plan, "free-trial")
