"""Referrals: whose code, where in the chain, what is owed and given; numbers worked by hand."""

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
    discount_code,
    month_bought,
    profile,
    uid,
)
from tests.warehouse import build, build_from, read, settings_at, write_raw

AS_OF = datetime(2026, 6, 15, 12)
JANUARY = datetime(2026, 1, 10, 9)
MARTS = (
    "dim_users",
    "fct_referrals",
    "referral_chains",
    "referral_rings",
    "referral_performance_monthly",
    "partner_payouts_monthly",
)
USD = Decimal


def later(days: float, start: datetime = JANUARY) -> datetime:
    return start + timedelta(days=days)


def paid_month(event: int, user: int, at: datetime, **columns: Any) -> dict[str, Any]:
    return month_bought(event, user, at, at + timedelta(days=31), **columns)


def built(folder: Path, rows: dict[str, list[dict[str, Any]]], **changes: Any) -> Settings:
    return build_from(folder, rows, *MARTS, as_of=AS_OF, **changes)


def referrals(settings: Settings, columns: str) -> dict[int, tuple[Any, ...]]:
    """The columns of fct_referrals by the number of the referred user; user ids as numbers."""
    rows = read(settings, f"select referred_user_id, {columns} from fct_referrals")
    return {
        row.pop("referred_user_id").int: tuple(
            value.int if hasattr(value, "int") else value for value in row.values()
        )
        for row in rows
    }


@pytest.fixture(scope="module")
def lookups(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Every way in which a code can be found, or not."""
    users = [
        profile(1, JANUARY, code="UAAAAAA"),
        profile(2, later(1), by="  uaaaaaa "),
        profile(3, later(1), by="\tUAAAAAA\n"),
        profile(4, later(1), by="SBF02"),
        profile(5, later(1), by="owned1"),
        profile(6, later(1), by="ipartne"),
        profile(7, later(1), by="iclinic"),
        profile(8, later(1), by="UZZZZZZ"),
        profile(9, later(1), by="   "),
        profile(10, JANUARY, code="Sbf02"),
        profile(11, JANUARY, code="ipartn2"),
        profile(12, later(1), by="IPARTN2"),
        profile(13, later(3), code="udouble"),
        profile(14, later(2), code="UDOUBLE"),
        profile(15, later(4), by="uDouble"),
        profile(16, later(1)),
    ]
    codes = [
        discount_code(50, "SBF02", JANUARY),
        discount_code(51, " Owned1", JANUARY, referrer_user_id=uid(1)),
    ]
    cohorts = [
        cohort(60, "IPARTNE", JANUARY),
        cohort(61, "ICLINIC", JANUARY, kind="institution"),
        cohort(62, "IPARTN2", JANUARY),
    ]
    rows = {"user_profile": users, "discount_codes": codes, "cohorts": cohorts}
    return built(tmp_path_factory.mktemp("lookups"), rows)


def test_a_code_is_found_first_among_discounts_then_users_then_partners(lookups: Settings) -> None:
    found = referrals(lookups, "referrer_kind, referrer_user_id, partner_code")
    assert found == {
        2: ("user", 1, None),
        3: ("user", 1, None),
        4: ("discount_code", None, None),  # user 10 has the same letters: discounts come first
        5: ("discount_code", 1, None),
        6: ("partner", None, "IPARTNE"),
        7: ("unknown_code", None, None),  # an institution is no partner
        8: ("unknown_code", None, None),
        12: ("user", 11, None),  # a partner has it too: users come before partners
        15: ("user", 14, None),  # of two users with one code the earlier sign-up
    }


def test_users_without_a_code_or_with_a_blank_one_are_not_referred(lookups: Settings) -> None:
    rows = read(
        lookups,
        "select user_id, referred_by_code, referrer_kind from dim_users where user_id in (?, ?)"
        " order by user_id",
        uid(9),
        uid(16),
    )
    assert [(row["referred_by_code"], row["referrer_kind"]) for row in rows] == [(None, None)] * 2


def test_the_code_is_kept_as_typed_but_for_blanks(lookups: Settings) -> None:
    codes = referrals(lookups, "code")
    assert (codes[2], codes[3], codes[15]) == (("uaaaaaa",), ("UAAAAAA",), ("uDouble",))


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A tree, a self-referral, two rings with what hangs below them, and test users.

    1 -> 2 -> 3 -> 4, 1 -> 5; 10 by itself -> 11; 20 -> 21 -> 20, 21 -> 22 -> 23; ring 30 .. 34;
    40 -> 41 (tester) -> 42 -> 43; 50 (tester) -> 51 -> 52. Code of user n is Un.
    """
    parent = {2: 1, 3: 2, 4: 3, 5: 1, 10: 10, 11: 10, 20: 21, 21: 20, 22: 21, 23: 22}
    parent |= {30: 34, 31: 30, 32: 31, 33: 32, 34: 33, 41: 40, 42: 41, 43: 42, 51: 50, 52: 51}
    roles = {41: "tester", 50: "admin"}
    everyone = sorted({*parent, *parent.values()})
    users = [
        profile(
            user,
            later(user),
            code=f"U{user}",
            by=f"u{parent[user]}" if user in parent else None,
            role=roles.get(user, "user"),
        )
        for user in everyone
    ]
    paid = (2, 3, 5, 11, 22, 41, 43, 52)
    events = [paid_month(1000 + user, user, later(user + 1)) for user in paid]
    rows = {"user_profile": users, "subscription_events": events}
    return built(tmp_path_factory.mktemp("chains"), rows)


def test_depth_counts_from_the_root_and_rings_have_none(chains: Settings) -> None:
    found = referrals(chains, "depth, root_user_id, is_self_referral, is_cycle, is_test")
    nowhere = (None, None, False, True, False)
    assert found == {
        2: (1, 1, False, False, False),
        3: (2, 1, False, False, False),
        4: (3, 1, False, False, False),
        5: (1, 1, False, False, False),
        10: (None, None, True, False, False),
        11: (1, 10, False, False, False),
        **dict.fromkeys((20, 21, 22, 23, 30, 31, 32, 33, 34), nowhere),
        41: (1, 40, False, False, True),
        42: (2, 40, False, False, True),
        43: (3, 40, False, False, False),
        51: (1, 50, False, False, True),
        52: (2, 50, False, False, False),
    }


def test_a_ring_is_named_by_its_least_user_and_has_others_below(chains: Settings) -> None:
    rows = read(chains, "select * from referral_rings order by ring_id, user_id")
    assert [(r["ring_id"].int, r["user_id"].int, r["is_on_ring"]) for r in rows] == [
        (20, 20, True), (20, 21, True), (20, 22, False), (20, 23, False),
        (30, 30, True), (30, 31, True), (30, 32, True), (30, 33, True), (30, 34, True),
    ]  # fmt: skip


def test_chain_figures_include_the_direct_ones_and_leave_out_test_users(chains: Settings) -> None:
    # Paid a month of proceeds 4.2075 each: 2, 3, 5 below 1; 11 below 10; 43 below 40. Testers have
    # no revenue. 52 stands below a tester as root: in no chain.
    rows = read(chains, "select * from referral_chains order by root_user_id")
    assert [tuple(row.values()) for row in rows] == [
        (uid(1), 2, 4, 3, 2 * MONTH_PROCEEDS, 3 * MONTH_PROCEEDS),
        (uid(10), 1, 1, 1, MONTH_PROCEEDS, MONTH_PROCEEDS),
        (uid(40), 0, 1, 3, USD(0), MONTH_PROCEEDS),
    ]


def test_no_reward_is_owed_for_rings_and_self_referrals(chains: Settings) -> None:
    owed = referrals(chains, "expected_reward_usd, reward_status")
    assert owed[22] == (USD(0), "none")  # premium, but below a ring
    assert owed[10] == (USD(0), "none")
    assert owed[11] == (USD(1), "missing")
    assert owed[4] == (USD(0), "pending")


@pytest.fixture(scope="module")
def rewards(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """User 1 refers 2 .. 12; 13 comes by a partner, 14 by a discount code of user 1's."""
    users = [profile(1, JANUARY, code="UAAAAAA")]
    users += [profile(user, later(1), by="UAAAAAA") for user in range(2, 13)]
    users += [profile(13, later(1), by="IPARTNE"), profile(14, later(1), by="OWNED")]
    premium = (2, 3, 4, 5, 9, 10, 13, 14)
    events = [paid_month(1000 + user, user, later(10)) for user in premium]
    events += [paid_month(1011, 11, later(10), offer="free-trial")]
    credits = [
        credit(102, 1, later(10), referred=2),
        credit(104, 1, later(12), referred=4),
        credit(103, 1, later(11), referred=4, used=later(20)),
        credit(105, 99, later(10), referred=5),
        credit(107, 1, later(10), referred=7),
        credit(108, 1, later(10)),
        credit(109, 98, later(9), referred=9),
        credit(110, 1, later(10), referred=9),
        credit(111, 1, later(10), referred=10, amount="0.50"),
        credit(114, 1, later(10), referred=14),
    ]
    rows = {
        "user_profile": users,
        "subscription_events": events,
        "referral_credits": credits,
        "cohorts": [cohort(60, "IPARTNE", JANUARY)],
        "discount_codes": [discount_code(51, "OWNED", JANUARY, referrer_user_id=uid(1))],
    }
    return built(tmp_path_factory.mktemp("rewards"), rows)


def test_reward_status_follows_from_the_rule_and_the_credits(rewards: Settings) -> None:
    found = referrals(rewards, "reward_status, expected_reward_usd, reward_usd, reward_credit_id")
    assert {user: (row[0], *map(str, row[1:3]), row[3]) for user, row in found.items()} == {
        2: ("paid", "1.0000", "1.0000", 102),
        3: ("missing", "1.0000", "0.0000", None),
        4: ("duplicate", "1.0000", "2.0000", 103),  # the older of the two speaks
        5: ("missing", "1.0000", "1.0000", 105),  # it went to somebody else
        6: ("pending", "0.0000", "0.0000", None),
        7: ("ineligible", "0.0000", "1.0000", 107),  # not premium yet
        8: ("pending", "0.0000", "0.0000", None),
        9: ("duplicate", "1.0000", "2.0000", 110),  # the referrer's before the older stranger's
        10: ("paid", "1.0000", "0.5000", 111),
        11: ("pending", "0.0000", "0.0000", None),  # a trial is not a paid period
        12: ("pending", "0.0000", "0.0000", None),
        13: ("none", "0.0000", "0.0000", None),
        14: ("ineligible", "0.0000", "1.0000", 114),  # a discount code earns no reward
    }


def test_used_and_misdirected_rewards_are_told_apart(rewards: Settings) -> None:
    found = referrals(rewards, "reward_used_usd, misdirected_reward_usd")
    assert found[4] == (USD(1), USD(0))
    assert found[5] == (USD(0), USD(1))
    assert found[9] == (USD(0), USD(1))


def test_the_reward_amount_is_a_setting(tmp_path: Path) -> None:
    rows = {
        "user_profile": [profile(1, JANUARY, code="U1"), profile(2, later(1), by="U1")],
        "subscription_events": [paid_month(1000, 2, later(2))],
    }
    settings = built(tmp_path, rows, dbt_vars={"referral_reward_usd": 2.5})
    assert referrals(settings, "expected_reward_usd") == {2: (USD("2.5"),)}


def test_a_partner_is_paid_in_the_month_of_the_first_paid_period(tmp_path: Path) -> None:
    # Partner: 2 signs up in January, trial in January, pays in February; 3 signs up in January and
    # never pays; 4 signs up and pays in March; 5 is a tester; 6 will have signed up tomorrow. The
    # data tests of these marts hold.
    january, march = datetime(2026, 1, 31, 23), datetime(2026, 3, 1)
    rows = {
        "cohorts": [cohort(60, "IPARTNE", JANUARY)],
        "user_profile": [
            profile(2, january, by="IPARTNE"),
            profile(3, january, by="ipartne"),
            profile(4, march, by="IPARTNE"),
            profile(5, march, by="IPARTNE", role="tester"),
            profile(6, AS_OF + timedelta(days=1), by="IPARTNE"),
        ],
        "subscription_events": [
            paid_month(1000, 2, january, offer="free-trial"),
            paid_month(1001, 2, january + timedelta(days=27), kind="renewed"),
            paid_month(1002, 4, march),
            paid_month(1003, 5, march),
        ],
    }
    settings = settings_at(tmp_path)
    write_raw(settings, rows, as_of=AS_OF)
    build(settings, "fct_referrals", "partner_payouts_monthly", tests=True)
    payouts = read(settings, "select * from partner_payouts_monthly order by month")
    assert [tuple(row.values()) for row in payouts] == [
        (date(2026, 1, 1), "IPARTNE", 2, 0, USD(0), True),
        (date(2026, 3, 1), "IPARTNE", 1, 2, USD(4), True),
    ]


def test_early_proceeds_count_half_open_windows_from_sign_up(tmp_path: Path) -> None:
    # Months paid on day 0, at the last instant of day 30, at day 30 exactly, day 60 and day 90.
    at = [later(0), later(30) - timedelta(seconds=1), later(61), later(90)]
    rows = {
        "user_profile": [profile(1, JANUARY, code="U1"), profile(2, JANUARY, by="U1")],
        "subscription_events": [
            month_bought(1000 + n, 2, when, when + timedelta(days=29), kind=kind)
            for n, (when, kind) in enumerate(
                zip(at, ("created", "renewed", "renewed", "renewed"), strict=True)
            )
        ],
    }
    settings = built(tmp_path, rows)
    found = referrals(settings, "proceeds_30d_usd, proceeds_90d_usd, proceeds_to_date_usd")
    assert found == {2: (2 * MONTH_PROCEEDS, 3 * MONTH_PROCEEDS, 4 * MONTH_PROCEEDS)}
