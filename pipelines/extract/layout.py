"""The working file's own tables: raw.*, history.* and meta.*, derived from models/tables.py."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.tables import TABLES, Table

DUCKDB_TYPES = {
    "uuid": "UUID",
    "text": "VARCHAR",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
    "timestamptz": "TIMESTAMP",
    "json": "VARCHAR",
    "jsonb": "VARCHAR",
}
EXACT_NUMBER = "DECIMAL(38,9)"

# Of a raw row: the source's xmin, what could not be kept (`amount_paid=NaN, expires_at=infinity`,
# else null), the run that wrote this version of it, and that run's snapshot time.
RAW_METADATA = (
    ("_xmin", "BIGINT"),
    ("_unreadable", "VARCHAR"),
    ("_run_id", "VARCHAR"),
    ("_loaded_at", "TIMESTAMP"),
)
# Of a version: what happened to the row (insert, update, delete; a delete repeats the values seen
# last), the snapshot time at which it was seen, and the run that saw it.
HISTORY_METADATA = (
    ("_unreadable", "VARCHAR"),
    ("_op", "VARCHAR"),
    ("_seen_at", "TIMESTAMP"),
    ("_run_id", "VARCHAR"),
)

# One row per (run, table); `as_of_at` is the snapshot's time and the same for all tables of a run.
RUN_MANIFEST = (
    ("run_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("as_of_at", "TIMESTAMP"),
    ("started_at", "TIMESTAMP"),
    ("finished_at", "TIMESTAMP"),
    ("source_fingerprint", "VARCHAR"),
    ("source_rows", "BIGINT"),
    ("warehouse_rows", "BIGINT"),
    ("changed_rows", "BIGINT"),
    ("deleted_rows", "BIGINT"),
    ("code_version", "VARCHAR"),
)


@dataclass(frozen=True)
class RawColumn:
    """A column of raw.<table> and history.<table>: its name there and its DuckDB type."""

    name: str
    type: str


def duckdb_type(postgres_type: str) -> str:
    """The type in which a contract column is kept; any numeric as DECIMAL(38,9)."""
    if postgres_type.startswith("numeric"):
        return EXACT_NUMBER
    return DUCKDB_TYPES[postgres_type]


def raw_columns(table: Table) -> tuple[RawColumn, ...]:
    """What of a table is extracted: no pii, secrets as `<column>_hash`, then derived columns."""
    kept = [
        RawColumn(f"{column.name}_hash", "VARCHAR")
        if column.policy == "secret"
        else RawColumn(column.name, duckdb_type(column.type))
        for column in table.columns
        if column.policy != "pii"
    ]
    derived = [RawColumn(column.name, duckdb_type(column.type)) for column in table.derived]
    return (*kept, *derived)


def create_table_sql(schema: str, name: str, columns: tuple[tuple[str, str], ...]) -> str:
    """`create table if not exists` for the given (name, DuckDB type) pairs."""
    body = ", ".join(f'"{column}" {kind}' for column, kind in columns)
    return f'create table if not exists {schema}."{name}" ({body})'


def layout_sql() -> list[str]:
    """Every statement that an empty working file needs before the first extraction."""
    statements = [f"create schema if not exists {schema}" for schema in ("raw", "history", "meta")]
    for table in TABLES:
        columns = tuple((column.name, column.type) for column in raw_columns(table))
        statements.append(create_table_sql("raw", table.name, columns + RAW_METADATA))
        if table.has_history:
            statements.append(create_table_sql("history", table.name, columns + HISTORY_METADATA))
    statements.append(create_table_sql("meta", "run_manifest", RUN_MANIFEST))
    return statements


def create_layout(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of raw.*, history.* and meta.* in the open working file."""
    for statement in layout_sql():
        con.execute(statement)
