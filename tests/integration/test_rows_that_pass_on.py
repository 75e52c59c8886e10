"""A row of a user that passes to another user is gone for the first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg

from models.simulation import simulate
from pipelines.publication.publish import published_run
from tests.e2e.pipeline import Pipeline, quiet
from tests.passing_rows import EXTRACTIONS, Known, passing_rows, raw_rows
from tests.referral_rows import cohort, profile, uid
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 11, 2, 6, 30)
BEFORE = AS_OF - timedelta(days=1)
GIVEN = datetime(2026, 1, 11)


def test_who_lost_an_assignment_to_another_user_is_in_no_cohort_that_is_known(
    tmp_path: Path,
) -> None:
    assignment = {"id": uid(9), "cohort_id": uid(60), "created_at": GIVEN, "updated_at": GIVEN}
    profiles = [profile(1, GIVEN), profile(2, GIVEN)]
    seen = {"_op": "insert", "_seen_at": BEFORE}
    settings = settings_at(tmp_path)
    write_raw(
        settings,
        {
            "user_profile": profiles,
            "cohorts": [cohort(60, "IABCDEF", GIVEN, kind="partner")],
            "user_cohorts": [assignment | {"user_id": uid(2)}],
        },
        as_of=AS_OF,
        history={
            "user_profile": [row | seen for row in profiles],
            "user_cohorts": [
                assignment | seen | {"user_id": uid(1)},
                assignment | {"user_id": uid(2), "_op": "update", "_seen_at": AS_OF},
            ],
        },
    )
    build(settings, "dim_users", "dim_users_history", tests=True)
    newest = read(
        settings,
        "select user_id, cohort_code from dim_users_history where valid_to_at is null order by 1",
    )
    assert newest == [
        {"user_id": uid(1), "cohort_code": "unknown"},
        {"user_id": uid(2), "cohort_code": "IABCDEF"},
    ]


def test_each_extraction_s_users_are_known_as_it_found_them(tmp_path: Path) -> None:
    """Rows pass among users of whom some close their account by the same extraction."""
    source = passing_rows(1, groups=60)
    settings = settings_at(tmp_path)
    write_raw(settings, raw_rows(source), as_of=EXTRACTIONS[-1], history=source.versions)
    build(settings, "dim_users", "dim_users_history", tests=True)
    for now, found in zip(EXTRACTIONS, source.found, strict=True):
        rows = read(
            settings,
            "select user_id, cohort_code, access from dim_users_history "
            "where valid_from_at <= ? and (valid_to_at is null or valid_to_at > ?)",
            now, now,
        )  # fmt: skip
        told: Known = {row["user_id"]: (row["cohort_code"], row["access"]) for row in rows}
        assert {user: told[user] for user in found} == found, now


TABLES = ("user_cohorts", "subscriptions", "ai_usage", "audio_usage")


def test_rows_that_pass_on_at_the_source_are_published(source_url: str, tmp_path: Path) -> None:
    """Of each table whose versions are those of users, one user's rows become another's."""
    simulate(
        source_url, users=60, days=200, seed=4, until=date(2026, 10, 31), faults="none",
        truth_dir=tmp_path / "truth", progress=quiet,
    )  # fmt: skip
    pipeline = Pipeline(tmp_path, source_url)
    pipeline.run()
    with psycopg.connect(source_url) as conn:
        for table in TABLES:
            (first,), (second,) = conn.execute(
                f"select user_id from {table} group by user_id order by min(created_at), 1 limit 2"
            ).fetchall()
            conn.execute(f"delete from {table} where user_id = %s", [second])
            passed_on = conn.execute(
                f"update {table} set user_id = %s, updated_at = now() where user_id = %s",
                [second, first],
            )
            assert passed_on.rowcount > 0, table
    run_id = pipeline.run()
    assert published_run(pipeline.settings.published) == run_id
