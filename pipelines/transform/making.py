"""Tables and views made in DuckDB from what dbt compiled, in the order of their graph."""

from __future__ import annotations

import graphlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace

import duckdb

from models.quoting import literal, quoted
from pipelines.transform.content import relation
from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import NodeResult, Sql, result_of
from pipelines.transform.workers import Work, workers


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
    with workers(con) as submit:
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
