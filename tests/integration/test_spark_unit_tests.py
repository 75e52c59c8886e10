"""What the models say of a case holds in Spark's words too: dbt's unit tests, which DuckDB runs in
the tests of every day."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.publication.native.spark import shipped_to_spark, stored
from pipelines.publication.targets.tables import Column
from pipelines.transform.dbt import QUIET, run_dbt
from tests.warehouse import build, parsed_project, quiet, settings_at, write_raw

REF = re.compile(r"ref\('(\w+)'\)")
# What no word of ours can mend.
UNSEEN = {
    # rounds_of makes tables as a model is written, and cannot see what a unit test puts in the
    # place of the models that it reads: dbt adds that to the query later
    "lots_are_drawn_on_in_order_and_stop_at_a_refund",
    "gifts_are_no_lots_and_what_was_overdrawn_the_next_lot_pays",
    # expects the end of time, which is the year 294247 in Spark: dbt-spark fetches both sides of a
    # unit test as Python's times, which end with 9999
    "access_holds_until_the_next_version_seen_and_free_follows_a_deletion",
}


@pytest.mark.spark
@pytest.mark.timeout(1800)
def test_unit_tests_hold_in_spark(tmp_path: Path) -> None:
    """Of the models that they read dbt asks the columns alone, which DuckDB tells."""
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=datetime(2026, 10, 31, tzinfo=UTC))
    project = parsed_project()
    tests = project["unit_tests"].values()
    inputs = [REF.fullmatch(one["input"]) for test in tests for one in test["given"]]
    read = {found[1] for found in inputs if found}
    nodes = project["nodes"].values()
    models = [one for one in nodes if one["resource_type"] == "model" and one["name"] in read]
    build(settings, *(node["name"] for node in models))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        shapes = {
            f"{node['schema']}.{node['alias']}": con.execute(
                f"describe {node['schema']}.{node['alias']}"
            ).fetchall()
            for node in models
        }
    with shipped_to_spark(settings, progress=quiet) as spark:
        for name, columns in shapes.items():
            body = ", ".join(f"`{column}` {kind_of(kind)}" for column, kind, *_ in columns)
            spark.ask(f"create table if not exists {name} ({body}) using parquet")
        tried = run_dbt(
            settings, "test", "--no-write-json", *QUIET, "--select", "test_type:unit",
            engine="spark",
        )  # fmt: skip
    assert len(tried.result) == len(tests)
    said = {one.node.name: one.message for one in tried.result if one.status != "pass"}
    assert said.keys() == UNSEEN, said


def kind_of(kind: str) -> str:
    """Spark's type for one of DuckDB's; an enumeration is text there."""
    return "string" if kind.startswith("ENUM") else stored(Column("", kind, None))
