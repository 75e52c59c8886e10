"""The working file's own tables: raw.*, past.* and history.*, from models/tables, beside meta.*.

Each version of a row is kept once: raw.* holds those that stand, past.* those that no longer do
and the tombstones, and the view history.* is both.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.quoting import quoted
from models.tables import TABLES, Table
from pipelines.base.meta_tables import META, create_table_sql
from pipelines.extract.source.types import duckdb_type

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


@dataclass(frozen=True)
class RawColumn:
    """A column of raw.<table> and history.<table>: its name there and its DuckDB type."""

    name: str
    type: str


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


def history_view_sql(table: Table) -> str:
    """`create or replace view history.<table>`: to be run again when columns have changed.

    The columns of both, then _unreadable, _op, _seen_at and _run_id.
    """
    name = quoted(table.name)
    own = ", ".join(column for column, _ in RAW_METADATA)
    present = (
        f"select * exclude ({own}), _unreadable, "
        "case when _is_update then 'update' else 'insert' end as _op, _loaded_at as _seen_at "
        f"from raw.{name} where _is_update is not null"
    )
    past = ", ".join(column for column, _ in PAST_METADATA)
    return (
        f"create or replace view history.{name} as "
        f"select v.* exclude ({past}), v._unreadable, v._op, v._seen_at, s.run_id as _run_id "
        f"from (from past.{name} union all by name {present}) as v "
        "left join meta.snapshots as s on s.as_of_at = v._seen_at"
    )


def layout_sql() -> list[str]:
    """Every statement that an empty working file needs before the first extraction."""
    schemas = ("raw", "past", "history", "meta")
    statements = [f"create schema if not exists {schema}" for schema in schemas]
    statements += [
        create_table_sql("meta", name, columns=columns) for name, columns in META.items()
    ]
    for table in TABLES:
        columns = tuple((column.name, column.type) for column in raw_columns(table))
        statements.append(create_table_sql("raw", table.name, columns=columns + RAW_METADATA))
        if table.has_history:
            statements.append(create_table_sql("past", table.name, columns=columns + PAST_METADATA))
            statements.append(history_view_sql(table))
    return statements


# Where somebody made a macro called `sum`, DuckDB takes it for its own; so what is asked here names
# whose functions it means.
MACROS_SQL = """
    select distinct schema_name, function_name, function_type
    from system.main.duckdb_functions()
    where database_name = system.main.current_database() and not internal
"""


def drop_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what others defined in the open working file, by which SQL would mean something else.
    Before a source is attached: DuckDB would look for functions there, by a connection more."""
    for schema, name, kind in con.execute(MACROS_SQL).fetchall():
        words = "macro table" if kind == "table_macro" else "macro"
        con.execute(f"drop {words} {quoted(schema)}.{quoted(name)}")


def create_layout(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of raw.*, past.*, history.* and meta.* in the open working file."""
    for statement in layout_sql():
        con.execute(statement)
