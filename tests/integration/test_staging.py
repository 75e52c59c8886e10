"""Staging on an empty and on a filled working file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.warehouse import build_from, read

AS_OF = datetime(2026, 11, 1)


def test_staging_builds_without_any_row(tmp_path: Path) -> None:
    settings = build_from(tmp_path, {}, "stg_user_profile", as_of=AS_OF)
    assert read(settings, "select * from stg_user_profile") == []


def test_a_tester_is_a_test_user_in_any_case_of_letters(tmp_path: Path) -> None:
    rows = {"user_profile": [{"user_id": UUID(int=1), "role": " Tester"}]}
    settings = build_from(tmp_path, rows, "stg_user_profile", as_of=AS_OF)
    assert read(settings, "select role, is_test from stg_user_profile") == [
        {"role": "tester", "is_test": True}
    ]


def test_a_deleted_row_is_read_as_it_was_seen_last(tmp_path: Path) -> None:
    """Key 1 stands; 2 was deleted; 3 deleted, back with another code, deleted; 4 came back."""
    day = timedelta(days=1)
    gone = {"_op": "delete", "created_at": AS_OF - 20 * day}
    raw = {"cohorts": [{"id": UUID(int=1), "code": " ONE "}, {"id": UUID(int=4), "code": "FOUR"}]}
    past = {
        "cohorts": [
            {"id": UUID(int=2), "code": "TWO-A", "_op": "insert", "_seen_at": AS_OF - 9 * day},
            {"id": UUID(int=2), "code": "TWO", **gone, "_seen_at": AS_OF - 5 * day},
            {"id": UUID(int=3), "code": "THREE-A", **gone, "_seen_at": AS_OF - 5 * day},
            {"id": UUID(int=3), "code": "THREE", **gone, "_seen_at": AS_OF - 1 * day},
            {"id": UUID(int=4), "code": "FOUR-A", **gone, "_seen_at": AS_OF - 5 * day},
        ]
    }
    settings = build_from(tmp_path, raw, "stg_cohorts", as_of=AS_OF, history=past)
    found = read(
        settings, "select cohort_code, source_deleted_at from stg_cohorts order by cohort_id"
    )
    assert [(row["cohort_code"], row["source_deleted_at"]) for row in found] == [
        ("ONE", None),
        ("TWO", AS_OF - 5 * day),
        ("THREE", AS_OF - 1 * day),
        ("FOUR", None),
    ]


def test_a_mention_emptied_by_a_closure_is_still_known(tmp_path: Path) -> None:
    """Reward 1 named user 7, who closed; reward 2 named user 8, who stays: that was taken back."""
    reward = {"amount": 1, "source": "user_referral", "user_id": UUID(int=9)}
    raw = {
        "user_profile": [{"user_id": UUID(int=8)}, {"user_id": UUID(int=9)}],
        "referral_credits": [{"id": UUID(int=n), **reward} for n in (1, 2)],
    }
    past = {
        "user_profile": [{"user_id": UUID(int=7), "_op": "delete"}],
        "referral_credits": [
            {"id": UUID(int=1), **reward, "referred_user_id": UUID(int=7)},
            {"id": UUID(int=2), **reward, "referred_user_id": UUID(int=8)},
        ],
    }
    settings = build_from(tmp_path, raw, "stg_referral_credits", as_of=AS_OF, history=past)
    found = read(settings, "select referred_user_id as who from stg_referral_credits order by all")
    assert [row["who"] for row in found] == [UUID(int=7), None]


def test_of_settings_whose_codes_differ_in_blanks_the_one_changed_last_counts(
    tmp_path: Path,
) -> None:
    rows = [
        {"id": UUID(int=1), "course_code": "H01ENB", "updated_at": AS_OF - timedelta(days=2)},
        {"id": UUID(int=2), "course_code": "H01ENB ", "updated_at": AS_OF - timedelta(days=1)},
    ]
    raw = {"analytics": [{"user_id": UUID(int=9), "voice": "v", **row} for row in rows]}
    settings = build_from(tmp_path, raw, "fct_course_settings", as_of=AS_OF)
    found = read(settings, "select is_canonical from stg_analytics order by analytics_id")
    assert [row["is_canonical"] for row in found] == [False, True]
    assert read(settings, "select setting, users from fct_course_settings") == [
        {"setting": "voice", "users": 1}
    ]
