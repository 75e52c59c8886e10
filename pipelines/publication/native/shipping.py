"""What the models read, brought to a PostgreSQL server: raw.*, past.*, meta.* and the seeds."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import psycopg
from psycopg import sql

from models.errors import TargetUnavailable
from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import raw_columns
from pipelines.publication.targets.copies import opened
from pipelines.publication.targets.server import BUILT, Row, Server, rows
from pipelines.publication.targets.swap import LOCK_SECONDS
from pipelines.publication.targets.tables import Column
from pipelines.transform.lineage.table import ensure_table

SHIPPED = ("raw", "past", "meta", "seeds")
MADE = ("history", "staging", "intermediate", "marts")  # there, of what was shipped
WORKING_FILE = "working"  # the catalog under which the working file is attached
THERE = "target"
STANDING = (
    "select nspname::text as name from pg_catalog.pg_namespace where nspname = any(%(names)s)"
)
RELATIONS = """
    select n.nspname::text as schema, c.relname::text as name
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = any(%(names)s) and c.relkind = %(kind)s
"""
TABLES_SQL = f"""
    select schema_name, table_name, list(column_name order by column_index),
        list(data_type order by column_index)
    from duckdb_columns()
    where database_name = '{WORKING_FILE}' and schema_name = any($schemas)
        and table_name in (select table_name from duckdb_tables())
        and (schema_name <> 'meta' or table_name in ('run_manifest', 'lineage'))
    group by all order by all
"""


def prefix(server: Server) -> str:
    """What the names of the schemas there begin with."""
    return f"{server.schema}_"


def schemas(server: Server) -> list[str]:
    """Every schema that a build at the server writes to."""
    return [prefix(server) + name for name in (*SHIPPED, *MADE)]


def begin(conn: psycopg.Connection[Row], server: Server) -> None:
    """Empty schemas, in place of those of the build before. Raises TargetUnavailable, as `drop`
    does."""
    about = f"{BUILT} by each build."
    with conn.transaction():
        drop(conn, server)
        for name in map(sql.Identifier, schemas(server)):
            conn.execute(sql.SQL("create schema {}").format(name))
            conn.execute(sql.SQL("comment on schema {} is {}").format(name, sql.Literal(about)))


def drop(conn: psycopg.Connection[Row], server: Server) -> bool:
    """Drop what an earlier build made; whether there was anything.

    Raises TargetUnavailable for what others built on it, which would go with it.
    """
    there = [row["name"] for row in rows(conn, STANDING, names=schemas(server))]
    try:
        with conn.transaction():
            conn.execute(sql.SQL("set local lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
            for kind, relkind in (("view", "v"), ("table", "r")):
                found = rows(conn, RELATIONS, names=there, kind=relkind)
                names = [sql.Identifier(row["schema"], row["name"]) for row in found]
                if names:
                    statement = sql.SQL(f"drop {kind} ") + sql.SQL(", ").join(names)
                    conn.execute(statement)
            for name in there:
                conn.execute(sql.SQL("drop schema {}").format(sql.Identifier(name)))
    except psycopg.errors.DependentObjectsStillExist as error:
        what = (error.diag.message_detail or "something").splitlines()[0]
        raise TargetUnavailable(
            f"What was built at the target before cannot be replaced: {what}. Drop that, or have "
            "it read the copies of `hypnomart publish --to postgres`, which views follow."
        ) from None
    return bool(there)


def ship(conn: psycopg.Connection[Row], settings: Settings, server: Server) -> int:
    """Copy what was extracted and the seeds; how many rows there are."""
    with duckdb.connect(str(settings.warehouse)) as con:
        ensure_table(con)  # where DuckDB never built
    with opened(settings, "postgres_scanner") as con:
        con.execute(f"attach {literal(str(settings.warehouse))} as {WORKING_FILE} (read_only)")
        tables = con.execute(TABLES_SQL, {"schemas": list(SHIPPED)}).fetchall()
        for schema, name, columns, kinds in tables:
            stored = (Column(*one, None).stored for one in zip(columns, kinds, strict=True))
            body = ", ".join(
                f"{quoted(column)} {kind}" for column, kind in zip(columns, stored, strict=True)
            )
            there = f"{quoted(prefix(server) + schema)}.{quoted(name)}"
            conn.execute(f"create table {there} ({body})".encode())
        con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres)")
        con.begin()
        for schema, name, columns, kinds in tables:
            sent = ", ".join(Column(*one, None).read for one in zip(columns, kinds, strict=True))
            there = f"{THERE}.{quoted(prefix(server) + schema)}.{quoted(name)}"
            here = f"{WORKING_FILE}.{quoted(schema)}.{quoted(name)}"
            con.execute(f"insert into {there} select {sent} from {here}")
        con.commit()
        count = sum(_rows(con, schema, name) for schema, name, _, _ in tables)
    for statement in _afterwards(server):
        conn.execute(statement.encode())
    names = [sql.Identifier(prefix(server) + schema, name) for schema, name, _, _ in tables]
    conn.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(names)))
    return count


def _rows(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    query = f"select count(*) from {WORKING_FILE}.{quoted(schema)}.{quoted(name)}"
    return int(con.execute(query).fetchall()[0][0])


def _afterwards(server: Server) -> Iterator[str]:
    """The views history.*, as the working file has them, without the run that saw a version."""
    for table in TABLES:
        if table.has_history:
            yield _history_view(table, prefix(server))


def _history_view(table: Table, start: str) -> str:
    columns = ", ".join(quoted(column.name) for column in raw_columns(table))
    return (
        f"create view {quoted(f'{start}history')}.{quoted(table.name)} as "
        f"select {columns}, _unreadable, _op, _seen_at "
        f"from {quoted(f'{start}past')}.{quoted(table.name)} union all "
        f"select {columns}, _unreadable, "
        "case when _is_update then 'update' else 'insert' end, _loaded_at "
        f"from {quoted(f'{start}raw')}.{quoted(table.name)} where _is_update is not null"
    )
