"""Discounts: outcome, the receipt that used one, what it gave away; numbers worked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.base.settings import Settings
from tests.referral_rows import (
    assignment,
    cohort,
    discount_code,
    month_bought,
    pack_bought,
    profile,
    uid,
)
from tests.warehouse import build, build_from, read, settings_at, write_raw

AS_OF = datetime(2026, 6, 1)
GIVEN = datetime(2026, 3, 10, 12)
WEEK = GIVEN + timedelta(days=7)
USED = GIVEN + timedelta(days=2)
EARLY = GIVEN - timedelta(days=8)  # so that its 90 days end before AS_OF
USD = Decimal
MARTS = ("discount_performance", "dim_discount_codes")


def month_on_offer(event: int, user: int, at: datetime, **columns: Any) -> dict[str, Any]:
    columns = {"offer": "a-1", **columns}
    return month_bought(event, user, at, at + timedelta(days=31), **columns)


def discount_rows() -> dict[str, list[dict[str, Any]]]:
    """User n holds discount n. Codes: 80 SBF02, 81 AID50, 82 an end in March, 83 SBF02 in another
    spelling, 84 to 86 in a line of parents, 87 and 88 parents of each other, 89 below them."""
    codes = [
        discount_code(80, "SBF02", GIVEN, cohort_id=uid(60)),
        discount_code(81, "AID50", GIVEN) | {"product_type": "ai_credits", "lifespan_days": 14},
        discount_code(82, "ENDED", GIVEN, expires_at=datetime(2026, 3, 12)),
        discount_code(83, " sbf02", WEEK),
        discount_code(84, "TOP", GIVEN, referrer_user_id=uid(1)),
        discount_code(85, "MIDDLE", GIVEN, parent_code="top "),
        discount_code(86, "LOW", GIVEN, parent_code="MIDDLE"),
        discount_code(87, "RING1", GIVEN, parent_code="RING2"),
        discount_code(88, "RING2", GIVEN, parent_code="RING1"),
        discount_code(89, "BELOW", GIVEN, parent_code="RING1"),
    ]
    late = WEEK + timedelta(days=3)
    handed = [
        assignment(1, 1, 80, GIVEN, WEEK, used=USED, order=" gpa.1001"),
        assignment(2, 2, 80, GIVEN, WEEK, used=USED),
        assignment(3, 3, 80, GIVEN, WEEK),
        assignment(4, 4, 80, AS_OF - timedelta(days=7), AS_OF),
        assignment(5, 5, 80, AS_OF - timedelta(days=6), AS_OF + timedelta(days=1)),
        assignment(6, 6, 80, GIVEN, WEEK, used=late, order="GPA.1006"),
        assignment(7, 7, 81, EARLY, WEEK, used=USED),
        assignment(8, 8, 80, GIVEN, WEEK, used=USED, order="GPA.1020"),
        assignment(9, 9, 80, GIVEN, WEEK, used=USED),
        assignment(10, 10, 80, GIVEN, WEEK, used=USED),
        assignment(11, 11, 82, GIVEN, AS_OF + timedelta(days=9)),
        assignment(12, 12, 80, GIVEN, WEEK),
        assignment(13, 12, 83, GIVEN, WEEK, used=USED),
        assignment(14, 13, 80, GIVEN, WEEK, order="GPA.1013"),
        assignment(15, 14, 999, GIVEN, WEEK),
        assignment(16, 15, 80, GIVEN, WEEK, used=USED),
        assignment(17, 15, 81, GIVEN, WEEK, used=USED),
        assignment(18, 16, 80, datetime(2026, 5, 1), AS_OF, used=datetime(2026, 5, 2)),
    ]
    events = [
        month_on_offer(1001, 1, USED),
        month_on_offer(1002, 2, GIVEN),
        month_on_offer(1006, 6, late),
        month_on_offer(1009, 9, WEEK),  # bought at the very end: no longer in its time
        month_on_offer(1010, 10, USED, offer=None),  # at list price: not what the code realises
        month_on_offer(1012, 12, USED),
        month_on_offer(1013, 13, USED),
        month_on_offer(1020, 20, USED),
    ]
    packs = [
        pack_bought(2007, 7, USED, product="ai_credits_4000_x2"),
        pack_bought(2008, 7, EARLY + timedelta(days=80), product="ai_credits_4000"),
        pack_bought(2009, 7, EARLY + timedelta(days=90), product="ai_credits_4000"),
        pack_bought(2015, 15, USED, product="ai_credits_4000_x2"),
    ]
    return {
        "user_profile": [
            profile(user, GIVEN, role="tester" if user == 13 else "user") for user in range(1, 21)
        ],
        "cohorts": [cohort(60, "IABCDEF", GIVEN, kind="institution")],
        "discount_codes": codes,
        "user_discounts": handed,
        "subscription_events": events,
        "ai_credit_purchases": packs,
    }


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_from(tmp_path_factory.mktemp("discounts"), discount_rows(), *MARTS, as_of=AS_OF)


def assignments(settings: Settings, columns: str) -> dict[tuple[int, str], tuple[Any, ...]]:
    rows = read(settings, f"select user_id, discount_code, {columns} from fct_discount_assignments")
    return {(row.pop("user_id").int, row.pop("discount_code")): tuple(row.values()) for row in rows}


def test_an_assignment_is_used_lapsed_or_open(settings: Settings) -> None:
    found = assignments(settings, "outcome")
    assert {key: value[0] for key, value in found.items()} == {
        (1, "SBF02"): "used",
        (2, "SBF02"): "used",
        (3, "SBF02"): "lapsed",
        (4, "SBF02"): "lapsed",  # its time ends at as_of itself
        (5, "SBF02"): "open",
        (6, "SBF02"): "used",  # late, but used
        (7, "AID50"): "used",
        (8, "SBF02"): "used",
        (9, "SBF02"): "used",
        (10, "SBF02"): "used",
        (11, "ENDED"): "lapsed",  # the code ended before the user's own time
        (12, "SBF02"): "used",  # two rows of one code: the used one speaks
        (13, "SBF02"): "used",  # no time of use, but an order
        (14, str(uid(999))): "lapsed",  # a code that is gone keeps its id
        (15, "SBF02"): "used",
        (15, "AID50"): "used",
        (16, "SBF02"): "used",
    }


def test_late_use_is_marked(settings: Settings) -> None:
    found = assignments(settings, "is_used_late, expires_at, product_type, is_test")
    assert found[6, "SBF02"] == (True, WEEK, "subscription", False)
    assert found[7, "AID50"] == (False, WEEK, "ai_credits", False)
    assert found[11, "ENDED"][1] == datetime(2026, 3, 12)
    assert found[13, "SBF02"][3] is True


def test_the_receipt_is_found_by_order_number_else_by_product_and_offer(settings: Settings) -> None:
    found = assignments(settings, "linked_by, receipt_id, discount_usd")
    event, pack = "subscription_events", "ai_credit_purchases"
    nothing = (None, None, None)
    # List 4.95, on offer a-1 2.45: 2.50 given away. Pack: list 2.95, suffix x2 1.45: 1.50.
    assert found == {
        (1, "SBF02"): ("order", f"{event}:{uid(1001)}", USD("2.50")),
        (2, "SBF02"): ("offer", f"{event}:{uid(1002)}", USD("2.50")),
        (3, "SBF02"): nothing,
        (4, "SBF02"): nothing,
        (5, "SBF02"): nothing,
        (6, "SBF02"): ("order", f"{event}:{uid(1006)}", USD("2.50")),
        (7, "AID50"): ("offer", f"{pack}:{uid(2007)}", USD("1.50")),
        (8, "SBF02"): nothing,  # the order is another user's
        (9, "SBF02"): nothing,
        (10, "SBF02"): nothing,
        (11, "ENDED"): nothing,
        (12, "SBF02"): ("offer", f"{event}:{uid(1012)}", USD("2.50")),
        (13, "SBF02"): ("order", f"{event}:{uid(1013)}", USD("2.50")),
        (14, str(uid(999))): nothing,
        (15, "SBF02"): nothing,  # the pack realises the other code
        (15, "AID50"): ("offer", f"{pack}:{uid(2015)}", USD("1.50")),
        (16, "SBF02"): nothing,
    }


def test_performance_by_code_and_month_leaves_out_test_users(settings: Settings) -> None:
    rows = read(settings, "select * from discount_performance where discount_code = 'SBF02'"
                          " order by assigned_month")  # fmt: skip
    march, may = rows
    # March without tester 13: 1, 2, 3, 6, 8, 9, 10, 12, 15 = 9, of which 3 lapsed. Linked: 1, 2, 6
    # and 12, each 2.45 paid and 2.50 given away. Proceeds in 90 days: five months at 2.0825 (1, 2,
    # 6, 9, 12), one at 4.2075 (10) and 15's pack at 1.45 less 30 % = 1.015: 15.635 over 9 = 1.7372.
    assert (march["assigned_month"], march["assigned"]) == (date(2026, 3, 1), 9)
    assert (march["used"], march["lapsed"], march["open"], march["linked"]) == (8, 1, 0, 4)
    assert march["redemption_rate"] == pytest.approx(8 / 9, abs=1e-12)
    assert (march["discount_usd"], march["gross_usd"]) == (USD("10.00"), USD("9.80"))
    assert march["proceeds_90d_per_assignee_usd"] == USD("1.7372")
    assert (may["assigned"], may["used"], may["lapsed"], may["open"]) == (3, 1, 1, 1)
    assert (may["redemption_rate"], may["discount_usd"]) == (0.5, USD(0))


def test_a_code_given_after_the_snapshot_is_in_no_month_and_fails_no_test(tmp_path: Path) -> None:
    """Its use came before it, as the source's columns allow."""
    rows, later = discount_rows(), AS_OF + timedelta(days=1)
    rows["user_discounts"][0] = assignment(1, 1, 80, later, later, used=USED, order=" gpa.1001")
    settings = settings_at(tmp_path)
    write_raw(settings, rows, as_of=AS_OF)
    build(settings, *MARTS, tests=True)
    months = read(settings, "select assigned_month, discount_usd from discount_performance"
                            " where discount_code = 'SBF02' and linked > 0")  # fmt: skip
    # 2, 6 and 12, each 2.50
    assert months == [{"assigned_month": date(2026, 3, 1), "discount_usd": USD("7.50")}]


def test_proceeds_stop_90_days_after_the_assignment(settings: Settings) -> None:
    # User 7: 1.45 and, on day 80, 2.95, each less 30 %; the third pack comes at day 90.
    found = assignments(settings, "proceeds_90d_usd")
    assert found[7, "AID50"] == (USD("3.08"),)


def test_codes_show_their_terms_and_their_place_in_a_line_of_parents(settings: Settings) -> None:
    columns = "is_universal, cohort_code, parent_code, chain_depth, referrer_user_id"
    rows = read(settings, f"select discount_code, {columns} from dim_discount_codes")
    assert {row.pop("discount_code"): tuple(row.values()) for row in rows} == {
        "SBF02": (False, "IABCDEF", None, 0, None),
        "AID50": (True, None, None, 0, None),
        "ENDED": (True, None, None, 0, None),
        "TOP": (True, None, None, 0, uid(1)),
        "MIDDLE": (True, None, "TOP", 1, None),
        "LOW": (True, None, "MIDDLE", 2, None),
        "RING1": (True, None, "RING2", None, None),
        "RING2": (True, None, "RING1", None, None),
        "BELOW": (True, None, "RING1", None, None),
    }
