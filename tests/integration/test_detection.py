"""Every planted fault is found at its row, and a business without faults shows none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.simulation.planting import KINDS, UNSEEN
from pipelines.base.settings import Settings
from tests.conftest import new_database
from tests.detection import (
    LAST,
    STEPS,
    Matrix,
    checked_business,
    find,
    findings_of,
    look,
    matrix_of,
    silences_found,
)
from tests.integration.test_closures import close
from tests.warehouse import settings_at

# Written daily by what people do, in a business of this size.
LIVELY = {
    "user_profile", "subscriptions", "subscription_events", "user_cohorts", "user_discounts",
    "ai_usage", "analytics", "audio_usage", "app_logs", "course_purchases",
}  # fmt: skip


@pytest.fixture(scope="module")
def business(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """2,500 users with every kind of fault, looked at three times."""
    settings = settings_at(tmp_path_factory.mktemp("detection"))
    with new_database(postgres_url, template=template_database) as url:
        checked_business(settings, url, users=2_500, days=400, seed=9, faults="all")
    yield settings


@pytest.fixture(scope="module")
def matrix(business: Settings) -> Matrix:
    return matrix_of(business)


def test_each_table_that_is_written_daily_is_found_once_it_falls_silent(business: Settings) -> None:
    found = silences_found(business)
    assert found.keys() >= LIVELY
    assert "courses" not in found, "a catalog may be silent"
    assert all(3 <= days <= 7 for table, days in found.items() if table in LIVELY)


def test_every_kind_is_planted(matrix: Matrix) -> None:
    assert set(matrix.kinds) == set(KINDS)


def test_every_fault_that_data_can_tell_is_found_at_its_row(matrix: Matrix) -> None:
    missed = {k: d for k, d in matrix.kinds.items() if k not in UNSEEN and d.at != "row"}
    assert missed == {}


def test_nothing_is_found_where_no_fault_was_planted(matrix: Matrix) -> None:
    assert matrix.false_alarms == []


def test_a_business_without_faults_has_no_finding_nor_when_accounts_are_closed(
    source_url: str, tmp_path: Path
) -> None:
    settings = settings_at(tmp_path)
    checked_business(settings, source_url, users=600, days=540, seed=1, faults="none")
    assert findings_of(settings) == []
    close(source_url, 90)
    later = LAST + timedelta(days=1)
    look(settings, source_url, len(STEPS) + 1, later)
    find(settings, later)
    assert findings_of(settings) == []
