"""A faultless business lives on for weeks: no number of a period called complete moves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.simulation import advance, simulate
from tests.clock import set_clock
from tests.conftest import new_database
from tests.e2e.pipeline import Pipeline, quiet

pytestmark = pytest.mark.slow
OPENED = date(2026, 5, 25)
# Over a month's end; on beyond the grace after it, and over the next one's; over days.
STEPS = (9, 28, 2)
# Called complete once all members known are eligible, though a charge told late, in the 16 days of
# grace after the cohort's month, may still add one or say that one converted.
TOLD_LATE = ("retention_cohorts", "conversion_cohorts")
MOVED = """
    select mart, measure, old_value is null as is_new, count(*),
        min({'key': row_key, 'old': old_value, 'new': new_value})
    from restatements
    where run_id = ? and not (
        mart in ?
        and row_key[:10]::date + interval '1 month' + interval '16 days' > ?
    )
    group by all order by all
"""


def test_no_complete_number_moves(
    postgres_url: str, template_database: str, tmp_path: Path
) -> None:
    moved: list[tuple[Any, ...]] = []
    with new_database(postgres_url, template=template_database) as url:
        pipeline = Pipeline(tmp_path, url)
        truth = pipeline.settings.truth_dir
        simulate(
            url, users=600, days=480, seed=8, until=OPENED, faults="none",
            truth_dir=truth, progress=quiet,
        )  # fmt: skip
        set_clock(url, f"{OPENED} 00:00+00")
        pipeline.run()
        day = OPENED
        for step in STEPS:
            advance(url, days=step, truth_dir=truth, progress=quiet)
            set_clock(url, f"{day + timedelta(days=step)} 00:00+00")
            run = pipeline.run()
            with duckdb.connect(str(pipeline.settings.published), read_only=True) as con:
                moved += con.execute(MOVED, [run, TOLD_LATE, day]).fetchall()
            day += timedelta(days=step)
    assert moved == [], "\n".join(map(str, moved))
