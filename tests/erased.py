"""Where a person may still stand in a home: rows of databases, which are compressed, and bytes."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from models.quoting import quoted
from pipelines.base.settings import Settings


def assert_nowhere(home: Settings, needles: Sequence[str]) -> None:
    """In no row of any database of the home, and in no byte of its other files."""
    for path in home.home.rglob("*"):
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                found = _tables_with(con, needles)
        else:
            content = path.read_bytes().lower() if path.is_file() else b""
            found = [needle for needle in needles if needle.lower().encode() in content]
        assert found == [], path


def _tables_with(con: duckdb.DuckDBPyConnection, needles: Sequence[str]) -> list[str]:
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where not internal order by all"
    ).fetchall()
    held = "contains(lower(t::VARCHAR), lower(needle))"
    return [
        f"{schema}.{table}"
        for schema, table in tables
        if con.execute(
            f"select 1 from {quoted(schema)}.{quoted(table)} as t, "
            f"unnest(?::VARCHAR[]) as n(needle) where {held} limit 1",
            [list(needles)],
        ).fetchone()
    ]
