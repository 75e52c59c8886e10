"""Run in DuckDB what dbt compiled: models in the order of their graph, then data tests."""

from __future__ import annotations

import graphlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar

import duckdb

from checks.result import Severity
from models.quoting import literal, quoted
from pipelines.transform.content import relation
from pipelines.transform.marts import Manifest

AT_ONCE = 2

Sql = Mapping[str, str]
T = TypeVar("T")
Work = Callable[[duckdb.DuckDBPyConnection], T]


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node. status: success, pass, warn, fail, error, skipped.

    `rows`: of a table that was made; `columns`: their names and types, of a view too.
    `failing_rows` counts what a data test found, 0 for a model or seed; `failing_sql` gives them.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    severity: str = "error"
    failing_rows: int = 0
    seconds: float = 0.0
    message: str = ""
    failing_sql: str = ""
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] = ()


def severity_of(node: Manifest) -> Severity:
    """What a failed data test is."""
    return "warn" if str(node["config"].get("severity")).lower() == "warn" else "error"


def result_of(
    node: Manifest,
    status: str,
    *,
    seconds: float = 0.0,
    message: object = "",
    failing_rows: int = 0,
) -> NodeResult:
    """The result of a node of the manifest."""
    return NodeResult(
        node["unique_id"],
        node["name"],
        node["resource_type"],
        status,
        severity_of(node),
        failing_rows,
        seconds,
        " ".join(str(message or "").split()),
    )


def make_models(
    con: duckdb.DuckDBPyConnection, models: Sequence[Manifest], *, sql: Sql
) -> Iterator[NodeResult]:
    """Make tables and views, each once what it reads is made, two at a time.

    What reads one that cannot be made is skipped.
    """
    by_id = {node["unique_id"]: node for node in models}
    for schema in sorted({node["schema"] for node in models}):
        con.execute(f"create schema if not exists {quoted(schema)}")
    kinds = _kinds(con)
    order = graphlib.TopologicalSorter(
        {i: [p for p in n["depends_on"]["nodes"] if p in by_id] for i, n in by_id.items()}
    )
    order.prepare()
    waiting = dict(by_id)
    running: set[Future[NodeResult]] = set()
    made: list[NodeResult] = []
    with _workers(con) as submit:
        while True:
            order.done(*(result.unique_id for result in made if result.status == "success"))
            for unique_id in order.get_ready():
                statements = _statements(by_id[unique_id], sql[unique_id], kinds=kinds)
                running.add(
                    submit(_making(by_id[unique_id], sql[unique_id], statements=statements))
                )
            yield from made  # while the next ones are being made
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            made = [future.result() for future in done]
            for result in made:
                del waiting[result.unique_id]
    yield from (result_of(node, "skipped") for node in waiting.values())


def run_tests(
    con: duckdb.DuckDBPyConnection, tests: Sequence[Manifest], *, sql: Sql
) -> Iterator[NodeResult]:
    """Count the rows that each data test finds, with one query for all tests of a table."""
    groups = groupby(sorted(tests, key=_tested_table), _tested_table)
    with _workers(con) as submit:
        counted = [submit(_counting(list(of_table), sql)) for _, of_table in groups]
        for future in counted:
            yield from future.result()


def _kinds(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """table or view, by schema and name."""
    found = con.execute(
        "select schema_name || '.' || table_name, 'table' from duckdb_tables() union all "
        "select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal"
    )
    return dict(found.fetchall())


def _statements(node: Manifest, sql: str, *, kinds: Mapping[str, str]) -> str:
    """What replaces a table or a view at once, with its comments."""
    name, kind = relation(node), node["config"]["materialized"]
    columns = node["columns"].values()
    before = kinds.get(f"{node['schema']}.{node['alias']}", kind)
    is_contract = node["config"]["contract"]["enforced"]
    chosen = ", ".join(quoted(column["name"]) for column in columns) if is_contract else "*"
    made = [f"drop {before} {name}"] if before != kind else []
    made.append(f"create or replace {kind} {name} as (select {chosen} from (\n{sql}\n))")
    return ";\n".join([*made, *comments(node, kind)])


def comments(node: Manifest, kind: str) -> Iterator[str]:
    """What gives a table or a view, and its columns, the comments of the project."""
    name, docs = relation(node), node["config"]["persist_docs"]
    if docs.get("relation") and node["description"]:
        yield f"comment on {kind} {name} is {literal(node['description'])}"
    if docs.get("columns"):
        for column in node["columns"].values():
            column_name = f"{name}.{quoted(column['name'])}"
            yield f"comment on column {column_name} is {literal(column['description'])}"


def _making(node: Manifest, sql: str, *, statements: str) -> Work[NodeResult]:
    def make(con: duckdb.DuckDBPyConnection) -> NodeResult:
        began = time.perf_counter()
        con.execute("begin")
        try:
            broken: object = forgotten_columns(con, node, sql=sql)
            if not broken:
                con.execute(statements)
                broken = broken_contract(con, node)
        except duckdb.Error as error:
            broken = error
        if broken:
            con.execute("rollback")
            return result_of(node, "error", message=broken)
        con.execute("commit")
        made = result_of(node, "success", seconds=time.perf_counter() - began)
        return replace(made, rows=_rows(con, node), columns=_columns(con, node))

    return make


def _rows(con: duckdb.DuckDBPyConnection, node: Manifest) -> int | None:
    if node["config"]["materialized"] == "view":
        return None
    found = con.execute(f"select count(*) from {relation(node)}").fetchone()
    return int(found[0]) if found else None


def _columns(con: duckdb.DuckDBPyConnection, node: Manifest) -> tuple[tuple[str, str], ...]:
    described = con.execute(f"describe {relation(node)}").fetchall()
    return tuple((name, kind) for name, kind, *_ in described)


def forgotten_columns(con: duckdb.DuckDBPyConnection, node: Manifest, *, sql: str) -> str:
    """Which columns a mart's query has beyond its contract; empty where none."""
    if not node["config"]["contract"]["enforced"]:
        return ""
    found = con.execute(f"describe select * from (\n{sql}\n)").fetchall()
    beyond = [name for name, *_ in found if name not in node["columns"]]
    return f"The contract does not know {', '.join(beyond)}" if beyond else ""


def broken_contract(con: duckdb.DuckDBPyConnection, node: Manifest) -> str:
    """Where a mart's columns have other types than its contract says; empty where none has."""
    if not node["config"]["contract"]["enforced"]:
        return ""
    made = dict(_columns(con, node))
    other = [
        f"{column['name']} is {made[column['name']]}, not {column['data_type'].upper()}"
        for column in node["columns"].values()
        if made[column["name"]] != column["data_type"].upper()
    ]
    return f"The contract is broken: {', '.join(other)}" if other else ""


def _tested_table(test: Manifest) -> str:
    parents = test["depends_on"]["nodes"]
    return str(test.get("attached_node") or (parents[-1] if parents else ""))


def _counting(tests: Sequence[Manifest], sql: Sql) -> Work[list[NodeResult]]:
    def count(con: duckdb.DuckDBPyConnection) -> list[NodeResult]:
        try:
            return _count(con, tests, sql=sql)
        except duckdb.Error as error:
            if len(tests) == 1:
                return [result_of(tests[0], "error", message=error)]
        return [one for test in tests for one in _counting([test], sql)(con)]

    return count


def _count(
    con: duckdb.DuckDBPyConnection, tests: Sequence[Manifest], *, sql: Sql
) -> list[NodeResult]:
    began = time.perf_counter()
    query = "\nunion all\n".join(
        f"select {place} as place, count(*) as failures from (\n{sql[test['unique_id']]}\n)"
        for place, test in enumerate(tests)
    )
    found = dict(con.execute(query).fetchall())
    seconds = (time.perf_counter() - began) / len(tests)
    return [
        _tested(test, found[place], seconds=seconds, sql=sql[test["unique_id"]])
        for place, test in enumerate(tests)
    ]


def _tested(test: Manifest, failures: int, *, seconds: float, sql: str) -> NodeResult:
    if not failures:
        return result_of(test, "pass", seconds=seconds)
    status = "warn" if severity_of(test) == "warn" else "fail"
    message = f"Got {failures} {'row' if failures == 1 else 'rows'}, where none should be."
    found = result_of(test, status, seconds=seconds, message=message, failing_rows=failures)
    return replace(found, failing_sql=sql)


@contextmanager
def _workers(con: duckdb.DuckDBPyConnection) -> Iterator[Callable[[Work[Any]], Future[Any]]]:
    """Submit work to a few threads, each with a cursor of its own; an exception stops them all."""
    own = threading.local()
    cursors: list[duckdb.DuckDBPyConnection] = []

    def begin() -> None:
        own.con = con.cursor()
        own.con.execute("set timezone = 'UTC'")
        cursors.append(own.con)

    pool = ThreadPoolExecutor(AT_ONCE, initializer=begin)
    try:
        yield lambda work: pool.submit(lambda: work(own.con))
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for cursor in cursors:
            cursor.interrupt()
        raise
    finally:
        pool.shutdown()
        for cursor in cursors:
            cursor.close()
