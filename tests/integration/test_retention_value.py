"""Lifetime value by month of sign-up, worked by hand, and a forecast value against plain Python."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.integration.test_retention_forecast import HIGH_END, histories, lives_of
from tests.subscription_histories import write_events
from tests.subscription_oracle import Event, add_months
from tests.warehouse import build, read, settings_at, write_raw

# 4.95 less Google's 15 % for subscriptions.
PROCEEDS = Decimal("4.2075")


def profile(user: int, signed_up_at: datetime, role: str = "user") -> dict[str, Any]:
    return {"user_id": UUID(int=user), "created_at": signed_up_at, "role": role}


def test_windows_run_on_each_users_own_clock(tmp_path: Path) -> None:
    """Three charges of one user, 5, 36 and 64 days after sign-up; as_of 10 April 2026 12:00."""
    settings = settings_at(tmp_path)
    profiles = [
        profile(1, datetime(2026, 1, 5)),
        profile(2, datetime(2026, 1, 20)),
        profile(3, datetime(2026, 4, 1)),
        profile(4, datetime(2026, 1, 5), "tester"),
    ]
    as_of = datetime(2026, 4, 10, 12)
    write_raw(settings, {"user_profile": profiles}, as_of=as_of, history={})
    events = [
        Event(1, 1, "created", datetime(2026, 1, 10), order="A..0"),
        Event(2, 1, "renewed", datetime(2026, 2, 10), order="A..1"),
        Event(3, 1, "renewed", datetime(2026, 3, 10), order="A..2"),
        Event(4, 1, "canceled", datetime(2026, 3, 15)),
        Event(5, 3, "created", datetime(2026, 4, 2), order="C..0"),
        Event(6, 4, "created", datetime(2026, 1, 10), order="D..0"),
    ]
    write_events(settings, events)
    build(settings, "customer_ltv_monthly")
    rows = read(settings, "select * from customer_ltv_monthly order by signup_month, window_days")
    columns = (
        "window_days",
        "users",
        "payers",
        "mature_users",
        "proceeds_usd",
        "ltv_per_user_usd",
        "ltv_per_payer_usd",
        "predicted_ltv_usd",
        "is_complete",
    )
    found = {(row["signup_month"], row["window_days"]): row for row in rows}
    assert len(rows) == 10
    january, april = date(2026, 1, 1), date(2026, 4, 1)
    # Who canceled renews no more: 12.6225 / 2 = 6.31125. Nobody can say what April's payer will do.
    all_of_it, value = 3 * PROCEEDS, Decimal("6.3113")
    half = Decimal("2.1038")
    expected = {
        (january, 7): (7, 2, 1, 2, PROCEEDS, half, PROCEEDS, value, True),
        (january, 30): (30, 2, 1, 2, PROCEEDS, half, PROCEEDS, value, True),
        (january, 90): (90, 2, 1, 1, all_of_it, all_of_it, all_of_it, value, False),
        (january, 180): (180, 2, 0, 0, Decimal(0), None, None, value, False),
        # The one user so far is mature, but more may sign up before April is over.
        (april, 7): (7, 1, 1, 1, PROCEEDS, PROCEEDS, PROCEEDS, None, False),
        (april, 30): (30, 1, 0, 0, Decimal(0), None, None, None, False),
    }
    for key, row in expected.items():
        assert tuple(found[key][column] for column in columns) == row, key


def test_expected_proceeds_are_survival_discounted(tmp_path: Path) -> None:
    """Yearly customers of March 2018 who still pay: two or three renewals within 36 months."""
    settings = settings_at(tmp_path)
    as_of, start = datetime(2025, 6, 1), datetime(2018, 3, 1, 10)
    profiles = [profile(user, start) for user in range(1, 1001)]
    write_raw(settings, {"user_profile": profiles}, as_of=as_of, history={})
    write_events(settings, histories(lives_of(HIGH_END, 1000, 7), 12, start, 1))
    build(settings, "customer_ltv_monthly", "retention_forecast")
    rows = read(settings, "select * from int_subscription_expected_proceeds")
    forecast = {
        row["period_number"]: row["forecast_survival_rate"]
        for row in read(settings, "select * from retention_forecast")
    }
    last = float(Decimal("39.95") * Decimal("0.85"))  # paid in March 2025, before the rise
    expected = 0.0
    for step in range(1, 4):
        renews = add_months(datetime(2026, 3, 1, 10), 12 * (step - 1))
        years = (renews - as_of) / timedelta(days=365)
        expected += forecast[7 + step] / forecast[7] * last * math.pow(1.10, -years)
    assert len(rows) == 491
    for row in rows:
        assert float(row["expected_proceeds_usd"]) == pytest.approx(expected, abs=0.0002)


def test_a_renewal_charged_ahead_keeps_its_payer(tmp_path: Path) -> None:
    """As above; one was charged on 31 May 2025 for the year from March 2026, and renews in 2027."""
    settings = settings_at(tmp_path)
    as_of, start = datetime(2025, 6, 1), datetime(2018, 3, 1, 10)
    write_raw(settings, {}, as_of=as_of, history={})
    early = Event(9, 1, "renewed", datetime(2025, 5, 31), plan="yearly-plan", order="early")
    write_events(settings, [*histories(lives_of(HIGH_END, 1000, 7), 12, start, 1), early])
    build(settings, "int_subscription_expected_proceeds", "retention_forecast", "fct_revenue")
    rows = read(settings, "select * from int_subscription_expected_proceeds")
    forecast = {
        row["period_number"]: row["forecast_survival_rate"]
        for row in read(settings, "select * from retention_forecast")
    }
    charged = read(settings, "select * from fct_revenue where booked_at = date '2025-05-31'")
    last, expected = float(charged[0]["proceeds_usd"]), 0.0
    for step in (1, 2):
        renews = add_months(datetime(2027, 3, 1, 10), 12 * (step - 1))
        years = (renews - as_of) / timedelta(days=365)
        expected += forecast[8 + step] / forecast[8] * last * math.pow(1.10, -years)
    found = {row["user_id"]: float(row["expected_proceeds_usd"]) for row in rows}
    assert len(found) == 491
    assert found[UUID(int=1)] == pytest.approx(expected, abs=0.0002)
