"""Rows into the working file's own tables."""

from __future__ import annotations

import duckdb


def replace_rows(con: duckdb.DuckDBPyConnection, table: str, *, values: list[list[object]]) -> None:
    """Instead of all that meta.<table> held."""
    con.execute(f"delete from meta.{table}")
    insert_rows(con, table, values=values)


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, *, values: list[list[object]]) -> None:
    """Rows into meta.<table> by one statement: one for each would take ten times as long."""
    row = f"({', '.join('?' for _ in values[0])})"
    flat = [value for each in values for value in each]
    con.execute(f"insert into meta.{table} values {', '.join([row] * len(values))}", flat)
