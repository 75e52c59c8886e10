"""No error test refuses what a business may legally be: tiny, young, dead, unpaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from models.simulation import simulate
from pipelines.publication.publish import published_run
from tests.e2e.pipeline import Pipeline, quiet

DAY = timedelta(days=1)
# Receipts and what stands for them: without these rows nobody ever paid.
PAID = (
    "user_discounts", "subscription_events", "subscriptions", "ai_credit_purchases",
    "custom_course_purchases", "course_purchases",
)  # fmt: skip
MONTHLY = "base_plan_id is not distinct from 'monthly-plan'"
Change = Callable[[psycopg.Connection], None]


def nobody_paid(con: psycopg.Connection) -> None:
    """Take every purchase back."""
    for table in PAID:
        con.execute(f"delete from {table}".encode())


def one_plan(con: psycopg.Connection) -> None:
    """Leave the monthly plan alone."""
    con.execute(f"delete from subscription_events where not ({MONTHLY})".encode())
    con.execute(f"delete from subscriptions where not ({MONTHLY})".encode())


@dataclass(frozen=True)
class Shape:
    """A business: how many users, over how many days, how long ago it ended, what was taken."""

    users: int
    days: int
    dead_days: int = 0
    change: Change | None = None
    faults: str = "none"


SHAPES = {
    "one user in a month": Shape(1, 30),
    "fifty users, nobody paid": Shape(50, 200, change=nobody_paid),
}
MORE = {
    "fifty users in a month": Shape(50, 30, faults="all"),
    "fifty users, dead for six years": Shape(50, 500, dead_days=2_200, faults="typical"),
    "fifty users in twelve years": Shape(50, 4_383, faults="typical"),
    "fifty users in twelve years, dead for two": Shape(50, 4_383, dead_days=730),
    "five thousand users": Shape(5_000, 400, faults="all"),
    "fifty users of one plan": Shape(50, 400, change=one_plan, faults="typical"),
}


def is_published(shape: Shape, source_url: str, folder: Path) -> None:
    """Simulate the business and run the pipeline; raises what refuses it."""
    until = datetime.now(UTC).date() - shape.dead_days * DAY
    simulate(
        source_url, users=shape.users, days=shape.days, seed=11, until=until,
        faults=shape.faults, truth_dir=folder / "truth", progress=quiet,
    )  # fmt: skip
    if shape.change:
        with psycopg.connect(source_url) as con:
            shape.change(con)
    pipeline = Pipeline(folder, source_url)
    assert published_run(pipeline.settings.published) is None
    run_id = pipeline.run()
    assert published_run(pipeline.settings.published) == run_id


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_an_odd_business_is_published(shape: Shape, source_url: str, tmp_path: Path) -> None:
    is_published(shape, source_url, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize("shape", MORE.values(), ids=MORE.keys())
def test_more_odd_businesses_are_published(shape: Shape, source_url: str, tmp_path: Path) -> None:
    is_published(shape, source_url, tmp_path)
