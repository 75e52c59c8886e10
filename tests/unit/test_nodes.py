"""Models in the order of their graph, data tests by table: on a database in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from models.quoting import literal
from pipelines.publication.native.building import told
from pipelines.transform.build import ROW_GROUP, one_thread_each
from pipelines.transform.making import make_models
from pipelines.transform.nodes import NodeResult, result_of
from pipelines.transform.testing import run_tests
from tests.warehouse import parsed_project

DEFAULTS = {"fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0", "limit": None}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def model(name: str, *parents: str, kind: str = "table", **columns: str) -> dict[str, Any]:
    """A model's node, with a contract where columns are named."""
    described = {
        c: {"name": c, "data_type": t, "description": f"{c}'s"} for c, t in columns.items()
    }
    return {
        "unique_id": f"model.{name}", "name": name, "resource_type": "model", "schema": "marts",
        "alias": name, "columns": described, "description": f"All of {name}",
        "depends_on": {"nodes": [f"model.{parent}" for parent in parents]},
        "config": {
            "materialized": kind, "contract": {"enforced": bool(columns)},
            "persist_docs": {"relation": True, "columns": True},
        },
    }  # fmt: skip


def data_test(name: str, table: str, severity: str = "error") -> dict[str, Any]:
    """A data test's node."""
    return {
        "unique_id": f"test.{name}", "name": name, "resource_type": "test",
        "attached_node": f"model.{table}", "depends_on": {"nodes": [f"model.{table}"]},
        "config": {"severity": severity},
    }  # fmt: skip


def make(
    con: duckdb.DuckDBPyConnection, models: list[dict[str, Any]], sql: Mapping[str, str]
) -> dict[str, NodeResult]:
    by_id = {f"model.{name}": text for name, text in sql.items()}
    return {result.name: result for result in make_models(con, models, sql=by_id)}


def test_a_model_is_made_after_what_it_reads_in_whatever_order_they_come(
    con: duckdb.DuckDBPyConnection,
) -> None:
    models = [model("c", "b"), model("b", "a", kind="view"), model("a")]
    sql = {"a": "select 1 as x", "b": "select x + 1 as x from marts.a", "c": "from marts.b"}
    results = make(con, models, sql)
    assert list(results) == ["a", "b", "c"]
    assert {result.status for result in results.values()} == {"success"}
    assert con.execute("from marts.c").fetchall() == [(2,)]


def test_what_reads_a_broken_model_is_skipped_and_the_rest_is_made(
    con: duckdb.DuckDBPyConnection,
) -> None:
    models = [model("a"), model("b", "a"), model("c", "b"), model("d")]
    sql = {"a": "select 1 / 'x'", "b": "from marts.a", "c": "from marts.b", "d": "select 4 as x"}
    results = make(con, models, sql)
    statuses = {name: result.status for name, result in results.items()}
    assert statuses == {"a": "error", "b": "skipped", "c": "skipped", "d": "success"}
    assert "Could not convert string … to DOUBLE" in results["a"].message


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select 1 as n", "The contract is broken: n is INTEGER, not BIGINT"),
        ("select 1::bigint as m", "The contract does not know m"),
        ("select 1::bigint as n, 2 as m", "The contract does not know m"),
    ],
)
def test_a_mart_that_breaks_its_contract_leaves_the_one_that_stood(
    con: duckdb.DuckDBPyConnection, sql: str, said: str
) -> None:
    mart = model("a", n="bigint")
    assert make(con, [mart], {"a": "select 7::bigint as n"})["a"].status == "success"
    result = make(con, [mart], {"a": sql})["a"]
    assert result.status == "error"
    assert said in result.message
    assert con.execute("from marts.a").fetchall() == [(7,)]


def test_a_table_may_become_a_view_and_back(con: duckdb.DuckDBPyConnection) -> None:
    for kind in ("table", "view", "table"):
        make(con, [model("a", kind=kind)], {"a": "select 1 as x"})
        found = con.execute("select table_type from information_schema.tables").fetchall()
        assert found == [("VIEW" if kind == "view" else "BASE TABLE",)]


def test_comments_with_quotes_are_kept(con: duckdb.DuckDBPyConnection) -> None:
    make(con, [model("a", n="bigint")], {"a": "select 7::bigint as n"})
    found = con.execute("select comment from duckdb_columns() where table_name = 'a'").fetchall()
    assert found == [("n's",)]


def test_each_data_test_says_what_it_found(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table t as select unnest([1, 2, null]) as x")
    sql = {
        "test.null": "select * from t where x is null",
        "test.two": "with many as (from t) select * from many where x > 1",
        "test.none": "select * from t where x > 2",
    }
    tests = [data_test("null", "t"), data_test("two", "t", "warn"), data_test("none", "t")]
    found = {
        r.name: (r.status, r.failing_rows, r.failing_sql) for r in run_tests(con, tests, sql=sql)
    }
    assert found == {
        "null": ("fail", 1, sql["test.null"]),
        "two": ("warn", 1, sql["test.two"]),
        "none": ("pass", 0, ""),
    }


def test_a_broken_data_test_is_an_error_and_takes_no_other_along(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute("create table t as select 1 as x")
    sql = {"test.broken": "select y from t", "test.well": "select * from t where x > 1"}
    tests = [data_test("broken", "t"), data_test("well", "t")]
    found = {result.name: result for result in run_tests(con, tests, sql=sql)}
    assert found["broken"].status == "error"
    assert '"y" not found' in found["broken"].message
    assert found["well"].status == "pass"


def test_no_test_of_the_project_asks_for_more_than_is_run() -> None:
    """How rows are counted and what number fails is dbt's default everywhere."""
    tests = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "test"]
    assert len(tests) > 300
    other = {n["name"] for n in tests for k, v in DEFAULTS.items() if n["config"][k] != v}
    assert other == set()


def test_every_model_is_a_table_or_a_view_without_hooks() -> None:
    models = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "model"]
    assert {n["config"]["materialized"] for n in models} == {"table", "view"}
    assert [n["name"] for n in models if n["config"]["pre-hook"] or n["config"]["post-hook"]] == []


@pytest.mark.parametrize(("rows", "threads"), [(ROW_GROUP, 1), (ROW_GROUP + 1, 3)])
def test_nodes_take_a_thread_each_where_no_table_gives_work_to_two(rows: int, threads: int) -> None:
    with duckdb.connect(config={"threads": 3}) as con:
        con.execute(f"create table receipts as from range({rows})")
        one_thread_each(con)
        assert con.execute("select current_setting('threads')").fetchone() == (threads,)


@pytest.mark.parametrize(
    "sql",
    [
        "select {}::integer",
        "select {}::timestamp",
        "select strptime({}, '%Y')",
        "create table t (one varchar primary key); insert into t values ({0}), ({0})",
        "select json_extract({}::json, '$.a')",
    ],
)
def test_what_an_error_quotes_of_rows_is_not_told(sql: str) -> None:
    """A message goes into logs and records, which no erasure reaches."""
    value = 'it\'s user 4711 "of" ours'
    node = {"unique_id": "model.one", "name": "one", "resource_type": "model", "config": {}}
    with duckdb.connect() as con, pytest.raises(duckdb.Error, match="4711") as caught:
        con.execute(sql.format(literal(value)))
    told = result_of(node, "error", message=caught.value).message
    assert "4711" not in told and "it's" not in told and "Error" in told


def test_what_an_error_says_of_sql_is_told() -> None:
    node = {"unique_id": "model.one", "name": "one", "resource_type": "model", "config": {}}
    with duckdb.connect() as con, pytest.raises(duckdb.Error) as caught:
        con.execute("select nothing from range(1)")
    assert '"nothing"' in result_of(node, "error", message=caught.value).message


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ('Database Error in model dim_users\n  invalid input syntax for type uuid: "an"na@x"\n'
         "  LINE 3: cast(a as uuid)", "invalid input syntax for type uuid: …"),
        ('duplicate key value violates unique constraint "dim_users_key"\n'
         "  DETAIL: Key (email)=(anna@x) already exists.", 'constraint "dim_users_key"…'),
        ("[CAST_INVALID_INPUT] The value 'anna@x' of the type cannot be cast", "The value …"),
        ('column "anna_at" does not exist', 'column "anna_at" does not exist'),
    ],
)  # fmt: skip
def test_what_another_engine_says_keeps_no_values(message: str, kept: str) -> None:
    run = SimpleNamespace(
        node=SimpleNamespace(to_dict=lambda: model("dim_users")),
        status="error", message=message, failures=0, execution_time=0.0,
    )  # fmt: skip
    said = told(run).message
    assert kept in said and "anna@x" not in said and "na@x" not in said


def test_a_value_full_of_what_precedes_a_statement_is_cut_in_time() -> None:
    """Ten megabytes of it took hours."""
    value = " LINE 1: " * 1_000_000
    error = duckdb.ConversionException(f"Could not convert string '{value}' LINE 7: select 1")
    assert result_of(model("one"), "error", message=error).message.startswith("Could not convert")
