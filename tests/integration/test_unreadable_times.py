"""Times that cannot be kept, such as infinity, are null, and others lie thousands of years away: no
model or test stumbles over one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import raw_columns
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 11, 1)
WORDS = {
    "source": "google_play", "status": "purchased", "role": "user", "event_type": "created",
    "product_id": "ai_credits_4000", "plan": "premium", "cohort_type": "partner", "code": "IPART",
    "referred_by_code": "IPART", "course_code": "H01ENB", "product_type": "ai_credits",
    "log_type": "billing", "level": "info",
}  # fmt: skip

REFERENCES = {
    "course_id": "custom_courses", "cohort_id": "cohorts", "discount_code_id": "discount_codes",
    "subscription_id": "subscriptions", "manifest_id": "master_manifests",
}  # fmt: skip


def value(table: str, column: str, kind: str, *, time: str | None) -> Any:
    """The one user is 1; every other id is its table's number; all times are one."""
    if column in ("user_id", "referred_user_id", "referrer_user_id"):
        return UUID(int=1)
    if kind == "UUID":
        named = REFERENCES.get(column, table)
        return UUID(int=2 + [each.name for each in TABLES].index(named))
    if kind == "TIMESTAMP":
        return time
    if kind in ("INTEGER", "DECIMAL(38,9)"):
        return 1
    if kind == "BOOLEAN":
        return False
    if table == "subscription_events" and column in ("product_id", "base_plan_id"):
        return {"product_id": "hypnoelp_subscriptions", "base_plan_id": "monthly-plan"}[column]
    return WORDS.get(column)


def built(folder: Path, time: str | None) -> Settings:
    """A row in each table, and all that is built of them with every test."""
    rows = {
        table.name: [
            {c.name: value(table.name, c.name, c.type, time=time) for c in raw_columns(table)}
        ]
        for table in TABLES
    }
    settings = settings_at(folder)
    write_raw(settings, rows, as_of=AS_OF)
    build(settings, tests=True)
    return settings


def test_no_test_of_the_models_fails_for_a_time_that_is_null(tmp_path: Path) -> None:
    settings = built(tmp_path, None)
    assert read(settings, "select signed_up_at, access from dim_users") == [
        {"signed_up_at": None, "access": "premium"}
    ]
    assert read(settings, "select count(*) as n from referral_performance_monthly") == [{"n": 0}]


@pytest.mark.parametrize("time", ["4713-01-02 (BC)", "9999-12-31 23:59:59", "294246-01-10"])
def test_no_test_of_the_models_fails_for_a_time_far_away(tmp_path: Path, time: str) -> None:
    """PostgreSQL's first day, and after what stands for no end elsewhere. Whoever signed up before
    Christ is compared within their country as everybody is."""
    settings = built(tmp_path, time)
    found = read(settings, "select country, referred_users from referral_comparison_monthly")
    assert found == ([{"country": "unknown", "referred_users": 1}] if "BC" in time else [])
