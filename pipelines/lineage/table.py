"""The table behind mart `lineage`: filled anew after a build that compiled other SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.extract.layout import LINEAGE, create_table_sql

if TYPE_CHECKING:
    from pipelines.lineage.trace import LineageRow


def ensure_table(warehouse: Path) -> None:
    """Create meta.lineage, which mart `lineage` is built from, where it is missing."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema if not exists meta")
        con.execute(create_table_sql("meta", "lineage", LINEAGE))


def refresh(warehouse: Path, target: Path) -> bool:
    """Fill meta.lineage and the mart from dbt's target folder; False if nothing had changed.

    A project of which some model was never compiled, as after a first build of a part, waits.
    """
    models = models_of(json.loads((target / "manifest.json").read_text("utf-8")), target)
    if not all(path.exists() for path in models.values()):
        return False
    compiled = {name: path.read_text("utf-8") for name, path in models.items()}
    digest = hashlib.sha256(json.dumps(compiled, sort_keys=True).encode()).hexdigest()
    with duckdb.connect(str(warehouse)) as con:
        if con.execute("select 1 from meta.lineage where digest = ?", [digest]).fetchone():
            return False
        from pipelines.lineage.trace import lineage_rows

        marts = [name for name in compiled if name.startswith("marts.")]
        write(con, lineage_rows(compiled, marts, columns_of(con)), digest)
    return True


def models_of(manifest: Mapping[str, Any], target: Path) -> dict[str, Path]:
    """Each model's schema.table, and the file of its compiled SQL."""
    project = target / "compiled" / manifest["metadata"]["project_name"]
    return {
        f"{node['schema']}.{node['alias']}": project / node["original_file_path"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, list[str]]]:
    """Columns of every relation of the working file, by schema and name."""
    found: dict[str, dict[str, list[str]]] = {}
    columns = con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        " order by column_index"
    )
    for schema, table, column in columns.fetchall():
        found.setdefault(schema, {}).setdefault(table, []).append(column)
    return found


def write(con: duckdb.DuckDBPyConnection, rows: list[LineageRow], digest: str) -> None:
    """Replace what meta.lineage and the mart hold, both or neither."""
    con.execute("begin")
    con.execute("delete from meta.lineage")
    con.executemany(
        "insert into meta.lineage values (?, ?, ?, ?, ?)", [(*astuple(r), digest) for r in rows]
    )
    con.execute("delete from marts.lineage")
    con.execute("insert into marts.lineage select * exclude (digest) from meta.lineage")
    con.execute("commit")
