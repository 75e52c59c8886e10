"""All rows of the marts that are about nobody in particular, to be compared cell by cell."""

from __future__ import annotations

from typing import Any

import duckdb

Aggregates = dict[str, list[tuple[Any, ...]]]
# Marts of present state and of the run itself; the first may move when somebody goes.
NOT_COMPARED = {
    "credit_balances", "sync_freshness", "content_reach", "fct_course_settings", "dim_courses",
    "course_engagement", "dim_cohorts", "run_manifest", "source_volume_daily", "lineage",
    "quality_results", "quality_findings", "restatements", "sync_freshness_history",
}  # fmt: skip
OF_PEOPLE = {
    "user_id", "receipt_id", "root_user_id", "referred_user_id", "group_id", "referrer_user_id",
}  # fmt: skip


def aggregates_of(con: duckdb.DuckDBPyConnection, schema: str) -> Aggregates:
    """By mart its rows, sorted."""
    columns: dict[str, set[str]] = {}
    for mart, name in con.execute(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = ? and database_name = current_database()",
        [schema],
    ).fetchall():
        columns.setdefault(mart, set()).add(name)
    marts = sorted(m for m, names in columns.items() if not names & OF_PEOPLE)
    return {
        mart: con.execute(f'from {schema}."{mart}" order by all').fetchall()
        for mart in marts
        if mart not in NOT_COMPARED
    }
