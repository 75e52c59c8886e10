"""MRR by segment, worked by hand: one user each, one build for all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.subscription_histories import events_told, write_events
from tests.subscription_oracle import Event
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 7, 1, 12)
FIRST_LOOK, SECOND_LOOK = datetime(2026, 1, 20), datetime(2026, 6, 1)
M, Y = "monthly-plan", "yearly-plan"
GOOGLE, APPLE = "google_play", "app_store"
MONTH, YEAR = Decimal("4.95"), Decimal("3.7458")
MOVED = "2026-03-15 12:00"
# Each user: events (kind, created_at, plan, store, expires_at).
STORIES: dict[str, list[tuple[str, str, str, str, str | None]]] = {
    "moves to Austria": [
        ("created", "2026-02-10", M, GOOGLE, "2026-03-10"),
        ("renewed", "2026-03-10", M, GOOGLE, "2026-04-10"),
        ("canceled", "2026-03-20", M, GOOGLE, None),
    ],
    "moves to Austria without a plan": [
        ("created", "2026-02-10", M, GOOGLE, "2026-03-10"),
        ("canceled", "2026-02-20", M, GOOGLE, None),
        ("created", "2026-05-01", M, GOOGLE, "2026-06-01"),
        ("canceled", "2026-05-02", M, GOOGLE, None),
    ],
    "returns, and moves to Norway within the month": [
        ("created", "2026-01-15", M, GOOGLE, "2026-02-15"),
        ("canceled", "2026-01-20", M, GOOGLE, None),
        ("created", "2026-05-03", M, GOOGLE, "2026-06-03"),
        ("canceled", "2026-05-04", M, GOOGLE, None),
    ],
    "churns as she moves to Austria": [
        ("created", "2026-02-15 12:00", M, GOOGLE, MOVED),
        ("canceled", "2026-02-20", M, GOOGLE, None),
    ],
    "to the yearly plan": [
        ("created", "2026-03-01", M, GOOGLE, "2026-04-01"),
        ("created", "2026-03-20", Y, GOOGLE, "2027-03-20"),
    ],
    "to the other store at one price": [
        ("created", "2026-03-05", M, GOOGLE, "2026-04-05"),
        ("created", "2026-03-25", M, APPLE, "2026-04-25"),
        ("canceled", "2026-03-26", M, APPLE, None),
    ],
    "churns, and is back in the other store within the hour": [
        ("created", "2026-02-01", M, GOOGLE, "2026-03-01"),
        ("expired", "2026-03-01", M, GOOGLE, "2026-03-01"),
        ("created", "2026-03-01 00:30", M, APPLE, "2026-04-01 00:30"),
        ("canceled", "2026-03-02", M, APPLE, None),
    ],
    "tester": [("created", "2026-03-01", M, GOOGLE, "2026-04-01")],
}
USERS = {name: number for number, name in enumerate(STORIES, start=1)}
REFERRED = "to the yearly plan"


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def events() -> list[Event]:
    rows = {USERS[name]: told for name, told in STORIES.items()}
    columns = ("kind", "at", "plan", "store", "expires")
    return events_told(rows, columns, order="{store}.{user}..{number}")


def profile(name: str, country: str, updated_at: str, seen_at: datetime) -> dict[str, Any]:
    return {
        "user_id": UUID(int=USERS[name]),
        "country": country,
        "lead_source": "Podcast",
        "role": "tester" if name == "tester" else "user",
        "referred_by_code": "UANNA01" if name == REFERRED else None,
        "created_at": "2026-01-10",
        "updated_at": updated_at,
        "_loaded_at": seen_at,
    }


def version(row: dict[str, Any]) -> dict[str, Any]:
    """A profile as the history holds it."""
    seen_at = row["_loaded_at"]
    kept = {name: value for name, value in row.items() if name != "_loaded_at"}
    return {**kept, "_seen_at": seen_at, "_op": "insert" if seen_at == FIRST_LOOK else "update"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All live in Germany; those who move to Austria do so on 15 March at noon, seen in June."""
    settings = settings_at(tmp_path_factory.mktemp("segments"))
    first = [profile(name, "Germany", "2026-01-10", FIRST_LOOK) for name in STORIES]
    moved = [
        profile(name, "Austria", MOVED, SECOND_LOOK) for name in STORIES if "to Austria" in name
    ]
    moved += [
        profile(name, "Norway", "2026-05-20", SECOND_LOOK)
        for name in STORIES
        if "to Norway" in name
    ]
    newest = {row["user_id"]: row for row in first + moved}
    write_raw(
        settings,
        {"user_profile": list(newest.values())},
        as_of=AS_OF,
        history={"user_profile": [version(row) for row in first + moved]},
    )
    write_events(settings, events())
    build(
        settings, "mrr_segment_movements", "mrr_bridge_by_segment_monthly", "mrr_bridge_monthly",
        "mrr_bridge_by_attributes_monthly", tests=True,
    )  # fmt: skip
    return settings


Rows = list[tuple[str, str, str, Decimal, Decimal, int]]


def moves(built: Settings, name: str, dimension: str) -> Rows:
    """Instant, type, segment, delta, switched and customers of each row."""
    rows = read(
        built,
        "select * from mrr_segment_movements where user_id = ? and dimension = ?"
        " order by movement_at, customers_delta, segment",
        UUID(int=USERS[name]),
        dimension,
    )
    return [
        (f"{r['movement_at']:%m-%d %H:%M}", r["movement_type"], r["segment"], r["mrr_delta_usd"],
         r["switched_usd"], r["customers_delta"])
        for r in rows
    ]  # fmt: skip


ZERO = Decimal(0)


def new(when: str, segment: str, delta: Decimal = MONTH, kind: str = "new") -> Rows:
    return [(when, kind, segment, delta, ZERO, 1)]


def churn(when: str, segment: str, delta: Decimal = MONTH) -> Rows:
    return [(when, "churn", segment, -delta, ZERO, -1)]


def carried(
    when: str, kind: str, from_: str, to: str, *, before: Decimal, delta: Decimal = ZERO
) -> Rows:
    return [(when, kind, from_, ZERO, -before, -1), (when, kind, to, delta, before, 1)]


@pytest.mark.parametrize(
    ("name", "dimension", "expected"),
    [
        # An attribute changes while there is MRR: it is carried over; the churn is Austria's.
        (
            "moves to Austria",
            "country",
            new("02-10 00:00", "Germany")
            + carried("03-15 12:00", "switch", "Germany", "Austria", before=MONTH)
            + churn("04-10 00:00", "Austria"),
        ),
        ("moves to Austria", "plan", new("02-10 00:00", "monthly")
         + churn("04-10 00:00", "monthly")),
        # Without MRR nothing is carried.
        (
            "moves to Austria without a plan",
            "country",
            new("02-10 00:00", "Germany")
            + churn("03-10 00:00", "Germany")
            + new("05-01 00:00", "Austria", kind="reactivation")
            + churn("06-01 00:00", "Austria"),
        ),
        # What ends at the very instant of the change was the old segment's.
        (
            "churns as she moves to Austria",
            "country",
            new("02-15 12:00", "Germany") + churn("03-15 12:00", "Germany"),
        ),
        # A change of plan carries the MRR before, and books its delta in the new plan.
        (
            "to the yearly plan",
            "plan",
            new("03-01 00:00", "monthly")
            + carried("03-20 00:00", "contraction", "monthly", "yearly", before=MONTH,
                      delta=YEAR - MONTH),
        ),
        (
            "to the yearly plan",
            "acquisition",
            [
                *new("03-01 00:00", "referred"),
                ("03-20 00:00", "contraction", "referred", YEAR - MONTH, ZERO, 0),
            ],
        ),
        # No movement where MRR stays, but another store.
        (
            "to the other store at one price",
            "store",
            new("03-05 00:00", GOOGLE)
            + carried("03-25 00:00", "switch", GOOGLE, APPLE, before=MONTH)
            + churn("04-25 00:00", APPLE),
        ),
        ("to the other store at one price", "lead_source", new("03-05 00:00", "Podcast")
         + churn("04-25 00:00", "Podcast")),
        # Within the movement window neither churn nor new, yet another store.
        (
            "churns, and is back in the other store within the hour",
            "store",
            new("02-01 00:00", GOOGLE)
            + carried("03-01 00:30", "switch", GOOGLE, APPLE, before=MONTH)
            + churn("04-01 00:30", APPLE),
        ),
        ("tester", "plan", []),
    ],
)  # fmt: skip
def test_movements_take_from_one_segment_and_give_to_another(
    built: Settings, name: str, dimension: str, expected: Rows
) -> None:
    assert moves(built, name, dimension) == expected


def test_the_bridge_of_a_segment_tells_who_came_went_and_switched(built: Settings) -> None:
    rows = read(
        built,
        "select * from mrr_bridge_by_segment_monthly where dimension = 'country'"
        " order by segment, movement_month",
    )
    found = {
        (row["segment"], row["movement_month"]): (
            row["opening_mrr_usd"], row["new_usd"], row["reactivation_usd"],
            row["contraction_usd"], row["churn_usd"], row["switched_usd"],
            row["closing_mrr_usd"], row["opening_customers"], row["switched_customers"],
            row["closing_customers"], row["customer_churn_rate"], row["is_complete"],
        )
        for row in rows
    }  # fmt: skip
    cut = YEAR - MONTH
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    # March: four open in Germany, two come, two of the four churn, one moves away.
    assert found["Germany", march] == (
        4 * MONTH, 2 * MONTH, ZERO, cut, -2 * MONTH, -MONTH,
        2 * MONTH + YEAR, 4, -1, 3, 0.5, True,
    )  # fmt: skip
    assert found["Austria", march] == (
        ZERO, ZERO, ZERO, ZERO, ZERO, MONTH, MONTH, 0, 1, 1, None, True,
    )  # fmt: skip
    # April: of three in Germany two churn, the one in Austria too.
    assert found["Germany", april][-2] == pytest.approx(2 / 3)
    assert found["Austria", april][6:] == (ZERO, 1, 0, 0, 1.0, True)
    assert found["Austria", date(2026, 5, 1)][2] == MONTH
    assert (found["Austria", date(2026, 6, 1)][-1], found["Germany", date(2026, 7, 1)][6]) == (
        False, YEAR,
    )  # fmt: skip


def test_who_comes_and_moves_on_within_a_month_stands_in_both_combinations(built: Settings) -> None:
    """Nobody and nothing at either end of the month, and yet a reactivation: its row is kept."""
    rows = read(
        built,
        "select country, reactivation_usd, switched_usd, closing_mrr_usd, reactivated_customers,"
        " switched_customers, closing_customers from mrr_bridge_by_attributes_monthly"
        " where movement_month = '2026-05-01' and plan = 'monthly' and store = 'google_play'"
        " and acquisition = 'organic' and country in ('Germany', 'Norway') order by country",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Germany", MONTH, -MONTH, ZERO, 1, -1, 0),
        ("Norway", ZERO, MONTH, MONTH, 0, 1, 1),
    ]
