"""Parquet: types as in the mart, and what the columns mean as the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from models.quoting import literal


def write_parquet(
    con: duckdb.DuckDBPyConnection, query: str, *, path: Path, meanings: Mapping[str, str]
) -> int:
    """Write a query's rows; `meanings` becomes the metadata "columns", as JSON. Returns the number
    of rows."""
    target, columns = literal(str(path)), literal(json.dumps(meanings, ensure_ascii=False))
    found = con.execute(
        f"copy ({query}) to {target} "
        f"(format parquet, compression zstd, kv_metadata {{columns: {columns}}})"
    ).fetchone()
    return int(found[0]) if found else 0
