"""What is known of users and since when: versions, closures and changed ids, worked by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.warehouse import build_from, read

FEB, MAR, APR = datetime(2026, 2, 1), datetime(2026, 3, 1), datetime(2026, 4, 1)
JAN = datetime(2026, 1, 1)
STAYS, CLOSED, OLD_ID, NEW_ID, LEFT = (UUID(int=n) for n in range(1, 6))
ARM = UUID(int=90)


def profile(user: UUID, **values: Any) -> dict[str, Any]:
    return {"user_id": user, "role": "user", "created_at": JAN, "updated_at": JAN, **values}


def state(user: UUID, plan: str, **values: Any) -> dict[str, Any]:
    return {"id": UUID(int=user.int + 20), "user_id": user, "plan": plan, **values}


def membership(user: UUID, **values: Any) -> dict[str, Any]:
    return {"id": UUID(int=user.int + 50), "user_id": user, "cohort_id": ARM, **values}


def pack(number: int, user: UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": UUID(int=number), "user_id": user, "product_id": "ai_credits_4000",
        "source": "google_play", "status": "purchased", "credits_amount": 4000,
        "purchase_token_hash": f"t{number}", "purchase_id": f"GPA.{number}", "created_at": at,
    }  # fmt: skip


def seen(at: datetime, op: str = "insert") -> dict[str, Any]:
    return {"_seen_at": at, "_op": op}


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three looks, on the first of February, March and April."""
    austria = {"country": " Austria ", "updated_at": datetime(2026, 2, 10)}
    germany = austria | {"country": "Germany"}  # whoever changed it left updated_at alone
    rekeyed = {"referral_code": "UREKEYD", "lead_source": "Podcast"}
    gone_code = {"referral_code": "UCLOSED"}
    premium = {"updated_at": datetime(2026, 2, 20)}
    joined = {"updated_at": datetime(2026, 2, 15)}
    past = {
        "user_profile": [
            profile(STAYS, **seen(FEB)),
            profile(STAYS, **austria, **seen(MAR, "update")),
            profile(STAYS, **germany, **seen(APR, "update")),
            profile(CLOSED, **gone_code, **seen(FEB)),
            profile(CLOSED, **gone_code, **seen(APR, "delete")),
            profile(OLD_ID, **rekeyed, **seen(FEB)),
            profile(OLD_ID, **rekeyed, **seen(APR, "delete")),
            profile(NEW_ID, **rekeyed, **seen(APR)),
            profile(LEFT, **seen(FEB)),
        ],
        "subscriptions": [
            state(STAYS, "free", updated_at=JAN, **seen(FEB)),
            state(STAYS, "Premium", **premium, **seen(MAR, "update")),
            state(CLOSED, "premium", updated_at=JAN, **seen(FEB)),
            state(CLOSED, "premium", updated_at=JAN, **seen(APR, "delete")),
            state(OLD_ID, "premium", updated_at=JAN, **seen(FEB)),
            state(OLD_ID, "premium", updated_at=JAN, **seen(APR, "delete")),
            state(NEW_ID, "premium", updated_at=JAN, **seen(APR)),
            state(LEFT, "premium", updated_at=JAN, **seen(FEB)),
            state(LEFT, "premium", updated_at=JAN, **seen(MAR, "delete")),
        ],
        "user_cohorts": [
            membership(STAYS, **joined, **seen(MAR)),
            membership(CLOSED, updated_at=JAN, **seen(FEB)),
            membership(CLOSED, updated_at=JAN, **seen(APR, "delete")),
            membership(LEFT, updated_at=JAN, **seen(FEB)),
            membership(LEFT, updated_at=JAN, **seen(MAR, "delete")),
        ],
    }
    raw = {
        "user_profile": [
            profile(STAYS, **germany, _loaded_at=APR),
            profile(NEW_ID, **rekeyed, _loaded_at=APR),
            profile(LEFT, _loaded_at=FEB),
        ],
        "subscriptions": [
            state(STAYS, "Premium", **premium, _loaded_at=MAR),
            state(NEW_ID, "premium", _loaded_at=APR),
        ],
        "user_cohorts": [membership(STAYS, **joined, _loaded_at=MAR)],
        "cohorts": [{"id": ARM, "code": " ARM-A", "cohort_type": "ab_test"}],
        # the source forgot to move the first: it still names the id that is gone
        "ai_credit_purchases": [
            pack(70, OLD_ID, FEB),
            pack(71, STAYS, datetime(2026, 2, 9)),
            pack(72, STAYS, datetime(2026, 2, 12)),
            pack(73, STAYS, datetime(2026, 3, 1)),
        ],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("users")
    marts = ("dim_users", "dim_users_history", "dim_cohorts", "fct_receipts")
    return build_from(folder, raw, *marts, as_of=APR, history=past)


def versions_of(users: Settings, user: UUID) -> list[tuple[Any, ...]]:
    rows = read(
        users,
        "select valid_from_at, valid_to_at, country, access, cohort_code "
        "from dim_users_history where user_id = ? order by 1",
        user,
    )
    return [tuple(row.values()) for row in rows]


def test_a_version_is_timed_by_updated_at_where_that_advanced(users: Settings) -> None:
    tenth, fifteenth, twentieth = (datetime(2026, 2, day) for day in (10, 15, 20))
    assert versions_of(users, STAYS) == [
        (JAN, tenth, "unknown", "free", "unknown"),
        (tenth, fifteenth, "Austria", "free", "unknown"),
        (fifteenth, twentieth, "Austria", "free", "ARM-A"),
        (twentieth, APR, "Austria", "premium", "ARM-A"),
        (APR, None, "Germany", "premium", "ARM-A"),
    ]


def test_a_closed_account_stays_as_it_was_last_known(users: Settings) -> None:
    assert versions_of(users, CLOSED) == [(JAN, None, "unknown", "premium", "ARM-A")]
    closed = read(users, "select * from dim_users where user_id = ?", CLOSED)[0]
    assert (closed["is_closed"], closed["closed_at"]) == (True, APR)
    assert (closed["access"], closed["cohort_code"]) == ("premium", "ARM-A")
    assert closed["referral_code"] == "UCLOSED"


def test_who_leaves_cohort_and_billing_but_stays_has_neither(users: Settings) -> None:
    assert versions_of(users, LEFT) == [
        (JAN, MAR, "unknown", "premium", "ARM-A"),
        (MAR, None, "unknown", "free", "unknown"),
    ]
    assert read(users, "select members from dim_cohorts") == [{"members": 1}]  # STAYS


def test_a_profile_under_a_new_id_is_the_same_person(users: Settings) -> None:
    assert versions_of(users, OLD_ID) == []
    assert versions_of(users, NEW_ID) == [(JAN, None, "unknown", "premium", "unknown")]
    known = read(users, "select user_id, is_closed from dim_users order by user_id")
    assert [(row["user_id"], row["is_closed"]) for row in known] == [
        (STAYS, False), (CLOSED, True), (NEW_ID, False), (LEFT, False),
    ]  # fmt: skip
    first = "select user_id from fct_receipts where source_id = ?"
    assert read(users, first, UUID(int=70)) == [{"user_id": NEW_ID}]


def test_a_fact_carries_what_held_of_its_user_at_its_own_time(users: Settings) -> None:
    rows = read(
        users,
        "select country, cohort_code, acquisition, signup_month, first_paid_month "
        "from fct_receipts where user_id = ? order by transacted_at",
        STAYS,
    )
    assert [tuple(row.values()) for row in rows] == [
        ("unknown", "unknown", "organic", JAN.date(), None),
        ("Austria", "unknown", "organic", JAN.date(), None),
        ("Austria", "ARM-A", "organic", JAN.date(), None),
    ]
