"""Trials, conversion and survival, worked by hand: one user each, one build for all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.subscription_histories import events_told, write_events
from tests.subscription_oracle import Event, add_months
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 7, 1, 12)
M, Q, Y = "monthly-plan", "quarterly-plan", "yearly-plan"
TRIAL = "free-trial"
# Each user: sign-up, then events (kind, created_at, plan, expires_at, offer).
Story = tuple[str, list[tuple[str, str, str, str | None, str | None]]]
STORIES: dict[str, Story] = {
    "trial that converts": ("2026-05-01 09:00", [
        ("created", "2026-05-01 10:00", M, "2026-05-08 10:00", TRIAL),
        ("renewed", "2026-05-08 10:00", M, "2026-06-08 10:00", None),
        ("renewed", "2026-06-08 10:00", M, "2026-07-08 10:00", None),
    ]),
    "trial that is canceled": ("2026-05-01", [
        ("created", "2026-05-02", M, "2026-05-09", TRIAL),
        ("canceled", "2026-05-03", M, None, None),
    ]),
    "trial that lapses in silence": ("2026-05-30", [
        ("created", "2026-06-01", M, "2026-06-08", TRIAL),
    ]),
    "trial in grace": ("2026-05-31", [("created", "2026-06-15", M, "2026-06-22", TRIAL)]),
    "trial replaced by a paid plan": ("2026-05-09", [
        ("created", "2026-05-10", M, "2026-05-17", TRIAL),
        ("created", "2026-05-12", Y, "2027-05-12", None),
    ]),
    "direct payer": ("2026-05-20", [
        ("created", "2026-05-25", M, "2026-06-25", None),
        ("renewed", "2026-06-25", M, "2026-07-25", None),
    ]),
    "won back by a trial": ("2026-03-09", [
        ("created", "2026-03-10", M, "2026-04-10", None),
        ("canceled", "2026-03-20", M, None, None),
        ("created", "2026-05-05", M, "2026-05-12", TRIAL),
        ("renewed", "2026-05-12", M, "2026-06-12", None),
        ("renewed", "2026-06-12", M, "2026-07-12", None),
    ]),
    "tester": ("2026-05-01", [("created", "2026-05-02", M, "2026-05-09", TRIAL)]),
    "buyer of a pack, 30 days on": ("2026-05-01", []),
    "paid before the sign-up": ("2026-05-04", [
        ("created", "2026-05-03", M, "2026-06-03", None),
        ("renewed", "2026-06-03", M, "2026-07-03", None),
    ]),
    "one trial replaced by another": ("2026-05-19", [
        ("created", "2026-05-20", M, "2026-05-27", TRIAL),
        ("created", "2026-05-23", Y, "2026-05-30", TRIAL),
        ("renewed", "2026-05-30", Y, "2027-05-30", None),
    ]),
    "trial that lapses, paid 30 days on": ("2026-05-01", [
        ("created", "2026-05-03", M, "2026-05-10", TRIAL),
        ("expired", "2026-05-10", M, "2026-05-10", None),
        ("created", "2026-05-31", M, "2026-06-30", None),
    ]),
    "converts and moves up within the hour": ("2026-05-14", [
        ("created", "2026-05-14 10:00", M, "2026-05-21 10:00", TRIAL),
        ("renewed", "2026-05-21 10:00", M, "2026-06-21 10:00", None),
        ("renewed", "2026-05-21 10:20", Y, "2027-05-21 10:20", None),
    ]),
}  # fmt: skip
USERS = {name: number for number, name in enumerate(STORIES, start=1)}
# Quarterly customers without a profile: first paid, renewals paid. With renewals settled up to
# the one of 1 June 2026, they are followed for 1 1 2 3 3 3 4 5 5 renewals; five lose the last.
SURVIVORS = [
    ("2026-03-01", 1), ("2026-03-01", 1), ("2025-03-01", 1), ("2025-09-01", 3),
    ("2025-03-01", 2), ("2025-03-01", 2), ("2025-06-01", 4), ("2025-03-01", 4),
    ("2025-03-01", 4),
]  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def story_events() -> list[Event]:
    rows = {USERS[name]: told for name, (_, told) in STORIES.items()}
    return events_told(rows, ("kind", "at", "plan", "expires", "offer"))


def survivor_events() -> list[Event]:
    return [
        Event(
            id=100 * user + n,
            user=user,
            kind="renewed" if n else "created",
            at=add_months(at(start), 3 * n),
            plan=Q,
            expires=add_months(at(start), 3 * n + 3),
            order=f"GPA.{user}..{n}",
        )
        for user, (start, renewals) in enumerate(SURVIVORS, start=501)
        for n in range(renewals + 1)
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("conversion"))
    profiles = [
        {
            "user_id": UUID(int=USERS[name]),
            "created_at": at(signed_up),
            "role": "tester" if name == "tester" else "user",
        }
        for name, (signed_up, _) in STORIES.items()
    ]
    pack = {
        "id": UUID(int=9),
        "user_id": UUID(int=USERS["buyer of a pack, 30 days on"]),
        "credits_amount": 4000,
        "source": "google_play",
        "status": "completed",
        "product_id": "ai_credits_4000",
        "purchase_id": "GPA.pack",
        "created_at": at("2026-05-31"),
    }
    raw: dict[str, list[dict[str, Any]]] = {"user_profile": profiles, "ai_credit_purchases": [pack]}
    write_raw(settings, raw, as_of=AS_OF, history={})
    write_events(settings, story_events() + survivor_events())
    build(
        settings, "trial_movements_daily", "conversion_cohorts", "survival_curve",
        "cohort_explorer", tests=True,
    )  # fmt: skip
    return settings


def test_trials_move_on_the_days_they_do(built: Settings) -> None:
    rows = read(
        built,
        "select * from trial_movements_daily where date >= '2026-03-01' order by date",
    )
    moved = {
        row["date"]: tuple(
            row[name] for name in ("started", "converted", "lapsed", "canceled", "direct_payers")
        )
        for row in rows
    }
    quiet = (0, 0, 0, 0, 0)
    assert {day: flows for day, flows in moved.items() if flows != quiet} == {
        date(2026, 3, 1): (0, 0, 0, 0, 2),  # two of the quarterly customers
        date(2026, 3, 10): (0, 0, 0, 0, 1),
        date(2026, 5, 1): (1, 0, 0, 0, 0),
        date(2026, 5, 2): (1, 0, 0, 0, 0),
        date(2026, 5, 3): (1, 0, 0, 1, 1),
        date(2026, 5, 5): (1, 0, 0, 0, 0),
        date(2026, 5, 8): (0, 1, 0, 0, 0),
        date(2026, 5, 9): (0, 0, 1, 0, 0),
        date(2026, 5, 10): (1, 0, 1, 0, 0),
        date(2026, 5, 12): (0, 2, 0, 0, 0),
        date(2026, 5, 14): (1, 0, 0, 0, 0),
        date(2026, 5, 20): (1, 0, 0, 0, 0),
        date(2026, 5, 21): (0, 1, 0, 0, 0),
        date(2026, 5, 25): (0, 0, 0, 0, 1),
        date(2026, 5, 30): (0, 1, 0, 0, 0),
        date(2026, 5, 31): (0, 0, 0, 0, 1),
        date(2026, 6, 1): (1, 0, 0, 0, 0),
        date(2026, 6, 8): (0, 0, 1, 0, 0),
        date(2026, 6, 15): (1, 0, 0, 0, 0),
    }
    # Only the trial in grace is left; the day of 14 June is over, grace and all, on 1 July.
    assert (rows[-1]["date"], rows[-1]["closing_trials"]) == (date(2026, 7, 1), 1)
    assert max(row["date"] for row in rows if row["is_complete"]) == date(2026, 6, 14)


# users, eligible, converted within 7, 14, 30, 60, 90 days and ever, of those who signed up in May:
# eleven; by 1 July 12:00 the 60 days of the four of 1 May have passed, nobody's 90.
MAY = {
    "trial_started": [(11, 11, 7), (11, 11, 7), (11, 11, 8), (11, 4, 3), (11, 0, 0), (11, 11, 8)],
    "first_paid": [(11, 11, 3), (11, 11, 6), (11, 11, 6), (11, 4, 2), (11, 0, 0), (11, 11, 7)],
    "first_purchase": [(11, 11, 3), (11, 11, 6), (11, 11, 6), (11, 4, 3), (11, 0, 0), (11, 11, 8)],
    "trial_converted": [(8, 8, 4), (8, 7, 4), (8, 6, 5), (8, 0, 0), (8, 0, 0), (8, 8, 5)],
}
WINDOWS = ["7 d", "14 d", "30 d", "60 d", "90 d", "unbounded"]


@pytest.mark.parametrize("step", MAY)
def test_windows_run_on_each_users_own_clock(built: Settings, step: str) -> None:
    rows = read(
        built,
        "select * from conversion_cohorts where signup_month = '2026-05-01' and step = ?",
        step,
    )
    found = {row["conversion_window"]: row for row in rows}
    assert set(found) == set(WINDOWS)
    for window, (users, eligible, converted) in zip(WINDOWS, MAY[step], strict=True):
        row = found[window]
        assert (row["users"], row["eligible"], row["converted"]) == (users, eligible, converted)
        assert row["conversion_rate"] == (converted / eligible if eligible else None)
        assert row["is_complete"] == (eligible == users and window != "unbounded")


def test_a_cohort_without_users_has_no_row(built: Settings) -> None:
    rows = read(built, "select distinct signup_month, step from conversion_cohorts order by all")
    months = {(row["signup_month"].month, row["step"]) for row in rows}
    assert months == {(month, step) for month in (3, 5) for step in MAY}


def test_survival_is_that_of_lifelines(built: Settings) -> None:
    """KaplanMeierFitter().fit(durations, losses) of lifelines 0.30.3, to six decimals."""
    rows = read(built, "select * from survival_curve where billing_months = 3 order by all")
    found = [
        (row["period_number"], row["at_risk"], row["lost"], round(row["survival_rate"], 6),
         round(row["survival_low"], 6), round(row["survival_high"], 6))
        for row in rows
    ]  # fmt: skip
    assert found == [
        (0, 9, 0, 1.0, 1.0, 1.0),
        (1, 9, 0, 1.0, 1.0, 1.0),
        (2, 7, 1, 0.857143, 0.334054, 0.978561),
        (3, 6, 2, 0.571429, 0.171866, 0.837083),
        (4, 3, 0, 0.571429, 0.171866, 0.837083),
        (5, 2, 2, 0.0, 0.0, 0.0),
    ]


def test_cohorts_are_explored_by_age(built: Settings) -> None:
    """Payers and MRR as the age is reached, proceeds of the month that begins with it.

    Proceeds: 4.2075 of a month, 38.2075 of a year (15 % fee), 2.065 of the pack (30 %). Of the
    users of May, at age 0 six months, three years and the pack, 141.9325; of the first payers of
    May five months and three years, 135.66, their first periods being five months and two years.
    """
    rows = read(built, "select * from cohort_explorer where cohort_month = '2026-05-01'")
    found = {
        (row["cohort_kind"], row["age_months"]): (
            row["users"], row["eligible"], row["payers"], row["mrr_usd"], row["proceeds_usd"],
            row["plays"], row["is_observed"], row["is_complete"],
        )
        for row in rows
    }  # fmt: skip
    unseen = (None, False)
    assert found == {
        ("signup", 0): (11, 11, 1, Decimal("4.95"), Decimal("141.9325"), *unseen, True),
        ("signup", 1): (11, 11, 7, Decimal("31.0374"), Decimal("8.415"), *unseen, False),
        ("signup", 2): (11, 4, 2, Decimal("9.90"), Decimal(0), *unseen, False),
        ("first_paid", 0): (7, 7, 7, Decimal("32.2416"), Decimal("135.66"), *unseen, True),
        ("first_paid", 1): (7, 7, 7, Decimal("31.0374"), Decimal("12.6225"), *unseen, False),
    }
