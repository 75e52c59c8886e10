"""Referral performance and the credit balance by month; numbers worked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.base.settings import Settings
from tests.referral_rows import (
    MONTH_PROCEEDS,
    cohort,
    credit,
    month_bought,
    profile,
)
from tests.warehouse import build_from, read

AS_OF = datetime(2026, 5, 30, 12)
USD = Decimal
MARTS = (
    "referral_performance_monthly",
    "referral_credit_balance_monthly",
    "referral_comparison_monthly",
)


def business_rows() -> dict[str, list[dict[str, Any]]]:
    """January: users 1 .. 4, tester 5 and those whom they bring.

    1 refers 10 (day 0), 11 (day 29.99), 12 (day 30), 13 (before 1 was there). 2 refers herself; 3
    and 14 refer each other; tester 5 refers 15; 4 refers tester 16; 17 comes by a partner in April,
    18 by an unknown code, 20 and 21 by themselves; 30 signs up on 30 April 12:00.
    """
    start = datetime(2026, 1, 10, 9)
    nearly = timedelta(days=30) - timedelta(seconds=1)
    april = datetime(2026, 4, 2)
    users = [
        profile(1, start, code="U1"),
        profile(2, datetime(2026, 1, 11), code="U2", by="U2"),
        profile(3, datetime(2026, 1, 12), code="U3", by="U14"),
        profile(4, datetime(2026, 1, 13), code="U4"),
        profile(5, datetime(2026, 1, 14), code="U5", role="tester"),
        profile(10, start, by="U1"),
        profile(11, start + nearly, by="U1"),
        profile(12, start + timedelta(days=30), by="U1"),
        profile(13, datetime(2025, 12, 31), by="U1"),
        profile(14, datetime(2026, 1, 15), code="U14", by="U3"),
        profile(15, datetime(2026, 1, 16), by="U5"),
        profile(16, datetime(2026, 1, 17), by="U4", role="tester"),
        profile(17, april, by="IPARTNE", country="Norway"),
        profile(18, april, by="UNKNOWN", country="Norway"),
        profile(20, april, country="Norway"),
        profile(21, april, country="Peru"),
        profile(30, datetime(2026, 4, 30, 12)),
    ]
    paid = {10: start + timedelta(days=4), 20: april, 17: april + timedelta(days=2)}
    events = [
        month_bought(1000 + user, user, at, at + timedelta(days=31)) for user, at in paid.items()
    ]
    renewed = paid[10] + timedelta(days=31)
    events += [month_bought(1100, 10, renewed, renewed + timedelta(days=28), kind="renewed")]
    return {
        "user_profile": users,
        "subscription_events": events,
        "cohorts": [cohort(60, "IPARTNE", start)],
        # Given twice: 5.00 in all, more than the first month's 4.2075, less than both months'.
        "referral_credits": [
            credit(70, 1, paid[10], referred=10, amount="1.00", used=datetime(2026, 3, 1)),
            credit(71, 1, paid[10], referred=10, amount="4.00"),
        ],
    }


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_from(tmp_path_factory.mktemp("business"), business_rows(), *MARTS, as_of=AS_OF)


def months(settings: Settings, columns: str) -> dict[date, tuple[Any, ...]]:
    rows = read(settings, f"select signup_month, {columns} from referral_performance_monthly")
    return {row.pop("signup_month"): tuple(row.values()) for row in rows}


def test_k_counts_whom_the_month_brought_within_30_days(business: Settings) -> None:
    # January without testers: 1, 2, 3, 4, 10, 14, 15 = 7. In the window of user 1: 10 and 11; not
    # 12 (day 30 exactly) nor 13 (before 1 was there); no self-referral, ring or tester.
    found = months(business, "users, referrers, referred_signups, k_factor")
    assert found[date(2026, 1, 1)] == (7, 1, 2, pytest.approx(2 / 7, abs=1e-12))
    assert found[date(2025, 12, 1)] == (1, 0, 0, 0.0)


def test_referred_and_organic_users_are_compared_within_their_month(business: Settings) -> None:
    found = months(
        business,
        "referred_users, referred_premium, referred_conversion_rate,"
        " organic_users, organic_premium, organic_conversion_rate",
    )
    # January: 2, 3, 10, 14 came by a code (15 by a tester's: on neither side); 1 and 4 without.
    assert found[date(2026, 1, 1)] == (4, 1, 0.25, 2, 0, 0.0)
    assert found[date(2026, 4, 1)] == (2, 1, 0.5, 3, 1, pytest.approx(1 / 3))
    assert found[date(2025, 12, 1)] == (1, 0, 0.0, 0, 0, None)


def test_referred_and_organic_users_are_compared_within_a_country(business: Settings) -> None:
    rows = read(
        business,
        "select country, referred_users, referred_premium, organic_users, organic_premium,"
        " referred_proceeds_per_user_usd, organic_proceeds_per_user_usd, conversion_difference"
        " from referral_comparison_monthly where signup_month = '2026-04-01' order by country",
    )
    # Norway: 17 paid, 18 not, 20 paid. Peru: 21. Nobody knows where 30 lives.
    half = USD("2.1038")  # 4.2075 / 2, half away from zero
    assert [tuple(row.values()) for row in rows] == [
        ("Norway", 2, 1, 1, 1, half, MONTH_PROCEEDS, -0.5),
        ("Peru", 0, 0, 1, 0, None, USD(0), None),
        ("unknown", 0, 0, 1, 0, None, USD(0), None),
    ]


def test_cost_proceeds_and_payback_are_those_of_the_referred(business: Settings) -> None:
    found = months(
        business,
        "rewards_usd, rewards_used_usd, payouts_usd, referred_proceeds_usd, repaid_users,"
        " payback_days_median",
    )
    # User 10 cost 5.00 and brought 4.2075 on day 4 and again on day 35: paid back then.
    assert found[date(2026, 1, 1)] == (USD(5), USD(1), USD(0), 2 * MONTH_PROCEEDS, 1, 35.0)
    # User 17 cost the payout of 2.00, brought 4.2075 two days after sign-up.
    assert found[date(2026, 4, 1)] == (USD(0), USD(0), USD(2), MONTH_PROCEEDS, 1, 2.0)


def test_a_month_is_complete_when_every_members_window_has_passed(business: Settings) -> None:
    found = months(business, "is_complete")
    assert found == {
        date(2025, 12, 1): (True,),
        date(2026, 1, 1): (True,),
        date(2026, 2, 1): (True,),
        date(2026, 4, 1): (True,),  # 30 April 12:00 + 30 days is as_of itself
    }


def test_a_month_is_open_while_one_window_is(tmp_path: Path) -> None:
    rows = {"user_profile": [profile(1, AS_OF - timedelta(days=30) + timedelta(seconds=1))]}
    settings = build_from(tmp_path, rows, "referral_performance_monthly", as_of=AS_OF)
    assert months(settings, "is_complete, k_factor") == {date(2026, 4, 1): (False, 0.0)}


def test_credits_roll_forward_through_every_month(tmp_path: Path) -> None:
    january, march = datetime(2026, 1, 5), datetime(2026, 3, 5)
    rows = {
        "user_profile": [profile(1, january), profile(2, january, role="tester")],
        "referral_credits": [
            credit(1, 1, january),  # open
            credit(2, 1, january, used=march, expires=march + timedelta(days=1)),
            credit(3, 1, january, expires=AS_OF),  # expires at as_of itself: May
            credit(4, 1, january, expires=AS_OF + timedelta(seconds=1)),  # not yet
            credit(5, 1, january, expires=march, used=datetime(2026, 4, 1)),  # used late
            credit(6, 1, march, used=january),  # used before earned: counts from March
            credit(7, 1, march, amount="-1.00"),  # taken back by hand
            credit(8, 2, january),  # a tester's
            credit(9, 3, march, amount="2.50", used=AS_OF + timedelta(days=1)),  # no profile
        ],
    }
    settings = build_from(tmp_path, rows, "referral_credit_balance_monthly", as_of=AS_OF)
    balances = read(settings, "select * from referral_credit_balance_monthly order by month")
    assert [tuple(map(str, row.values())) for row in balances] == [
        ("2026-01-01", "0.0000", "5.0000", "0.0000", "0.0000", "5.0000", "0.0000", "True"),
        ("2026-02-01", "5.0000", "0.0000", "0.0000", "0.0000", "5.0000", "0.0000", "True"),
        ("2026-03-01", "5.0000", "2.5000", "2.0000", "0.0000", "5.5000", "0.0000", "True"),
        ("2026-04-01", "5.5000", "0.0000", "1.0000", "0.0000", "4.5000", "1.0000", "True"),
        ("2026-05-01", "4.5000", "0.0000", "0.0000", "1.0000", "3.5000", "0.0000", "False"),
    ]


def test_who_moves_stays_in_the_country_of_the_sign_up(tmp_path: Path) -> None:
    """Two sign up in Norway in April; one is in Peru from December on."""
    april, moved = datetime(2026, 4, 2), datetime(2026, 12, 3)
    stays, leaves = (profile(n, april, country="Norway") | {"updated_at": april} for n in (1, 2))
    gone = leaves | {"country": "Peru", "updated_at": moved}
    seen = [row | {"_seen_at": datetime(2026, 4, 3), "_op": "insert"} for row in (stays, leaves)]
    settings = build_from(
        tmp_path,
        {"user_profile": [stays, gone]},
        "referral_comparison_monthly",
        as_of=datetime(2026, 12, 10),
        history={"user_profile": [*seen, gone | {"_seen_at": moved, "_op": "update"}]},
    )
    rows = read(settings, "select country, organic_users from referral_comparison_monthly")
    assert rows == [{"country": "Norway", "organic_users": 2}]
