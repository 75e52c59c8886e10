"""Thousands of random credit histories in one build, against the event-by-event oracle."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import duckdb
import polars as pl
import pytest

from pipelines.base.settings import Settings
from tests.credit_oracle import WEEK, Lot, Pack, Version, intervals, liability, money_of, replay
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 6, 20, 12)
START = datetime(2026, 1, 5)
EXTRACTIONS = [AS_OF - timedelta(days=13 * n, hours=n) for n in range(12)][::-1]
USERS = 2_500
UNPUBLISHED = ("owed", "bank_limit", "bank_used")  # of the oracle's intervals
PRICES = {4000: Fraction("2.95"), 10000: Fraction("5.95"), 700: Fraction("0.0101"), 3: Fraction(1)}


class Person:
    """One user's random packs and versions; times lie on a coarse grid, so that ties are common.

    One in four has a plain bank: its limit is the packs that stand, its counter only rises, by no
    more than is there and one turn beyond.
    """

    def __init__(self, number: int, rng: random.Random) -> None:
        self.user_id = UUID(int=number)
        self.is_test = rng.random() < 0.05
        self.packs = [self.pack(rng, order) for order in range(rng.choice((0, 1, 1, 2, 3, 6)))]
        self.is_plain = rng.random() < 0.25
        self.versions = self.plain_history(rng) if self.is_plain else self.history(rng)

    def plain_history(self, rng: random.Random) -> list[Version]:
        """Versions of a bank that takes back what is refunded, whole and at once."""
        versions: list[Version] = []
        used = 0
        looks = rng.sample(EXTRACTIONS[:-1], rng.randrange(len(EXTRACTIONS)))
        for seen_at in [*sorted(looks), AS_OF]:
            at = rng.choice((seen_at, seen_at.replace(hour=0)))  # midnights meet packs and refunds
            at = seen_at if seen_at == AS_OF else at
            standing = [
                pack.credits
                for pack in self.packs
                if pack.at <= at
                and not (pack.refunded_at and max(pack.refunded_at, pack.at) <= at)
                and not (pack.undone and pack.undone[0] <= at < pack.undone[1])
            ]
            turns = rng.choice((0, 1, 250, 3000))
            used += min(turns, max(0, sum(standing) - used) + 46) if sum(standing) > used else 0
            versions.append(Version(seen_at, at, 0, 0, None, sum(standing), used))
        return versions

    def pack(self, rng: random.Random, order: int) -> Pack:
        """A pack, one in four refunded, some before the purchase by the clocks; of the others one
        in ten was refunded for some days."""
        at = START + timedelta(days=rng.randrange(0, 160, 2))
        credits = rng.choice(tuple(PRICES))
        refund = at + timedelta(days=rng.randrange(-2, 40, 2)) if rng.random() < 0.25 else None
        undone = None
        if not refund and rng.random() < 0.1:
            days = sorted(rng.sample(range(2, 60, 2), 2))
            begun, ended = (min(at + timedelta(days=n), AS_OF - timedelta(hours=n)) for n in days)
            undone = (begun, ended) if begun < ended else None
        refund = min(refund, AS_OF) if refund else None
        return Pack(order, at, credits, PRICES[credits], refund, undone)

    def history(self, rng: random.Random) -> list[Version]:
        """Versions at some of the extractions, with counters that mostly rise."""
        versions: list[Version] = []
        limit, used, gift, bank_used = rng.choice((0, 10, 1000)), 0, rng.choice((0, 0, 900)), 0
        reset_at: datetime | None = START + WEEK
        # of a refunded pack the bank takes back all, at once or later, a part, or nothing
        taken_back = [
            (pack.refunded_at + timedelta(days=rng.choice((0, 0, 1, 20))), credits)
            for pack in self.packs
            if pack.refunded_at
            for credits in [rng.choice((pack.credits, pack.credits, pack.credits // 3, 0))]
        ]
        for seen_at in sorted(rng.sample(EXTRACTIONS, rng.randrange(0, len(EXTRACTIONS)))):
            if rng.random() < 0.1:
                limit = rng.choice((0, 10, 1000))
            if rng.random() < 0.4:
                used, shift = rng.randrange(0, limit + 60), rng.choice((1, 5, 7, 14, 21, 24, -7))
                reset_at = reset_at + timedelta(days=shift) if reset_at else START
            else:
                used = max(0, used + rng.randrange(-2, 200))
            reset_at = None if rng.random() < 0.03 else reset_at
            gift += rng.choice((0, 0, 0, 400))
            bought = sum(pack.credits for pack in self.packs if pack.at <= seen_at)
            bought -= sum(credits for at, credits in taken_back if at <= seen_at)
            bank_used += rng.choice((0, 1, 250, 3000, -40 if bank_used > 40 else 0))
            if rng.random() < 0.5:
                bank_used = min(bank_used, bought + gift + 46)
            updated_at = rng.choice(
                (
                    seen_at - timedelta(hours=rng.randrange(48)),
                    (seen_at - timedelta(days=rng.randrange(12))).replace(hour=0),
                    seen_at + timedelta(hours=1),
                    versions[-1].updated_at if versions else None,
                    None,
                )
            )
            versions.append(
                Version(
                    seen_at,
                    updated_at,
                    limit,
                    used,
                    reset_at,
                    bought + gift,
                    bank_used,
                    is_deleted=rng.random() < 0.05,
                )
            )
        return versions


def milliseconds(at: datetime) -> str:
    """A time as the stores send it."""
    return str((at - datetime(1970, 1, 1)) // timedelta(milliseconds=1))


def usage_rows(person: Person) -> list[dict[str, Any]]:
    """past.ai_usage; after a tombstone the row comes back under another id."""
    rows, row_id = [], 1
    for version in person.versions:
        rows.append(
            {
                "id": str(UUID(int=person.user_id.int * 100 + row_id)),
                "user_id": str(person.user_id),
                "weekly_limit_credits": version.limit,
                "weekly_used_credits": version.used,
                "weekly_reset_date": version.reset_at,
                "bank_limit_credits": version.bank_limit,
                "bank_used_credits": version.bank_used,
                "updated_at": version.updated_at,
                "_seen_at": version.seen_at,
                "_op": "delete" if version.is_deleted else "update",
            }
        )
        row_id += version.is_deleted
    return rows


def pack_rows(person: Person) -> list[dict[str, Any]]:
    """raw.ai_credit_purchases, with a store number of its own for each."""
    return [
        {
            "id": str(UUID(int=person.user_id.int * 100 + pack.order)),
            "user_id": str(person.user_id),
            "product_id": f"ai_credits_{pack.credits}",
            "purchase_id": f"GPA.{person.user_id.int}-{pack.order}",
            "purchase_token_hash": f"{person.user_id.int}-{pack.order}",
            "source": "google_play",
            "credits_amount": pack.credits,
            "amount_paid": str(Decimal(pack.paid.numerator) / Decimal(pack.paid.denominator)),
            "currency": "USD",
            "status": "refunded" if pack.refunded_at else "purchased",
            "transaction_date": milliseconds(pack.at),
            "created_at": pack.at,
            "updated_at": pack.refunded_at or (pack.undone or (pack.at,))[-1],
        }
        for pack in person.packs
    ]


def undone_rows(person: Person) -> list[dict[str, Any]]:
    """past.ai_credit_purchases: the versions of refunds that were undone."""
    return [
        row | {"status": "refunded", "updated_at": pack.undone[0]}
        for pack, row in zip(person.packs, pack_rows(person), strict=True)
        if pack.undone
    ]


def fill(settings: Settings, people: list[Person]) -> None:
    """Write all histories at once."""
    write_raw(settings, {}, as_of=EXTRACTIONS[0], run_id="run-0")
    write_raw(settings, {}, as_of=AS_OF)
    packs = [row for person in people for row in pack_rows(person)]
    undone = [row for person in people for row in undone_rows(person)]
    profiles = [
        {"user_id": str(person.user_id), "role": "tester" if person.is_test else "user"}
        for person in people
    ]
    tables = {
        "raw.user_profile": profiles,
        "raw.ai_credit_purchases": packs,
        "past.ai_credit_purchases": [
            row | {"_op": "insert", "_seen_at": row["updated_at"]} for row in [*undone, *packs]
        ],
        "past.ai_usage": [row for person in people for row in usage_rows(person)],
        "raw.ai_usage": [
            {name: value for name, value in usage_rows(person)[-1].items() if name[0] != "_"}
            for person in people
            if person.versions and not person.versions[-1].is_deleted
        ],
    }
    with duckdb.connect(str(settings.warehouse)) as con:
        for table, rows in tables.items():
            frame = pl.DataFrame(rows, infer_schema_length=None)
            con.register("frame", frame)
            con.execute(f"insert into {table} by name select * from frame")


@pytest.fixture(scope="module")
def people() -> list[Person]:
    rng = random.Random(20261122)
    return [Person(number, rng) for number in range(1, USERS + 1)]


@pytest.fixture(scope="module")
def marts(people: list[Person], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("histories"))
    fill(settings, people)
    build(
        settings,
        "fct_credit_lots",
        "credit_liability_monthly",
        "credit_consumption_weekly",
        "credit_balances",
        tests=True,
    )
    return settings


@pytest.fixture(scope="module")
def lots(people: list[Person]) -> dict[UUID, list[Lot]]:
    return {
        person.user_id: replay(person.packs, intervals(person.versions), AS_OF)
        for person in people
        if not person.is_test
    }


def test_consumption_is_the_difference_of_successive_versions(
    marts: Settings, people: list[Person]
) -> None:
    expected = {
        (person.user_id, row["observed_to_at"]): row | {"is_test": person.is_test}
        for person in people
        for row in intervals(person.versions)
    }
    found = read(marts, "select * from fct_credit_consumption")
    assert len(found) == len(expected) > len(people)
    for row in found:
        wanted = expected[row["user_id"], row["observed_to_at"]]
        assert {name: row[name] for name in wanted if name not in UNPUBLISHED} == {
            name: value for name, value in wanted.items() if name not in UNPUBLISHED
        }


def test_lots_are_drawn_on_first_in_first_out(marts: Settings, lots: dict[UUID, list[Lot]]) -> None:
    expected = {}
    for user_id, owned in lots.items():
        for lot in owned:
            key = f"ai_credit_purchases:{UUID(int=user_id.int * 100 + lot.pack.order)}"
            earned = sum((amount for _, amount in money_of(lot)), Fraction(0))
            expected[key] = (
                user_id,
                lot.pack.at,
                lot.pack.credits,
                lot.given(is_debt=False),
                lot.revoked,
                lot.given(is_debt=True),
                lot.remaining,
                earned,
                Fraction(0) if lot.is_closed else lot.pack.paid - earned,
            )
    found = {
        row["lot_id"]: (
            row["user_id"],
            row["purchased_at"],
            row["credits"],
            row["consumed_credits"],
            row["revoked_credits"],
            row["debt_credits"],
            row["remaining_credits"],
            Fraction(row["recognised_usd"]),
            Fraction(row["liability_usd"]),
        )
        for row in read(marts, "select * from fct_credit_lots")
    }
    assert len(found) > len(lots)
    assert found == expected


def test_liability_of_every_month_is_what_the_events_leave(
    marts: Settings, lots: dict[UUID, list[Lot]]
) -> None:
    expected = liability([lot for owned in lots.values() for lot in owned], AS_OF, EXTRACTIONS[0])
    found = read(marts, "select * from credit_liability_monthly order by month")
    assert [
        {name: Fraction(value) if name.endswith("_usd") else value for name, value in row.items()}
        for row in found
    ] == expected
    assert len(found) == 6
    assert [row["is_observed"] for row in found] == [False, *[True] * 5]
    assert found[-1]["debt_credits"] > 0 and found[0]["unobserved_consumed_credits"] > 0


def test_lots_and_a_bank_that_keeps_its_own_rules_always_agree(
    marts: Settings, people: list[Person]
) -> None:
    """Whatever was refunded and overshot, and however rarely the bank was looked at."""
    balances = {row["user_id"]: row for row in read(marts, "select * from credit_balances")}
    plain = [person for person in people if person.is_plain and not person.is_test]
    assert len(plain) > USERS // 5
    for person in plain:
        assert balances[person.user_id]["is_reconciled"], person.user_id
    others = [row for row in balances.values() if not row["is_reconciled"]]
    assert len(others) > USERS // 5
    debts = read(marts, "select user_id, sum(debt_credits) as debt from fct_credit_lots group by 1")
    indebted = {row["user_id"] for row in debts if row["debt"] > 0}
    assert len(indebted & {person.user_id for person in plain}) > 20


def test_of_each_users_bank_use_lots_take_what_they_can(
    marts: Settings, people: list[Person], lots: dict[UUID, list[Lot]]
) -> None:
    rows = read(
        marts,
        """
        select user_id, sum(bank_consumed_credits) as used, coalesce(max(taken), 0) as taken
        from fct_credit_consumption
        left join (
            select user_id, sum(consumed_credits) as taken from fct_credit_lots group by user_id
        ) using (user_id)
        group by user_id
        """,
    )
    assert all(0 <= row["taken"] <= row["used"] for row in rows)
    taken = {row["user_id"]: row["taken"] for row in rows}
    for user_id, owned in lots.items():
        assert taken.get(user_id, 0) == sum(lot.given(is_debt=False) for lot in owned)


def test_weeks_sum_up_the_intervals_that_end_in_them(marts: Settings, people: list[Person]) -> None:
    weeks: dict[date, list[tuple[UUID, dict[str, Any]]]] = defaultdict(list)
    for person in people:
        for row in intervals(person.versions):
            if row["observed_from_at"] and not person.is_test:
                day = row["observed_to_at"].date()
                weeks[day - timedelta(days=day.weekday())].append((person.user_id, row))
    found = read(marts, "select * from credit_consumption_weekly")
    assert {row["week_start_date"] for row in found} == set(weeks)
    for row in found:
        inside = weeks[row["week_start_date"]]
        total = {
            name: sum(item[f"{name}_credits"] for _, item in inside)
            for name in ("weekly_granted", "weekly_consumed", "bank_consumed")
        }
        assert row["access"] == "free"
        assert row["is_observed"] == (row["week_start_date"] > EXTRACTIONS[0].date())
        assert row["is_complete"] == (row["week_start_date"] < date(2026, 6, 15))
        assert row["users"] == len({user for user, _ in inside})
        assert row["exhausted_users"] == len({u for u, item in inside if item["is_exhausted"]})
        assert row["granted_credits"] == total["weekly_granted"]
        assert row["weekly_consumed_credits"] == total["weekly_consumed"]
        assert row["bank_consumed_credits"] == total["bank_consumed"]
        assert row["is_lower_bound"] == any(item["is_lower_bound"] for _, item in inside)
        rate = Fraction(total["weekly_consumed"], total["weekly_granted"] or 1)
        assert row["utilisation_rate"] == (
            pytest.approx(float(min(rate, Fraction(1)))) if total["weekly_granted"] else None
        )
