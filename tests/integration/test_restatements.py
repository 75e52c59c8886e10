"""What a publication restates is found in little memory, however long ages are."""

from __future__ import annotations

from pathlib import Path

import duckdb

from models.quoting import literal
from pipelines.publication.restatements import write_restatements
from pipelines.transform.marts import Mart

AGES = 24_840  # months from 44 BC to 2026: a clock may say so
COHORTS = Mart(
    name="cohorts",
    schema="marts",
    area="retention",
    row="cohort, age",
    answers="How many stayed?",
    final="",
    key=("cohort_kind", "cohort_month", "age_months"),
    event_time="cohort_month",
    additive=(),
    columns=("cohort_kind", "cohort_month", "age_months", "users", "is_complete"),
    age="age_months",
)


def cohort(con: duckdb.DuckDBPyConnection, month: str) -> None:
    con.execute(
        f"insert into cohorts select 'signup', date '{month}', age, 1, true "
        f"from range({AGES}) as ages (age)"
    )


def test_a_cohort_of_years_before_christ_is_compared_in_little_memory(tmp_path: Path) -> None:
    """A cohort that appears is restated as far as younger ones had come."""
    before = tmp_path / "before.duckdb"
    for path, months in ((before, 1), (tmp_path / "now.duckdb", 2)):
        with duckdb.connect(str(path)) as con:
            con.execute("create table cohorts (cohort_kind varchar, cohort_month date, "
                        "age_months bigint, users bigint, is_complete boolean)")  # fmt: skip
            for month in ("0044-03-01 (BC)", "0144-03-01 (BC)")[:months]:
                cohort(con, month)
    with duckdb.connect(str(tmp_path / "now.duckdb")) as con:
        con.execute("set memory_limit = '300MB'")
        con.execute("set temp_directory = ''")
        con.execute(f"attach {literal(str(before))} as previous (read_only)")
        assert write_restatements(con, [COHORTS], run_id="2", previous="1") == AGES
