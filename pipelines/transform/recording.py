"""What a build or its data tests left is entered into the ledger, and what is stale forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from checks.result import EVIDENCE, listed
from pipelines.transform.content import relation, table_word, view_words
from pipelines.transform.ledger import Built, Ledger, Tested, is_built, is_view
from pipelines.transform.nodes import NodeResult


def record(
    con: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    *,
    results: Sequence[NodeResult],
    build_id: str,
    run_id: str,
) -> None:
    """Enter what a dbt command built and tested, with the content that came out, all or nothing."""
    con.execute("begin transaction")
    try:
        read = _relations_read(ledger.manifest["nodes"], [one.unique_id for one in results])
        made = {result.unique_id for result in results if result.status == "success"}
        forget_edited(con, ledger, read=read - made)
        _enter_built(con, ledger, results=results, build_id=build_id, run_id=run_id)
        _enter_tested(con, ledger, results=results, build_id=build_id, run_id=run_id)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def current_seeds(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> set[str]:
    """The seeds that stand in the working file as their files say."""
    now = _words_now(con)
    return {
        unique_id
        for unique_id, node in ledger.manifest["nodes"].items()
        if node["resource_type"] == "seed"
        and (built := ledger.built.get(unique_id))
        and built.code_id == ledger.code.word(node)
        and built.content_id == now(node)
    }


def forget_edited(con: duckdb.DuckDBPyConnection, ledger: Ledger, *, read: Iterable[str]) -> None:
    """Forget what was read as it stood, where something else wrote to it since it was built: what
    comes of it is not what the code makes; and what the project no longer has."""
    nodes, now = ledger.manifest["nodes"], _words_now(con)
    for unique_id in read:
        built, node = ledger.built.get(unique_id), nodes.get(unique_id)
        if built and (node is None or now(node) != built.content_id):
            del ledger.built[unique_id]
            con.execute("delete from meta.built where unique_id = ?", [unique_id])


def _relations_read(nodes: Mapping[str, Any], ids: Sequence[str]) -> set[str]:
    """What models, seeds and tests read: views, and the tables behind them."""
    found: set[str] = set()
    waiting = [one for one in ids if one in nodes]
    while waiting:
        for parent in nodes[waiting.pop()]["depends_on"].get("nodes", []):
            if parent not in nodes or parent in found:
                continue
            found.add(parent)
            if is_view(nodes[parent]):
                waiting.append(parent)
    return found


def _words_now(con: duckdb.DuckDBPyConnection) -> Callable[[Mapping[str, Any]], str]:
    """The word of what a node's table or view holds now."""
    views = view_words(con)

    def now(node: Mapping[str, Any]) -> str:
        if is_view(node):
            return views.get((node["schema"], node["alias"]), "dropped")
        try:
            return table_word(con, relation(node))
        except duckdb.CatalogException:
            return "dropped"

    return now


def _enter_built(
    con: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    *,
    results: Sequence[NodeResult],
    build_id: str,
    run_id: str,
) -> None:
    # results come parents first, so that what a node read is entered before the node
    rows, now = [], _words_now(con)
    for result in results:
        node = ledger.manifest["nodes"].get(result.unique_id)
        if node is None or not is_built(node) or result.status != "success":
            continue
        built = Built(
            build_id,
            run_id,
            ledger.code.word(node),
            ledger.inputs_of(result.unique_id),
            now(node),
        )
        ledger.built[result.unique_id] = built
        rows.append((result.unique_id, built.code_id, built.inputs_id, built.content_id))
    _replace(
        con,
        "built",
        columns=("unique_id", "code_id", "inputs_id", "content_id"),
        rows=rows,
        build_id=build_id,
        run_id=run_id,
    )


def failing_keys(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The first column of up to 20 rows that a data test found, which tells them apart."""
    if not sql:
        return ""
    try:
        rows = con.execute(f"select * from ({sql}) limit {EVIDENCE}").fetchall()
    except duckdb.Error:
        return ""
    return listed(sorted(str(row[0]) for row in rows))


def _enter_tested(
    con: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    *,
    results: Sequence[NodeResult],
    build_id: str,
    run_id: str,
) -> None:
    rows = []
    for result in results:
        if result.resource_type != "test" or result.unique_id not in ledger.manifest["nodes"]:
            continue
        seen = ledger.seen_by(result.unique_id)
        keys = failing_keys(con, result.failing_sql)
        ledger.tested[result.unique_id] = Tested(result.status, result.failing_rows, keys, seen)
        rows.append((result.unique_id, result.status, result.failing_rows, keys, seen))
    columns = ("unique_id", "status", "failing_rows", "failing_keys", "content_id")
    _replace(con, "tested", columns=columns, rows=rows, build_id=build_id, run_id=run_id)


def _replace(
    con: duckdb.DuckDBPyConnection,
    table: str,
    *,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    build_id: str,
    run_id: str,
) -> None:
    """Replace entries of meta.built or meta.tested, all with one statement."""
    if not rows:
        return
    batch = pa.table(dict(zip(columns, map(pa.array, zip(*rows, strict=True)), strict=True)))
    con.register("batch", batch)
    con.execute(
        f"insert or replace into meta.{table} by name select batch.*, $build_id as build_id, "
        f"$run_id as run_id, now()::timestamp as {table}_at from batch",
        {"build_id": build_id, "run_id": run_id},
    )
    con.unregister("batch")
