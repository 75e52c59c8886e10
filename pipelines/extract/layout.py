"""The working file's own tables: raw.*, past.*, history.* and meta.*, from models/tables.py.

Each version of a row is kept once: raw.* holds those that stand, past.* those that no longer do
and the tombstones, and the view history.* is both.
"""

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
# else null), whether its version replaced another (null where past.* holds the version), and the
# time of the snapshot that first saw it. Few and narrow: every row is written with them.
RAW_METADATA = (
    ("_xmin", "BIGINT"),
    ("_unreadable", "VARCHAR"),
    ("_is_update", "BOOLEAN"),
    ("_loaded_at", "TIMESTAMP"),
)
# Of a past version: what had happened to the row (insert, update, delete; a delete repeats the
# values seen last), and the time of the snapshot that saw it.
PAST_METADATA = (
    ("_unreadable", "VARCHAR"),
    ("_op", "VARCHAR"),
    ("_seen_at", "TIMESTAMP"),
)
# Which run saw a snapshot; history.* names it as _run_id.
SNAPSHOTS = (
    ("as_of_at", "TIMESTAMP"),
    ("run_id", "VARCHAR"),
)

# What mart `lineage` is built from; `digest` is that of the SQL it was told from.
LINEAGE = (
    ("mart", "VARCHAR"),
    ("column_name", "VARCHAR"),
    ("source_table", "VARCHAR"),
    ("source_column", "VARCHAR"),
    ("digest", "VARCHAR"),
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


def history_view_sql(table: Table) -> str:
    """`create or replace view history.<table>`: to be run again when columns have changed.

    The columns of both, then _unreadable, _op, _seen_at and _run_id.
    """
    own = ", ".join(name for name, _ in RAW_METADATA)
    present = (
        f"select * exclude ({own}), _unreadable, "
        "case when _is_update then 'update' else 'insert' end as _op, _loaded_at as _seen_at "
        f'from raw."{table.name}" where _is_update is not null'
    )
    past = ", ".join(name for name, _ in PAST_METADATA)
    return (
        f'create or replace view history."{table.name}" as '
        f"select v.* exclude ({past}), v._unreadable, v._op, v._seen_at, s.run_id as _run_id "
        f'from (from past."{table.name}" union all by name {present}) as v '
        "left join meta.snapshots as s on s.as_of_at = v._seen_at"
    )


def layout_sql() -> list[str]:
    """Every statement that an empty working file needs before the first extraction."""
    schemas = ("raw", "past", "history", "meta")
    statements = [f"create schema if not exists {schema}" for schema in schemas]
    statements.append(create_table_sql("meta", "run_manifest", RUN_MANIFEST))
    statements.append(create_table_sql("meta", "snapshots", SNAPSHOTS))
    statements.append(create_table_sql("meta", "lineage", LINEAGE))
    for table in TABLES:
        columns = tuple((column.name, column.type) for column in raw_columns(table))
        statements.append(create_table_sql("raw", table.name, columns + RAW_METADATA))
        if table.has_history:
            statements.append(create_table_sql("past", table.name, columns + PAST_METADATA))
            statements.append(history_view_sql(table))
    return statements


def create_layout(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of raw.*, past.*, history.* and meta.* in the open working file."""
    for statement in layout_sql():
        con.execute(statement)


def bring_up_to_date(con: duckdb.DuckDBPyConnection) -> None:
    """Move the versions of a file whose history.* are tables, as before version 0.2, to past.*.

    Before any source is attached: to list tables is to load the catalogues of all of them.
    """
    con.begin()
    for statement in _moves(con):
        con.execute(statement)
    con.commit()


def _moves(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'history' order by 1"
    ).fetchall()
    if not found:
        return []
    names = [name for (name,) in found]
    seen = " union ".join(f'select _seen_at, _run_id from history."{name}"' for name in names)
    statements = [
        "create schema past",
        f"create table meta.snapshots as select _seen_at as as_of_at, max(_run_id) as run_id "
        f"from ({seen}) group by all",
    ]
    for table in TABLES:
        statements += [
            f'alter table raw."{table.name}" add column _is_update BOOLEAN',
            f'alter table raw."{table.name}" drop column _run_id',
        ]
        if table.has_history and table.name not in names:  # kept none then: what stands is known
            statements.append(f'update raw."{table.name}" set _is_update = false')
    for name in names:
        statements += [
            f'create table past."{name}" as select * exclude (_run_id) from history."{name}"',
            f'drop table history."{name}"',
        ]
    return statements
