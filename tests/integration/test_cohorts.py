"""Cohorts and experiments, against published intervals, scipy, and numbers worked by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy.stats import chisquare

from pipelines.base.settings import Settings
from tests.referral_rows import MONTH_PROCEEDS, cohort, membership, month_bought, profile, uid
from tests.warehouse import build_from, read

MARTS = ("cohort_performance", "dim_cohorts")
START, AS_OF = datetime(2026, 1, 1), datetime(2026, 6, 1)
# Code: (type, name, members, of these premium). Members and premium of the published examples:
# Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, and Interval
# estimation for the difference between independent proportions, table II, methods 3 and 10.
COHORTS = {
    "IWILS01": ("institution", "Wilson: one", 263, 81),
    "IWILS02": ("institution", "Wilson: two", 148, 15),
    "IWILS03": ("partner", None, 29, 1),
    "IEMPTY1": ("institution", "Nobody", 0, 0),
    "IALONE1": ("ab_test", "Alone: only arm", 20, 0),
    "INEWC12": ("ab_test", "Newcombe a: treated", 70, 56),
    "INEWC11": ("ab_test", " NEWCOMBE A : control", 80, 48),
    "INEWC21": ("ab_test", "Newcombe b: control", 10, 3),
    "INEWC22": ("ab_test", "Newcombe b: treated", 10, 9),
    "INEWC31": ("ab_test", "Newcombe d: control", 29, 0),
    "INEWC32": ("ab_test", "Newcombe d: treated", 56, 5),
    "INEWC41": ("ab_test", "Newcombe g: control", 20, 0),
    "INEWC42": ("ab_test", "Newcombe g: treated", 10, 10),
    "IEMPTY2": ("ab_test", "Empty: control", 0, 0),
    "IEMPTY3": ("ab_test", "Empty: treated", 0, 0),
}
WILSON = {
    "IWILS01": (0.2553, 0.3662),
    "IWILS02": (0.0624, 0.1605),
    "IALONE1": (0.0000, 0.1611),
    "IWILS03": (0.0061, 0.1718),
}
NEWCOMBE = {
    "INEWC12": (0.2000, 0.0524, 0.3339),
    "INEWC22": (0.6000, 0.1705, 0.8090),
    "INEWC32": (0.0893, -0.0381, 0.1926),
    "INEWC42": (1.0000, 0.6791, 1.0000),
}


def splits() -> dict[str, list[int]]:
    """Experiments without any premium member: even, broken and random splits of 2 to 8 arms."""
    draw = Random(7)
    sizes = {"even": [9, 9], "hair": [150, 151], "broken": [120, 30], "gone": [40, 0]}
    sizes |= {"three": [30, 20, 10], "four": [30, 20, 10, 0]}
    for number in range(12):
        sizes[f"random {number}"] = [draw.randrange(13) for _ in range(draw.randrange(2, 9))]
    return sizes


def filled() -> dict[str, list[dict[str, Any]]]:
    """Rows for COHORTS and splits(): the first members of each cohort are the premium ones."""
    plan = dict(COHORTS)
    for number, (name, sizes) in enumerate(splits().items()):
        for arm, size in enumerate(sizes):
            plan[f"IS{number:02d}{arm:03d}"] = ("ab_test", f"{name}: {arm}", size, 0)
    rows: dict[str, list[dict[str, Any]]] = {
        "cohorts": [],
        "user_profile": [],
        "user_cohorts": [],
        "subscription_events": [],
    }
    users = count(1)
    for number, (code, (kind, name, members, premium)) in enumerate(plan.items()):
        rows["cohorts"].append(cohort(90_000 + number, code, START, kind=kind, name=name))
        for place in range(members):
            user = next(users)
            rows["user_profile"].append(profile(user, START))
            rows["user_cohorts"].append(membership(50_000 + user, user, 90_000 + number, START))
            if place < premium:
                event = month_bought(70_000 + user, user, START, START + timedelta(days=31))
                rows["subscription_events"].append(event)
    tester = next(users)
    rows["user_profile"].append(profile(tester, START, role="tester"))
    rows["user_cohorts"].append(membership(50_000 + tester, tester, 90_000, START))
    return rows


def performance_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """Rows of cohort_performance by code, and members of dim_cohorts."""
    rows = read(
        settings,
        "select p.*, d.members as dim_members from cohort_performance p"
        " join dim_cohorts d using (cohort_code)",
    )
    return {row["cohort_code"]: row for row in rows}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("cohorts")
    return performance_of(build_from(folder, filled(), *MARTS, as_of=AS_OF))


def test_rates_and_their_wilson_intervals_are_the_published_ones(performance: Any) -> None:
    for code, (low, high) in WILSON.items():
        row, (_, _, members, premium) = performance[code], COHORTS[code]
        assert (row["members"], row["dim_members"], row["premium_members"]) == (
            members,
            members,
            premium,
        )
        assert row["first_assigned_at"] == START
        assert row["premium_rate"] == pytest.approx(premium / members, abs=1e-12)
        assert row["premium_rate_low"] == pytest.approx(low, abs=5e-5)
        assert row["premium_rate_high"] == pytest.approx(high, abs=5e-5)


def test_differences_to_the_first_arm_are_the_published_ones(performance: Any) -> None:
    for code, (difference, low, high) in NEWCOMBE.items():
        row = performance[code]
        assert row["difference_to_control"] == pytest.approx(difference, abs=5e-5)
        assert row["difference_low"] == pytest.approx(low, abs=5e-5)
        assert row["difference_high"] == pytest.approx(high, abs=5e-5)
        assert row["control_cohort_code"] == code[:-1] + "1"


def test_first_arms_and_cohorts_outside_experiments_are_compared_with_nothing(
    performance: Any,
) -> None:
    for code in ("INEWC11", "IWILS01", "IWILS02", "IALONE1"):
        row = performance[code]
        nothing = (row["control_cohort_code"], row["difference_to_control"], row["difference_low"])
        assert nothing == (None, None, None)
    assert performance["IWILS02"]["sample_ratio_p_value"] is None  # an institution with a colon
    assert performance["IALONE1"]["sample_ratio_p_value"] is None  # one arm is no split
    assert performance["INEWC11"]["sample_ratio_p_value"] == pytest.approx(0.4142162, abs=1e-7)


def test_empty_cohorts_have_no_rates(performance: Any) -> None:
    for code in ("IEMPTY1", "IEMPTY2", "IEMPTY3"):
        row = performance[code]
        assert (row["members"], row["premium_members"], row["dim_members"]) == (0, 0, 0)
        rates = ("premium_rate", "premium_rate_low", "premium_rate_high", "sample_ratio_p_value")
        assert [row[name] for name in (*rates, "proceeds_per_member_usd")] == [None] * 5
        assert row["is_split_suspicious"] is False


def test_proceeds_are_spread_over_all_members(performance: Any) -> None:
    # 81 months of 4.2075 over 263 members: 340.8075 / 263 = 1.29584...
    assert Decimal("340.8075") == 81 * MONTH_PROCEEDS
    assert performance["IWILS01"]["proceeds_per_member_usd"] == Decimal("1.2958")


def test_the_split_is_tested_as_scipy_does_it(performance: Any) -> None:
    for number, (name, sizes) in enumerate(splits().items()):
        row = performance[f"IS{number:02d}000"]
        expected = chisquare(sizes).pvalue
        assert row["sample_ratio_p_value"] == pytest.approx(expected, rel=1e-9), name
        assert row["is_split_suspicious"] == (expected < 0.001), name


def test_worked_splits(performance: Any) -> None:
    p = {name: performance[f"IS{n:02d}000"]["sample_ratio_p_value"]
         for n, name in enumerate(splits())}  # fmt: skip
    assert p["even"] == 1.0
    # 30, 20, 10 against 20 each: (100 + 0 + 100) / 20 = 10; two degrees of freedom: exp(-5).
    assert p["three"] == pytest.approx(0.006737946999085467, rel=1e-12)
    # 120 against 30: 2 * 45^2 / 75 = 54: erfc(sqrt(27)) = 2.0e-13.
    assert p["broken"] == pytest.approx(2.0e-13, rel=0.01)


def test_members_count_where_they_were_assigned_first(tmp_path: Path) -> None:
    """User 1 moves from a to b by two codes; 2 stays; 3 leaves; 4 closed the account."""
    a = cohort(90, "IARM001", START, kind="ab_test", name="T: a")
    b = cohort(91, "IARM002", START, kind="ab_test", name="T: b")
    moved = START + timedelta(days=10)
    first = membership(50, 1, 90, START)
    rows = {
        "cohorts": [a, b, cohort(92, " iarm002", moved, kind="ab_test", name="T: b again")],
        "user_profile": [profile(user, START) for user in (1, 2, 3)],
        "user_cohorts": [first | {"cohort_id": uid(91), "updated_at": moved},
                         membership(51, 2, 91, START)],
    }  # fmt: skip
    seen = [START + timedelta(days=n) for n in (1, 11, 12)]
    history = {
        "user_cohorts": [
            first | {"_seen_at": seen[0]},
            first | {"cohort_id": uid(92), "updated_at": moved, "_seen_at": seen[1]},
            first | {"cohort_id": uid(91), "updated_at": moved, "_seen_at": seen[2]},
            membership(51, 2, 91, START) | {"_seen_at": seen[0]},
            membership(52, 3, 90, START) | {"_seen_at": seen[0]},
            membership(52, 3, 90, START) | {"_seen_at": seen[1], "_op": "delete"},
            membership(53, 4, 90, START) | {"_seen_at": seen[0]},
            membership(53, 4, 90, START) | {"_seen_at": seen[1], "_op": "delete"},
        ]
    }
    marts = ("cohort_performance", "dim_cohorts", "dim_users")
    settings: Settings = build_from(tmp_path, rows, *marts, as_of=AS_OF, history=history)
    found = read(settings, "select * from cohort_performance order by cohort_code")
    assert [(r["cohort_code"], r["members"], r["reassigned_members"]) for r in found] == [
        ("IARM001", 2, 1),  # users 1 and 3
        ("IARM002", 1, 0),  # user 2; the code of 92 is the same but for blanks and case
    ]
    present = read(settings, "select cohort_code, members from dim_cohorts order by cohort_code")
    assert [tuple(row.values()) for row in present] == [("IARM001", 0), ("IARM002", 2)]
    users = read(settings, "select user_id, cohort_code from dim_users order by user_id")
    assert [row["cohort_code"] for row in users] == ["IARM002", "IARM002", "unknown"]
    changes = read(settings, "select user_id, reassignments from int_cohort_members_assigned")
    assert {row["user_id"].int: row["reassignments"] for row in changes} == {1: 2, 2: 0, 3: 0}
