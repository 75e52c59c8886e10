"""What `hypnomart status` says of a home, by what lies in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from models.errors import BadConfiguration, ChecksFailed
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.run.status import as_text, read_status
from tests.warehouse import settings_at

NOW = datetime(2026, 10, 31, 12)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose run A is published: as of 06:00, the source last wrote at 05:30."""
    settings = settings_at(tmp_path)
    settings.published.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.published)) as con:
        con.execute("create schema meta")
        con.execute("create table meta.publication as select 'A' as run_id, "
                    "timestamp '2026-10-31 06:01:00' as published_at")  # fmt: skip
        con.execute("create table run_manifest as select timestamp '2026-10-31 06:00' as as_of_at")
        con.execute("create table source_volume_daily as "
                    "select timestamp '2026-10-31 05:30' as last_event_at")  # fmt: skip
        con.execute("create table quality_results as select 'A' as run_id, 'c' as check_name, "
                    "'warn' as severity, 'failed' as status, 3 as failing_rows, "
                    "timestamp '2026-10-31 06:00' as checked_at")  # fmt: skip
    with recorded_step(settings, "A", step="publish"):
        pass
    return settings


def line(settings: Settings, head: str, *, now: datetime = NOW) -> str:
    """The line of the status that begins with a word; empty where there is none."""
    lines = as_text(read_status(settings, now=now)).splitlines()
    return next((text.removeprefix(head).strip() for text in lines if text.startswith(head)), "")


def test_the_publication_its_age_and_the_source_s_own(settings: Settings) -> None:
    assert line(settings, "published") == "run A at 2026-10-31 06:01 UTC"
    assert line(settings, "as of") == "2026-10-31 06:00:00 UTC, 6.0 hours ago, in time for each day"
    assert line(settings, "wrote").endswith(
        "05:30:00 UTC the source last wrote, 0.5 hours before that"
    )
    assert line(settings, "check") == "warn c: failed, 3 rows"
    assert line(settings, "last run") == line(settings, "postgres") == ""
    copied = replace(settings, targets=("ducklake",), lake=Path("/srv/lake"),
                     target_url="postgresql://me:s3cret@bi/bi",
                     parquet="s3://me:s3cret@bucket/marts")  # fmt: skip
    assert line(copied, "ducklake") == "/srv/lake, each time"
    assert line(copied, "postgres") == "postgresql://me:***@bi/bi, by hand"
    assert line(copied, "spark") == "s3://me:***@bucket/marts, by hand"
    late = line(settings, "as of", now=datetime(2026, 11, 1, 9))
    assert late.endswith("27.0 hours ago, late: a refresh is due each day")
    later = line(settings, "as of", now=datetime(2026, 11, 28, 9, 36))
    assert later.endswith("28.2 days ago, late: a refresh is due each day")


def test_an_attempt_that_was_refused_is_told_with_what_the_checks_said(settings: Settings) -> None:
    with pytest.raises(ChecksFailed), recorded_step(settings, "B", step="publish"):
        raise ChecksFailed("1 check of severity error did not pass: repeated (130 rows).")
    assert line(settings, "published") == "run A at 2026-10-31 06:01 UTC"
    assert line(settings, "last run") == (
        "B, refused; publish: 1 check of severity error did not pass: repeated (130 rows)."
    )


def test_a_mistyped_report_is_no_run(settings: Settings) -> None:
    with pytest.raises(BadConfiguration), recorded_step(settings, "report-1", step="report"):
        raise BadConfiguration("There is no report 'overviw'.")
    assert line(settings, "last run") == ""


def test_a_file_of_an_earlier_state_is_read_as_far_as_it_goes(settings: Settings) -> None:
    with duckdb.connect(str(settings.published)) as con:
        con.execute("drop table meta.publication")
        con.execute("drop table source_volume_daily")
    assert line(settings, "published") == "run unknown"
    assert line(settings, "wrote") == "-"


def test_before_the_first_run_it_says_what_to_do(tmp_path: Path) -> None:
    assert line(settings_at(tmp_path), "published") == "none yet; run `hypnomart run`"
