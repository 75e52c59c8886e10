"""What a check of everything left in schema quality: meta.checked in the working file.

Both tables are published as they stand, also what checks of severity warn said.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from checks.store import TABLES
from pipelines.transform.content import table_word

DDL = """
create schema if not exists meta;
create table if not exists meta.checked (
    table_name varchar primary key, content_id varchar, rows_id varchar
);
"""


def left(con: duckdb.DuckDBPyConnection, seen: str) -> dict[str, str]:
    """The words of the tables as the checks left them; none where they saw other content."""
    con.execute(DDL)
    kept = "select table_name, rows_id from meta.checked where content_id = ?"
    return dict(con.execute(kept, [seen]).fetchall())


def written_to(con: duckdb.DuckDBPyConnection, kept: Mapping[str, str]) -> list[str]:
    """The tables that do not hold what the checks left."""
    return [name for name, now in _now(con).items() if kept.get(name) != now]


def keep(con: duckdb.DuckDBPyConnection, seen: str) -> None:
    """Keep the words of the tables as they are now."""
    con.execute(DDL)
    for name, now in _now(con).items():
        con.execute("insert or replace into meta.checked values (?, ?, ?)", [name, seen, now])


def _now(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    words = {}
    for table in TABLES:
        try:
            words[table.name] = table_word(con, f"quality.{table.name}")
        except duckdb.CatalogException:
            words[table.name] = "dropped"
    return words
