"""Build marts from hand-written rows: an empty working file, rows in raw.*, then dbt.

Fast enough for many tests, since PostgreSQL is left out; whatever a row does not name is null.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import create_layout
from pipelines.transform.build import build as build_nodes
from pipelines.transform.compiled import compiled
from pipelines.transform.dbt import parse, run_dbt

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
SCHEMAS = ("marts", "intermediate", "staging", "seeds", "raw")
PRINTED_BY_DBT = ("--quiet", "--no-use-colors", "--log-level-file", "none")


def quiet(_: str) -> None:
    """Say nothing of the progress."""


def settings_at(folder: Path, **changes: Any) -> Settings:
    """Settings for a home below a test's own folder."""
    return Settings(home=folder / "home", reports_dir=folder / "reports", **changes)


@functools.cache
def parsed_manifest() -> Any:
    """The project's parsed manifest, once for each test process."""
    with tempfile.TemporaryDirectory() as folder:
        return parse(settings_at(Path(folder)))


@functools.cache
def parsed_project() -> Mapping[str, Any]:
    """The same manifest as dbt writes it to a file, which the pipeline reads."""
    manifest: Mapping[str, Any] = parsed_manifest().writable_manifest().to_dict(omit_none=False)
    return manifest


def write_raw(
    settings: Settings,
    raw: Rows,
    *,
    as_of: datetime,
    history: Rows | None = None,
    run_id: str = "run-1",
) -> None:
    """Write rows into raw.* and past.* of a new or existing working file, and the clock.

    Without `history`, each raw row is also its only version, seen at `as_of`. A history row may
    name _op and _seen_at itself.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("begin")  # else each of 200 statements would wait for the disk
        create_layout(con)
        insert(con, "meta.snapshots", [{"as_of_at": as_of, "run_id": run_id}])
        seen = {"_op": "insert", "_seen_at": as_of}
        for table in TABLES:
            rows = raw.get(table.name, [])
            versions = None if history is None else history.get(table.name)
            is_update = False if versions is None else None
            loaded = {"_xmin": 1, "_is_update": is_update, "_loaded_at": as_of}
            insert(con, f"raw.{table.name}", [{**loaded, **row} for row in rows])
            if table.has_history and versions is not None:
                insert(con, f"past.{table.name}", [{**seen, **row} for row in versions])
            manifest = {
                "run_id": run_id,
                "table_name": table.name,
                "as_of_at": as_of,
                "started_at": as_of,
                "finished_at": as_of,
                "source_fingerprint": "test",
                "source_rows": len(rows),
                "warehouse_rows": len(rows),
                "changed_rows": len(rows),
                "deleted_rows": 0,
                "code_version": "test",
            }
            insert(con, "meta.run_manifest", [manifest])
        con.execute("commit")


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows that name different columns; an unknown column is an error."""
    # In one batch as text, which DuckDB casts: row by row took 20 ms a row.
    by_columns: dict[tuple[str, ...], list[list[Any]]] = {}
    for row in rows:
        by_columns.setdefault(tuple(row), []).append(list(row.values()))
    for columns, values in by_columns.items():
        names = ", ".join(f'"{column}"' for column in columns)
        as_text = [
            [None if v is None else str(v) for v in place] for place in zip(*values, strict=True)
        ]
        batch = pa.table([pa.array(place, pa.string()) for place in as_text], names=list(columns))
        con.register("batch", batch)
        con.execute(f"insert into {table} ({names}) select {names} from batch")
        con.unregister("batch")


def build(settings: Settings, *select: str, tests: bool = False) -> None:
    """Build from what was written: the selected models with all they need, or everything.

    With `tests`, those whose models are all among the selected. Raises AssertionError with what
    was said of each node that failed.
    """
    manifest = parsed_project()
    current = set() if settings.seeds_dir else copy_seeds(settings)
    ids = needed(manifest, select, tests=tests)
    results = build_nodes(settings, manifest, progress=quiet, ids=ids, current=current)
    failed = [f"{r.name}: {r.message}" for r in results if r.status in ("error", "fail", "skipped")]
    assert not failed, failed


def needed(manifest: Mapping[str, Any], select: Sequence[str], *, tests: bool) -> set[str]:
    """The models and seeds that are selected by name, with their ancestors; all without names.

    With `tests`, the data tests that read nothing else.
    """
    nodes = manifest["nodes"]
    made = {one for one, node in nodes.items() if node["resource_type"] in ("model", "seed")}
    waiting = {one for one in made if not select or nodes[one]["name"] in select}
    assert len(waiting) >= len(set(select)), f"not all of {select} are models"
    ids: set[str] = set()
    while waiting:
        ids |= waiting
        parents = (set(nodes[one]["depends_on"].get("nodes", [])) for one in waiting)
        waiting = set().union(*parents) & made - ids
    found = {
        one
        for one, node in nodes.items()
        if node["resource_type"] == "test" and set(node["depends_on"]["nodes"]) & made <= ids
    }
    return ids | found if tests else ids


@functools.cache
def seeded_file() -> Path:
    """A working file with the shipped seeds as dbt loads them, once for each test process."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_at(Path(folder))
    settings.warehouse.parent.mkdir(parents=True)
    loaded = run_dbt(settings, "seed", *PRINTED_BY_DBT, manifest=parsed_manifest())
    assert loaded.success, loaded.exception
    return settings.warehouse


def copy_seeds(settings: Settings) -> set[str]:
    """Copy the seeds into a working file; their ids."""
    seeds = {one for one in parsed_project()["nodes"] if one.startswith("seed.")}
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(f"attach '{seeded_file()}' as seeded (read_only)")
        con.execute("begin")
        con.execute("create schema if not exists seeds")
        for name in sorted(one.rpartition(".")[2] for one in seeds):
            con.execute(f"create or replace table seeds.{name} as from seeded.seeds.{name}")
        con.execute("commit")
    return seeds


def compiled_sql(name: str) -> str:
    """The SQL of a model or data test of the project, as dbt compiles it, for any file."""
    ids = {node["name"]: one for one, node in parsed_project()["nodes"].items()}
    with tempfile.TemporaryDirectory() as folder:
        sql = compiled(settings_at(Path(folder)), [ids[name]])[ids[name]]
    return sql.replace('"warehouse".', "")


def read(settings: Settings, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a query on the working file, as dictionaries; schema marts comes first."""
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        for schema in SCHEMAS:
            con.execute(f"create schema if not exists {schema}")
        con.execute(f"set search_path = '{','.join(SCHEMAS)}'")
        cursor = con.execute(sql, values or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def build_from(
    folder: Path,
    raw: Rows,
    *select: str,
    as_of: datetime,
    history: Rows | None = None,
    **changes: Any,
) -> Settings:
    """Write rows and build the named models; returns the settings to read with."""
    settings = settings_at(folder, **changes)
    write_raw(settings, raw, as_of=as_of, history=history)
    build(settings, *select)
    return settings
