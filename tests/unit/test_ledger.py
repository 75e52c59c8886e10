"""What the working file's ledger remembers, and what it forgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.transform.content import Code
from pipelines.transform.ledger import read_ledger
from pipelines.transform.nodes import NodeResult
from pipelines.transform.recording import forget_edited, record
from tests.warehouse import settings_at


def node(name: str, materialized: str) -> dict[str, Any]:
    return {
        "unique_id": f"model.{name}", "resource_type": "model", "columns": {}, "raw_code": name,
        "schema": "marts", "alias": name, "checksum": {"checksum": name},
        "config": {"materialized": materialized}, "depends_on": {"macros": [], "nodes": []},
    }  # fmt: skip


def code_of(*nodes: dict[str, Any], folder: Path) -> Code:
    manifest = {
        "macros": {}, "sources": {}, "metadata": {"dbt_version": "1"},
        "nodes": {one["unique_id"]: one for one in nodes},
    }  # fmt: skip
    return Code(manifest, settings_at(folder))


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A working file of one table and one view."""
    con = duckdb.connect()
    con.execute("create schema meta; create schema marts")
    con.execute("create table meta.run_manifest (as_of_at timestamp, run_id varchar)")
    con.execute("create table marts.sales as select 1 as id")
    con.execute("create view marts.shown as select 2 as id")
    return con


SALES, SHOWN = node("sales", "table"), node("shown", "view")


@pytest.mark.parametrize("lost", [SALES, SHOWN], ids=["table", "view"])
def test_a_model_that_the_project_no_longer_has_is_forgotten_and_stops_nothing(
    con: duckdb.DuckDBPyConnection, lost: dict[str, Any], tmp_path: Path
) -> None:
    record_all(con, tmp_path)
    (kept,) = [one for one in (SALES, SHOWN) if one is not lost]
    ledger = read_ledger(con, code_of(kept, folder=tmp_path))
    forget_edited(con, ledger, read=list(ledger.built))
    assert remembered(con) == list(ledger.built) == [kept["unique_id"]]


@pytest.mark.parametrize(
    ("statement", "forgotten"),
    [
        ("insert into marts.sales values (3)", SALES),
        ("drop table marts.sales", SALES),
        ("create or replace view marts.shown as select 4 as id", SHOWN),
        ("drop view marts.shown", SHOWN),
    ],
    ids=["row", "no table", "other view", "no view"],
)
def test_what_something_else_wrote_to_is_forgotten(
    con: duckdb.DuckDBPyConnection, statement: str, forgotten: dict[str, Any], tmp_path: Path
) -> None:
    record_all(con, tmp_path)
    ledger = read_ledger(con, code_of(SALES, SHOWN, folder=tmp_path))
    forget_edited(con, ledger, read=list(ledger.built))
    assert len(remembered(con)) == 2
    con.execute(statement)
    forget_edited(con, ledger, read=list(ledger.built))
    assert set(remembered(con)) == {SALES["unique_id"], SHOWN["unique_id"]} - {
        forgotten["unique_id"]
    }


def record_all(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    ledger = read_ledger(con, code_of(SALES, SHOWN, folder=folder))
    results = [
        NodeResult(one["unique_id"], one["alias"], resource_type="model", status="success")
        for one in (SALES, SHOWN)
    ]
    record(con, ledger, results=results, build_id="b", run_id="r")
    assert len(remembered(con)) == 2


def remembered(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute("select unique_id from meta.built order by unique_id").fetchall()
    return [unique_id for (unique_id,) in rows]
