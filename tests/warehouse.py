"""Build marts from hand-written rows: an empty working file, rows in raw.*, then dbt.

Fast enough for many tests, since PostgreSQL is left out; whatever a row does not name is null.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.tables import TABLES
from pipelines.extract.layout import create_layout
from pipelines.settings import Settings
from pipelines.transform import parse, run_dbt

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
SCHEMAS = ("marts", "intermediate", "staging", "seeds", "raw")
PRINTED_BY_DBT = ("--quiet", "--no-use-colors", "--log-level-file", "none")


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
    """Run dbt on what was written: the selected models with all they need, or everything.

    With `tests`, those whose models are all among the selected.

    Raises AssertionError with dbt's messages if anything fails.
    """
    command = [
        "build",
        "--no-write-json",
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "cautious",
    ]
    if not tests:
        command += ["--exclude-resource-type", "test"]
    if select:
        command += ["--select", *[f"+{name}" for name in select]]
    manifest = parsed_manifest()
    result = run_dbt(settings, *command, *PRINTED_BY_DBT, manifest=manifest)
    failed = [
        f"{r.node.name}: {r.message}"
        for r in getattr(result.result, "results", [])
        if r.status in ("error", "fail")
    ]
    assert result.success, failed or result.exception


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
