"""The table behind mart `lineage`: filled anew after a build that compiled other SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import duckdb
import pyarrow as pa

from models.errors import HypnomartError
from models.marts import MARTS
from pipelines.base.meta_tables import LINEAGE, create_table_sql
from pipelines.transform.parsed import write_kept

MART = "lineage"
NAMES = [name for name, _ in LINEAGE if name != "digest"]


class LineageUnknown(HypnomartError):
    """SQL that DuckDB runs and nobody else can read."""


def ensure_table(con: duckdb.DuckDBPyConnection) -> None:
    """Create meta.lineage, which mart `lineage` is built from, where it is missing."""
    con.execute("create schema if not exists meta")
    con.execute(create_table_sql("meta", "lineage", columns=LINEAGE))


def refresh(
    con: duckdb.DuckDBPyConnection,
    compiled: Mapping[str, str],
    *,
    relations: Collection[str],
    kept: Path,
) -> bool:
    """Fill meta.lineage and the mart from the SQL of all models, by schema.table; False if nothing
    had changed. Where some model was never built, as after a first build of a part, it waits.

    `relations`: what models may read, by schema.table; `kept`: the folder where what was traced of
    the same SQL is kept: tracing takes 8 s.
    """
    columns = columns_of(con, relations)
    there = {f"{schema}.{table}" for schema, tables in columns.items() for table in tables}
    if not compiled.keys() <= there:
        return False
    digest = hashlib.sha256(json.dumps([compiled, columns], sort_keys=True).encode()).hexdigest()
    if con.execute("select 1 from meta.lineage where digest = ?", [digest]).fetchone():
        return False
    write(con, _traced(compiled, columns, path=kept / f"lineage-{digest[:16]}.json"), digest=digest)
    return True


def _traced(
    compiled: Mapping[str, str], columns: Mapping[str, Mapping[str, list[str]]], *, path: Path
) -> list[Sequence[str]]:
    with suppress(FileNotFoundError, ValueError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept and all(len(row) == len(NAMES) for row in kept):
            return list(kept)
    from sqlglot.errors import SqlglotError

    from pipelines.transform.lineage.trace import lineage_rows

    marts = [name for name in compiled if name.startswith(f"{MARTS}.")]
    try:
        rows = [astuple(row) for row in lineage_rows(compiled, marts, schema=columns)]
    except SqlglotError as error:
        raise LineageUnknown(f"lineage stays as it was: {str(error).splitlines()[0]}") from error
    write_kept(path, json.dumps(rows).encode())
    return [*rows]


def columns_of(
    con: duckdb.DuckDBPyConnection, relations: Collection[str]
) -> dict[str, dict[str, list[str]]]:
    """Columns of the relations that are there, by schema and name."""
    found: dict[str, dict[str, list[str]]] = {}
    columns = con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where list_contains(?, schema_name || '.' || table_name) order by column_index",
        [list(relations)],
    )
    for schema, table, column in columns.fetchall():
        found.setdefault(schema, {}).setdefault(table, []).append(column)
    return found


def write(con: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[str]], *, digest: str) -> None:
    """Replace what meta.lineage and the mart hold, both or neither."""
    batch = pa.table({name: [row[i] for row in rows] for i, name in enumerate(NAMES)})
    con.register("batch", batch)
    con.execute("begin")
    con.execute("delete from meta.lineage")
    con.execute("insert into meta.lineage by name select *, $digest as digest from batch",
                {"digest": digest})  # fmt: skip
    con.execute("delete from marts.lineage")
    con.execute("insert into marts.lineage select * exclude (digest) from meta.lineage")
    con.execute("commit")
    con.unregister("batch")
