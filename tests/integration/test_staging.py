"""Staging on an empty and on a filled working file."""

from __future__ import annotations

from datetime import datetime
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
