"""Parquet: types as in the mart."""

from __future__ import annotations

from pathlib import Path

import duckdb


def write_parquet(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows. Returns their number."""
    target = str(path).replace("'", "''")
    found = con.execute(
        f"copy ({query}) to '{target}' (format parquet, compression zstd)"
    ).fetchone()
    return int(found[0]) if found else 0
