"""Edges of a subscription's life, each worked by hand: one user each, one build for all."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.subscription_histories import events_told, write_events
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 7, 1, 12)


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# What each user's rows say: (kind, created_at, base plan, expires_at, offer).
M, Q, Y = "monthly-plan", "quarterly-plan", "yearly-plan"
STORIES: dict[str, list[tuple[str, str, str | None, str | None, str | None]]] = {
    "canceled and bought anew the same day": [
        ("created", "2026-05-03 08:00", M, "2026-06-03 08:00", None),
        ("canceled", "2026-05-20 10:00", M, None, None),
        ("expired", "2026-05-20 10:00", M, "2026-05-20 10:00", None),
        ("created", "2026-05-20 10:40", M, "2026-06-20 10:40", None),
    ],
    "canceled and bought anew the same evening": [
        ("created", "2026-05-03 08:00", M, "2026-06-03 08:00", None),
        ("canceled", "2026-05-20 10:00", M, None, None),
        ("expired", "2026-05-20 10:00", M, "2026-05-20 10:00", None),
        ("created", "2026-05-20 19:00", M, "2026-06-20 19:00", None),
    ],
    "recovered on the last instant of grace": [
        ("created", "2026-04-01 00:00", M, "2026-05-01 00:00", None),
        ("renewed", "2026-05-17 00:00", M, "2026-06-01 00:00", None),
        ("renewed", "2026-06-01 00:00", M, "2026-07-01 00:00", None),
    ],
    "recovered a second after grace": [
        ("created", "2026-04-01 00:00", M, "2026-05-01 00:00", None),
        ("renewed", "2026-05-17 00:00:01", M, "2026-06-17 00:00:01", None),
    ],
    "upgraded in mid-period": [
        ("created", "2026-04-10 00:00", Y, "2027-04-10 00:00", None),
        ("created", "2026-05-15 00:00", M, "2026-06-15 00:00", None),
    ],
    "monthly to yearly by a renewal": [
        ("created", "2026-04-10 00:00", M, "2026-05-10 00:00", None),
        ("renewed", "2026-04-25 00:00", Y, "2027-04-25 00:00", None),
    ],
    "yearly canceled in month one": [
        ("created", "2026-01-10 00:00", Y, "2027-01-10 00:00", None),
        ("canceled", "2026-01-20 00:00", Y, None, None),
    ],
    "open-ended, nothing heard since": [("created", "2026-03-31 09:30", M, None, None)],
    "open-ended, in grace": [("created", "2026-05-20 00:00", M, None, None)],
    "month end anchors": [
        ("created", "2026-01-31 06:00", M, None, None),
        ("renewed", "2026-02-28 06:00", M, None, None),
        ("renewed", "2026-03-28 06:00", M, None, None),
    ],
    "leap day anchor": [
        ("created", "2024-02-29 00:00", Y, None, None),
        ("renewed", "2025-02-28 00:00", Y, None, None),
    ],
    "trial that converts": [
        ("created", "2026-05-01 00:00", M, "2026-05-08 00:00", "free-trial"),
        ("renewed", "2026-05-08 00:00", M, "2026-06-08 00:00", None),
        ("renewed", "2026-06-08 00:00", M, "2026-07-08 00:00", None),
    ],
    "trial that lapses": [
        ("created", "2026-05-01 00:00", M, "2026-05-08 00:00", "free-trial"),
        ("canceled", "2026-05-03 00:00", M, None, None),
    ],
    "offer that ends, and a price change on renewal": [
        ("created", "2026-05-05 00:00", M, "2026-06-05 00:00", "a-1"),
        ("renewed", "2026-06-05 00:00", M, "2026-07-05 00:00", None),
    ],
    "two overlapping, the later one rules": [
        ("created", "2026-05-01 00:00", M, "2026-06-01 00:00", None),
        ("created", "2026-05-11 00:00", M, "2026-06-11 00:00", None),
    ],
    "back after years": [
        ("created", "2022-03-01 00:00", M, "2022-04-01 00:00", None),
        ("expired", "2022-04-01 00:05", M, "2022-04-01 00:00", None),
        ("created", "2026-06-10 00:00", M, "2026-07-10 00:00", None),
    ],
    "ends and begins at one instant": [
        ("created", "2026-05-01 00:00", M, "2026-06-01 00:00", None),
        ("expired", "2026-06-01 00:00", M, "2026-06-01 00:00", None),
        ("created", "2026-06-01 00:00", M, "2026-07-01 12:00:01", None),
    ],
    "renewed early, canceled, and ended": [
        ("created", "2026-04-01 00:00", M, "2026-05-01 00:00", None),
        ("renewed", "2026-04-30 00:00", M, "2026-06-01 00:00", None),
        ("canceled", "2026-05-15 00:00", M, None, None),
        ("expired", "2026-06-01 00:00", M, None, None),
    ],
    "renewal without created": [("renewed", "2026-06-15 00:00", M, "2026-07-15 00:00", None)],
    "expired before created": [
        ("expired", "2026-06-14 00:00", M, "2026-06-14 00:00", None),
        ("created", "2026-06-15 00:00", M, "2026-07-15 00:00", None),
    ],
    "an end before the start": [("created", "2026-06-15 00:00", M, "2026-06-01 00:00", None)],
    "the replaced plan's expiry comes later": [
        ("created", "2026-05-01 00:00", M, "2026-06-01 00:00", None),
        ("created", "2026-05-15 00:00", Y, "2027-05-15 00:00", None),
        ("expired", "2026-06-01 00:00", M, "2026-06-01 00:00", None),
    ],
    "unpriced": [("created", "2026-06-15 00:00", "weekly-plan", "2026-06-22 00:00", None)],
    "the old plan's end is told as the new one replaces it": [
        ("created", "2026-05-01 00:00", M, "2026-06-01 00:00", None),
        ("created", "2026-05-16 00:00", Y, "2026-06-04 00:00", None),
        ("expired", "2026-05-16 00:00:05", M, "2026-05-16 00:00", None),
        ("renewed", "2026-06-04 00:00", Y, "2027-06-04 00:00", None),
    ],
    "all told at once, months later": [
        ("created", "2026-06-10 00:00", M, "2026-05-01 00:00", None),
        ("renewed", "2026-06-10 00:00", M, "2026-06-01 00:00", None),
        ("renewed", "2026-06-10 00:00", M, "2026-07-01 18:00", None),
    ],
    "one end told by two renewals": [
        ("created", "2026-04-05 00:00", M, "2026-05-05 00:00", None),
        ("renewed", "2026-05-05 00:00", M, "2026-06-05 00:00", None),
        ("renewed", "2026-05-06 00:00", M, "2026-06-05 00:00", None),
        ("expired", "2026-06-05 00:00:30", M, "2026-06-05 00:00", None),
    ],
    "a trial told after its renewal": [
        ("renewed", "2026-05-08 00:00", M, "2026-06-08 00:00", None),
        ("created", "2026-05-08 00:00:03", M, "2026-05-08 00:00", "free-trial"),
        ("renewed", "2026-06-08 00:00", M, "2026-07-08 00:00", None),
    ],
    "changed within a trial, and never paid": [
        ("created", "2026-05-01 00:00", M, "2026-05-08 00:00", "free-trial"),
        ("created", "2026-05-03 00:00", Y, "2026-05-08 00:00", None),
        ("canceled", "2026-05-07 00:00", Y, None, None),
        ("expired", "2026-05-08 00:00", Y, "2026-05-08 00:00", None),
    ],
    "five minutes within a month": [
        ("created", "2026-05-10 00:00", M, "2026-06-10 00:00", None),
        ("created", "2026-05-19 10:00", M, "2026-05-19 10:05", None),
        ("renewed", "2026-06-10 00:00", M, "2026-07-10 00:00", None),
    ],
    "told late, with days left": [
        ("created", "2026-05-25 00:00", M, "2026-06-05 00:00", None),
        ("renewed", "2026-06-05 00:00", M, "2026-07-05 00:00", None),
    ],
    "restored after a renewal": [
        ("created", "2025-06-01 00:00", Y, "2026-06-01 00:00", None),
        ("renewed", "2026-06-01 00:00", Y, "2027-06-01 00:00", None),
        ("created", "2026-06-03 00:00", Y, "2027-06-01 00:00", None),
    ],
    "not yet happened": [
        ("created", "2026-06-20 00:00", M, "2026-07-20 00:00", None),
        ("created", "2026-08-01 00:00", Y, "2027-08-01 00:00", None),
    ],
}
USERS = {name: number for number, name in enumerate(STORIES, start=1)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("edges"))
    write_raw(settings, {}, as_of=AS_OF, history={})
    rows = {USERS[name]: told for name, told in STORIES.items()}
    write_events(settings, events_told(rows, ("kind", "at", "plan", "expires", "offer")))
    build(settings, "fct_subscription_periods", "mrr_bridge_daily", "subscription_states_daily")
    return settings


def periods(built: Settings, name: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = read(
        built,
        f"select {', '.join(columns)} from fct_subscription_periods where user_id = ?"
        " order by opened_at, period_start_at",
        UUID(int=USERS[name]),
    )
    return [tuple(row.values()) for row in rows]


def spans(built: Settings, name: str) -> list[tuple[str, str, str]]:
    """Start, effective end and how it ended, of each period."""
    rows = periods(built, name, "period_start_at", "effective_end_at", "ended_by")
    return [(f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", by) for start, end, by in rows]


def moves(built: Settings, name: str) -> list[tuple[str, str, Decimal]]:
    rows = read(
        built,
        "select movement_at, movement_type, mrr_delta_usd from fct_mrr_movements"
        " where user_id = ? order by movement_at",
        UUID(int=USERS[name]),
    )
    return [
        (f"{r['movement_at']:%Y-%m-%d %H:%M}", r["movement_type"], r["mrr_delta_usd"]) for r in rows
    ]


MONTHLY, YEARLY = Decimal("4.95"), Decimal("3.7458")
CHANGE = MONTHLY - YEARLY  # 1.2042


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "canceled and bought anew the same day",
            [
                ("2026-05-03 08:00", "2026-05-20 10:00", "expired"),
                ("2026-05-20 10:40", "2026-06-20 10:40", "open"),
            ],
        ),
        (
            "recovered on the last instant of grace",
            [
                ("2026-04-01 00:00", "2026-05-01 00:00", "renewed"),
                ("2026-05-01 00:00", "2026-06-01 00:00", "renewed"),
                ("2026-06-01 00:00", "2026-07-01 00:00", "open"),
            ],
        ),
        (
            "recovered a second after grace",
            [
                ("2026-04-01 00:00", "2026-05-01 00:00", "lapsed"),
                ("2026-05-17 00:00", "2026-06-17 00:00", "open"),
            ],
        ),
        (
            "upgraded in mid-period",
            [
                ("2026-04-10 00:00", "2026-05-15 00:00", "replaced"),
                ("2026-05-15 00:00", "2026-06-15 00:00", "lapsed"),
            ],
        ),
        (
            "monthly to yearly by a renewal",
            [
                ("2026-04-10 00:00", "2026-04-25 00:00", "replaced"),
                ("2026-04-25 00:00", "2027-04-25 00:00", "open"),
            ],
        ),
        (
            "yearly canceled in month one",
            [("2026-01-10 00:00", "2027-01-10 00:00", "open")],
        ),
        (
            "open-ended, nothing heard since",
            [("2026-03-31 09:30", "2026-04-30 09:30", "lapsed")],
        ),
        ("open-ended, in grace", [("2026-05-20 00:00", "2026-06-20 00:00", "open")]),
        (
            "month end anchors",
            [
                ("2026-01-31 06:00", "2026-02-28 06:00", "renewed"),
                ("2026-02-28 06:00", "2026-03-28 06:00", "renewed"),
                ("2026-03-28 06:00", "2026-04-28 06:00", "lapsed"),
            ],
        ),
        (
            "leap day anchor",
            [
                ("2024-02-29 00:00", "2025-02-28 00:00", "renewed"),
                ("2025-02-28 00:00", "2026-02-28 00:00", "lapsed"),
            ],
        ),
        (
            "trial that converts",
            [
                ("2026-05-01 00:00", "2026-05-08 00:00", "renewed"),
                ("2026-05-08 00:00", "2026-06-08 00:00", "renewed"),
                ("2026-06-08 00:00", "2026-07-08 00:00", "open"),
            ],
        ),
        ("trial that lapses", [("2026-05-01 00:00", "2026-05-08 00:00", "lapsed")]),
        (
            "two overlapping, the later one rules",
            [
                ("2026-05-01 00:00", "2026-05-11 00:00", "replaced"),
                ("2026-05-11 00:00", "2026-06-11 00:00", "lapsed"),
            ],
        ),
        (
            "ends and begins at one instant",
            [
                ("2026-05-01 00:00", "2026-06-01 00:00", "expired"),
                ("2026-06-01 00:00", "2026-07-01 12:00", "open"),
            ],
        ),
        (
            "renewed early, canceled, and ended",
            [
                ("2026-04-01 00:00", "2026-05-01 00:00", "renewed"),
                ("2026-05-01 00:00", "2026-06-01 00:00", "expired"),
            ],
        ),
        ("renewal without created", [("2026-06-15 00:00", "2026-07-15 00:00", "open")]),
        ("expired before created", [("2026-06-15 00:00", "2026-07-15 00:00", "open")]),
        ("an end before the start", [("2026-06-15 00:00", "2026-07-15 00:00", "open")]),
        (
            "the replaced plan's expiry comes later",
            [
                ("2026-05-01 00:00", "2026-05-15 00:00", "replaced"),
                ("2026-05-15 00:00", "2027-05-15 00:00", "open"),
            ],
        ),
        (
            "the old plan's end is told as the new one replaces it",
            [
                ("2026-05-01 00:00", "2026-05-16 00:00", "expired"),
                ("2026-05-16 00:00", "2026-06-04 00:00", "renewed"),
                ("2026-06-04 00:00", "2027-06-04 00:00", "open"),
            ],
        ),
        (
            "all told at once, months later",
            [
                ("2026-04-01 00:00", "2026-05-01 00:00", "renewed"),
                ("2026-05-01 00:00", "2026-06-01 00:00", "renewed"),
                ("2026-06-01 00:00", "2026-07-01 18:00", "open"),
            ],
        ),
        # The second is nobody's time: neither the first one's renewal nor its end.
        (
            "one end told by two renewals",
            [
                ("2026-04-05 00:00", "2026-05-05 00:00", "renewed"),
                ("2026-05-05 00:00", "2026-06-05 00:00", "expired"),
                ("2026-06-05 00:00", "2026-06-05 00:00", "lapsed"),
            ],
        ),
        (
            "a trial told after its renewal",
            [
                ("2026-05-08 00:00", "2026-06-08 00:00", "renewed"),
                ("2026-05-08 00:00", "2026-05-08 00:00", "renewed"),
                ("2026-06-08 00:00", "2026-07-08 00:00", "open"),
            ],
        ),
        (
            "changed within a trial, and never paid",
            [
                ("2026-05-01 00:00", "2026-05-03 00:00", "replaced"),
                ("2026-05-03 00:00", "2026-05-08 00:00", "expired"),
            ],
        ),
        (
            "told late, with days left",
            [
                ("2026-05-05 00:00", "2026-06-05 00:00", "renewed"),
                ("2026-06-05 00:00", "2026-07-05 00:00", "open"),
            ],
        ),
        (
            "restored after a renewal",
            [
                ("2025-06-01 00:00", "2026-06-01 00:00", "renewed"),
                ("2026-06-01 00:00", "2027-06-01 00:00", "open"),
            ],
        ),
        ("not yet happened", [("2026-06-20 00:00", "2026-07-20 00:00", "open")]),
    ],
)
def test_periods_end_as_worked_by_hand(
    built: Settings, name: str, expected: list[tuple[str, str, str]]
) -> None:
    assert spans(built, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # 40 minutes between end and new purchase are less than the window of 60: nothing moved.
        ("canceled and bought anew the same day", [("2026-05-03 08:00", "new", MONTHLY)]),
        (
            "canceled and bought anew the same evening",
            [
                ("2026-05-03 08:00", "new", MONTHLY),
                ("2026-05-20 10:00", "churn", -MONTHLY),
                ("2026-05-20 19:00", "reactivation", MONTHLY),
            ],
        ),
        ("recovered on the last instant of grace", [("2026-04-01 00:00", "new", MONTHLY)]),
        (
            "recovered a second after grace",
            [
                ("2026-04-01 00:00", "new", MONTHLY),
                ("2026-05-01 00:00", "churn", -MONTHLY),
                ("2026-05-17 00:00", "reactivation", MONTHLY),
            ],
        ),
        (
            "upgraded in mid-period",
            [
                ("2026-04-10 00:00", "new", YEARLY),
                ("2026-05-15 00:00", "expansion", CHANGE),
                ("2026-06-15 00:00", "churn", -MONTHLY),
            ],
        ),
        (
            "monthly to yearly by a renewal",
            [("2026-04-10 00:00", "new", MONTHLY), ("2026-04-25 00:00", "contraction", -CHANGE)],
        ),
        ("yearly canceled in month one", [("2026-01-10 00:00", "new", YEARLY)]),
        (
            "open-ended, nothing heard since",
            [("2026-03-31 09:30", "new", MONTHLY), ("2026-04-30 09:30", "churn", -MONTHLY)],
        ),
        ("open-ended, in grace", [("2026-05-20 00:00", "new", MONTHLY)]),
        ("trial that converts", [("2026-05-08 00:00", "new", MONTHLY)]),
        ("trial that lapses", []),
        (
            "offer that ends, and a price change on renewal",
            [
                ("2026-05-05 00:00", "new", Decimal("2.45")),
                ("2026-06-05 00:00", "expansion", Decimal("2.50")),
            ],
        ),
        (
            "back after years",
            [
                ("2022-03-01 00:00", "new", MONTHLY),
                ("2022-04-01 00:00", "churn", -MONTHLY),
                ("2026-06-10 00:00", "reactivation", MONTHLY),
            ],
        ),
        ("ends and begins at one instant", [("2026-05-01 00:00", "new", MONTHLY)]),
        ("unpriced", []),
        (
            "the old plan's end is told as the new one replaces it",
            [("2026-05-01 00:00", "new", MONTHLY), ("2026-05-16 00:00", "contraction", -CHANGE)],
        ),
        ("all told at once, months later", [("2026-04-01 00:00", "new", MONTHLY)]),
        (
            "one end told by two renewals",
            [("2026-04-05 00:00", "new", MONTHLY), ("2026-06-05 00:00", "churn", -MONTHLY)],
        ),
        ("a trial told after its renewal", [("2026-05-08 00:00", "new", MONTHLY)]),
        ("changed within a trial, and never paid", []),
        ("five minutes within a month", [("2026-05-10 00:00", "new", MONTHLY)]),
        ("told late, with days left", [("2026-05-05 00:00", "new", MONTHLY)]),
        # The price was 39.95 in June 2025: 3.3292 a month; 44.95 since October.
        (
            "restored after a renewal",
            [
                ("2025-06-01 00:00", "new", Decimal("3.3292")),
                ("2026-06-01 00:00", "expansion", Decimal("0.4166")),
            ],
        ),
        ("not yet happened", [("2026-06-20 00:00", "new", MONTHLY)]),
    ],
)
def test_movements_are_those_worked_by_hand(
    built: Settings, name: str, expected: list[tuple[str, str, Decimal]]
) -> None:
    assert moves(built, name) == expected


def test_a_trial_is_free_and_renewals_count_from_the_first_paid_period(built: Settings) -> None:
    columns = ("is_trial", "renewal_number", "price_usd", "mrr_usd", "contracted_mrr_usd")
    assert periods(built, "trial that converts", *columns) == [
        (True, 0, Decimal(0), Decimal(0), Decimal(0)),
        (False, 0, MONTHLY, MONTHLY, MONTHLY),
        (False, 1, MONTHLY, MONTHLY, MONTHLY),
    ]


def test_an_offer_lowers_mrr_but_not_the_contracted_one(built: Settings) -> None:
    name = "offer that ends, and a price change on renewal"
    assert periods(built, name, "mrr_usd", "contracted_mrr_usd") == [
        (Decimal("2.45"), MONTHLY),
        (MONTHLY, MONTHLY),
    ]


def test_what_has_no_price_counts_no_mrr(built: Settings) -> None:
    columns = ("price_usd", "mrr_usd", "billing_months", "base_plan_id")
    assert periods(built, "unpriced", *columns) == [(None, Decimal(0), None, "weekly-plan")]


def test_a_chain_goes_on_within_grace_and_starts_anew_after_it(built: Settings) -> None:
    columns = ("chain_number", "renewal_number")
    within = periods(built, "recovered on the last instant of grace", *columns)
    after = periods(built, "recovered a second after grace", *columns)
    assert within == [(1, 0), (1, 1), (1, 2)]
    assert after == [(1, 0), (2, 0)]


def test_the_cancel_is_an_intent_of_the_period_charged_before_it(built: Settings) -> None:
    name = "renewed early, canceled, and ended"
    assert periods(built, name, "cancel_intent_at") == [(None,), (datetime(2026, 5, 15),)]
    reasons = read(
        built,
        "select churn_reason from fct_mrr_movements where user_id = ? and movement_type = 'churn'",
        UUID(int=USERS[name]),
    )
    assert reasons == [{"churn_reason": "voluntary"}]


def test_grace_shows_as_a_state_and_a_lapse_is_dated_back(built: Settings) -> None:
    """On 25 June one user is in grace; who lapsed on 30 April is in no state in May."""
    rows = read(
        built,
        "select date, customers from subscription_states_daily where state = 'grace'"
        " and date in ('2026-05-05', '2026-06-25') order by date",
    )
    # 5 May: who recovered on 17 May, and whose renewal was told on 10 June. 25 June: the
    # open-ended one (over on 20 June), both who bought anew on 20 May (20 June), and who recovered
    # a second late (17 June).
    assert [row["customers"] for row in rows] == [2, 4]


def test_days_without_movement_are_there_too(built: Settings) -> None:
    rows = read(
        built,
        "select * from mrr_bridge_daily where movement_date between '2022-04-02' and '2022-04-04'",
    )
    assert [row["closing_customers"] for row in rows] == [0, 0, 0]
    assert [row["closing_mrr_usd"] for row in rows] == [Decimal(0)] * 3
