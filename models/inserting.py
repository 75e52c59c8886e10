"""Rows from Python into a table of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def insert_rows(
    con: duckdb.DuckDBPyConnection, table: str, *, rows: Sequence[Sequence[object]]
) -> None:
    """Rows, with a value for each column, into a table, its name as SQL has it. By one statement:
    `executemany` is one for each row, each in a transaction of its own, and takes 30 times as long.
    """
    if rows:
        row = f"({', '.join('?' for _ in rows[0])})"
        flat = [value for each in rows for value in each]
        con.execute(f"insert into {table} values {', '.join([row] * len(rows))}", flat)


def replace_rows(
    con: duckdb.DuckDBPyConnection, table: str, *, rows: Sequence[Sequence[object]]
) -> None:
    """Instead of all that the table held."""
    con.execute(f"delete from {table}")
    insert_rows(con, table, rows=rows)
