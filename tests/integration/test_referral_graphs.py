"""Random referral graphs of thousands of users, in one build, against the plain-Python oracle."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from pipelines.base.settings import Settings
from tests.referral_oracle import Oracle, Row
from tests.referral_rows import cohort, credit, discount_code, month_bought, profile, uid
from tests.warehouse import build_from, read

START = datetime(2025, 3, 1)
AS_OF = datetime(2026, 6, 15, 12)
USERS = 2500
LONG_CHAIN = 60
MARTS = ("referral_chains", "referral_performance_monthly", "referral_credit_balance_monthly")


def spelled(draw: Random, code: str) -> str:
    """The code as somebody may type it."""
    typed = "".join(draw.choice((letter.lower(), letter.upper())) for letter in code)
    return draw.choice(("", " ", "\t", "  ")) + typed + draw.choice(("", " ", "\n"))


def own_code(user: int) -> str:
    return f"U{user:06d}x"


def used_code(draw: Random, user: int) -> str | None:
    """Whose code a user signed up with: mostly another user's, of any age; rings come by chance."""
    kind = draw.random()
    if kind < 0.40:
        return None
    if kind < 0.43:
        return spelled(draw, own_code(user))
    if kind < 0.48:
        return draw.choice(("NOBODY", "   ", "IINSTI1"))
    if kind < 0.56:
        return spelled(draw, draw.choice(("IPARTN1", "IPARTN2", "SBF02", "OWNED1")))
    return spelled(draw, own_code(draw.randrange(1, USERS + 1)))


def people(draw: Random) -> list[Row]:
    """Users whose codes meet by chance, then one long chain and rings of 2 to 12 users."""
    parents: dict[int, str | None] = {n: used_code(draw, n) for n in range(1, USERS + 1)}
    for user in range(2, LONG_CHAIN + 2):
        parents[user] = own_code(user - 1)
    parents[1] = None
    at = LONG_CHAIN + 10
    for length in range(2, 13):
        for step in range(length):
            parents[at + step] = own_code(at + (step + 1) % length)
        at += length
    users = []
    for user, parent in parents.items():
        signed_up = START + timedelta(seconds=draw.randrange(430 * 86400))
        role = draw.choices(("user", "tester", "admin"), (95, 4, 1))[0]
        users.append(profile(user, signed_up, code=own_code(user), by=parent, role=role))
    for user in draw.sample(range(LONG_CHAIN + 80, USERS), 40):
        # Another user's code in another spelling: the older of the two owns it.
        users[user - 1]["referral_code"] = own_code(user + 1).upper()
    # Discount codes win over users, users over partners.
    users[USERS - 1]["referral_code"], users[USERS - 2]["referral_code"] = "sbf02", "IpartN2"
    return users


def premium(draw: Random, users: list[Row]) -> list[Row]:
    """Paid months and trials, some before the sign-up."""
    events = []
    for number, row in enumerate(users):
        if draw.random() < 0.4:
            at = row["created_at"] + timedelta(hours=draw.randrange(-24, 60 * 24))
            at = min(at, AS_OF - timedelta(days=1))
            offer = "free-trial" if draw.random() < 0.2 else None
            user = row["user_id"].int
            until = at + timedelta(days=30)
            events.append(month_bought(10_000 + number, user, at, until, offer=offer))
    return events


def credits(draw: Random, users: list[Row]) -> list[Row]:
    """Credits for anybody, to anybody, with use and expiry in any order."""
    rows = []
    codes = {row["referral_code"].lower(): row["user_id"].int for row in users}
    for number, row in enumerate(users):
        for copy in range(draw.choices((0, 1, 2), (55, 38, 7))[0]):
            owner = codes.get((row["referred_by_code"] or "").strip().lower(), 7)
            at = row["created_at"] + timedelta(days=draw.randrange(30))
            made = credit(
                20_000 + 2 * number + copy,
                owner if draw.random() < 0.9 else draw.randrange(1, USERS),
                min(at, AS_OF),
                referred=row["user_id"].int if draw.random() < 0.95 else None,
                amount=draw.choice(("1.00", "1.00", "0.50", "-1.00")),
                expires=draw.choice((None, at + timedelta(days=draw.randrange(-5, 400)))),
                used=draw.choice((None, None, at + timedelta(days=draw.randrange(-5, 90)))),
            )
            if made["used_at"] is not None and made["used_at"] > AS_OF:
                made["used_at"] = None
            rows.append(made)
    return rows


def random_rows(seed: int) -> dict[str, list[Row]]:
    draw = Random(seed)
    users = people(draw)
    return {
        "user_profile": users,
        "subscription_events": premium(draw, users),
        "referral_credits": credits(draw, users),
        "discount_codes": [
            discount_code(9001, "SBF02", START),
            discount_code(9002, "owned1", START, referrer_user_id=uid(5)),
            discount_code(9003, "OWNED1 ", START + timedelta(1), referrer_user_id=uid(6)),
        ],
        "cohorts": [
            cohort(9101, "IPARTN1", START),
            cohort(9102, "ipartn2", START),
            cohort(9103, "IINSTI1", START, kind="institution"),
        ],
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Oracle]:
    rows = random_rows(seed=20261122)
    settings = build_from(tmp_path_factory.mktemp("graphs"), rows, *MARTS, as_of=AS_OF)
    return settings, Oracle(rows, AS_OF)


def test_the_random_graph_holds_every_kind_of_case(world: tuple[Settings, Oracle]) -> None:
    found = list(world[1].referrals.values())
    assert {r.kind for r in found} == {"user", "partner", "discount_code", "unknown_code"}
    statuses = {"paid", "pending", "missing", "duplicate", "ineligible", "none"}
    assert {r.status for r in found} == statuses
    assert max(r.depth or 0 for r in found) >= LONG_CHAIN
    assert sum(r.is_cycle for r in found) > 100
    assert sum(r.is_self for r in found) > 30


def test_each_referral_equals_the_oracles(world: tuple[Settings, Oracle]) -> None:
    settings, oracle = world
    rows = read(
        settings,
        "select referred_user_id, referrer_kind, referrer_user_id, partner_code, is_test, depth,"
        " root_user_id, is_self_referral, is_cycle, first_premium_at, reward_status,"
        " expected_reward_usd, reward_usd, partner_payout_usd from fct_referrals",
    )
    expected: dict[Any, tuple[Any, ...]] = {
        r.user: tuple(vars(r).values()) for r in oracle.referrals.values()
    }
    found = {row["referred_user_id"]: tuple(row.values()) for row in rows}
    assert found.keys() == expected.keys()
    differing = {
        user: (found[user], expected[user]) for user in found if found[user] != expected[user]
    }
    assert not differing, list(differing.items())[:3]


def test_each_chain_equals_the_oracles(world: tuple[Settings, Oracle]) -> None:
    settings, oracle = world
    rows = read(settings, "select * from referral_chains")
    found = {
        row["root_user_id"]: (row["direct_referrals"], row["chain_referrals"], row["max_depth"])
        for row in rows
    }
    assert found == oracle.chains()


def test_each_month_equals_the_oracles(world: tuple[Settings, Oracle]) -> None:
    settings, oracle = world
    columns = "users, referrers, referred_signups, referred_users, referred_premium"
    columns += ", organic_users, organic_premium"
    rows = read(settings, f"select signup_month, {columns} from referral_performance_monthly")
    assert {row.pop("signup_month"): tuple(row.values()) for row in rows} == oracle.months()


def test_the_credit_balance_equals_the_oracles(world: tuple[Settings, Oracle]) -> None:
    settings, oracle = world
    rows = read(
        settings,
        "select month, earned_usd, used_usd, expired_usd, outstanding_usd, opening_usd"
        " from referral_credit_balance_monthly order by month",
    )
    expected = oracle.balance()
    balance, months = Decimal(0), []
    for row in rows:
        month, opening = row.pop("month"), row.pop("opening_usd")
        months.append(month)
        zero = (Decimal(0),) * 3
        assert opening == balance
        assert tuple(row.values()) == expected.get(month, (*zero, balance))
        balance = row["outstanding_usd"]
    assert expected.keys() <= set(months)
