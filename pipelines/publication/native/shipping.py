"""What the models read, brought to a PostgreSQL server."""

from __future__ import annotations

import psycopg
from psycopg import sql

from models.errors import TargetUnavailable
from models.quoting import literal, quoted
from pipelines.base.settings import Settings
from pipelines.publication.native.shipped import (
    MADE,
    SHIPPED,
    Shipped,
    history_views,
    rows_of,
    shipped,
)
from pipelines.publication.targets.server import BUILT, Row, Server, rows
from pipelines.publication.targets.swap import LOCK_SECONDS

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
    with shipped(settings, "postgres_scanner") as (con, tables):
        for table in tables:
            body = ", ".join(f"{quoted(column.name)} {column.stored}" for column in table.columns)
            conn.execute(f"create table {_there(server, table)} ({body})".encode())
        con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres)")
        con.begin()
        for table in tables:
            sent = ", ".join(column.read for column in table.columns)
            con.execute(
                f"insert into {THERE}.{_there(server, table)} select {sent} from {table.here}"
            )
        con.commit()
        count = rows_of(con, tables)
    for statement in history_views(prefix(server), '"'):
        conn.execute(statement.encode())
    conn.execute(f"analyze {', '.join(_there(server, table) for table in tables)}".encode())
    return count


def _there(server: Server, table: Shipped) -> str:
    return f"{quoted(prefix(server) + table.schema)}.{quoted(table.name)}"
