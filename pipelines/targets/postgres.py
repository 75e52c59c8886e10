"""Bring the current publication to a PostgreSQL server: build beside, verify, change places.

The tables are filled by binary COPY from the published file, read back and compared with it value
by value, and take their names in one transaction. Whatever fails before leaves the marts there as
they were.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import psycopg
from psycopg import sql

from models.errors import BadConfiguration, HypnomartError
from models.quoting import literal, quoted
from pipelines.extract.source.connection import MEMORY_LIMIT, extension_file
from pipelines.lock import warehouse_lock
from pipelines.publications import current
from pipelines.settings import Settings
from pipelines.targets.server import READER, Row, conninfo, rows, target
from pipelines.targets.swap import (
    begin_schema,
    building,
    change_places,
    sweep,
    views_that_follow,
)
from pipelines.targets.tables import (
    PUBLISHED,
    Table,
    create_statements,
    finish_statements,
    read_tables,
)

TARGET = "target"  # the catalog under which the server is attached


@dataclass(frozen=True)
class Brought:
    """What stands at the target now: the run, tables and rows in number. `note`: what keeps the
    marts of before from being dropped, where something does."""

    run_id: str
    schema: str
    tables: int
    rows: int
    seconds: float
    note: str | None


def bring(settings: Settings) -> Brought:
    """Put what is published at the target, in place of what stands there.

    Raises BadConfiguration or TargetUnavailable, in a sentence, where that cannot be done; the
    marts there are then as before.
    """
    started = time.monotonic()
    with warehouse_lock(settings.home):
        where = conninfo(settings)
        published = current(settings)
        if published is None:
            raise BadConfiguration(
                f"{settings.published} holds no publication yet; run `hypnomart run` first."
            )
        with target(settings) as conn, _file(settings) as con:
            schema = settings.target_schema
            tables = read_tables(con)
            views_that_follow(conn, schema)
            sweep(conn, schema)
            try:
                begin_schema(conn, schema, run_id=published.run_id)
                _execute(conn, list(create_statements(tables, building(schema))))
                count = _fill(con, tables, where, building(schema))
                _finish(conn, tables, building(schema))
                change_places(conn, schema, views_that_follow(conn, schema))
            except BaseException:
                _drop(conn, building(schema))
                raise
            note = _swept(conn, schema)
    seconds = round(time.monotonic() - started, 3)
    return Brought(published.run_id, schema, len(tables), count, seconds, note)


def _swept(conn: psycopg.Connection[Row], schema: str) -> str | None:
    """What keeps the marts of before; the new ones stand, whatever comes of this."""
    try:
        return sweep(conn, schema)
    except psycopg.Error as error:
        why = error.diag.message_primary or "the connection is gone"
        return f"the marts of before are still there: {why}; the next publication drops them"


def _file(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The published file, attached for reading, and what it takes to write to the server."""
    con = duckdb.connect(":memory:")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
    con.execute(f"set temp_directory = {literal(str(settings.home / 'target.tmp'))}")
    con.execute("set global timezone = 'UTC'")
    con.execute(f"load {literal(str(extension_file()))}")
    con.execute(f"attach {literal(str(settings.published))} as {PUBLISHED} (read_only)")
    return con


def _execute(conn: psycopg.Connection[Row], statements: Sequence[str]) -> None:
    """Statements of ours in one transaction."""
    with conn.transaction():
        for statement in statements:
            conn.execute(statement.encode())


def _fill(con: duckdb.DuckDBPyConnection, tables: Sequence[Table], where: str, schema: str) -> int:
    """Copy every table's rows in one transaction, and read them back; how many there are."""
    con.execute("set pg_pool_max_connections = 1")
    options = f"type postgres, schema {literal(schema)}"
    con.execute(f"attach {literal(where)} as {TARGET} ({options})")
    count = 0
    con.begin()
    for table in tables:
        con.execute(f"insert into {_there(table, schema)} {table.select}")
    con.commit()
    for table in tables:
        sent = _held(con, table.select)
        if _held(con, f"from {_there(table, schema)}") != sent:
            raise HypnomartError(
                f"{table.name} does not come back from the target as it was sent; the marts there "
                "are as before. Please report this with the types of its columns."
            )
        count += sent[0]
    con.execute(f"detach {TARGET}")
    return count


def _there(table: Table, schema: str) -> str:
    return f"{TARGET}.{quoted(schema)}.{quoted(table.name)}"


def _held(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int | None]:
    """How many rows a query gives, and the sum of their hashes."""
    ((count, hashes),) = con.execute(
        f"select count(*), sum(hash(t)) from ({query}) as t"
    ).fetchall()
    return count, hashes


def _finish(conn: psycopg.Connection[Row], tables: Sequence[Table], schema: str) -> None:
    """Keys, indexes, comments and the reader's rights; then what the planner needs to know."""
    statements = list(finish_statements(tables, schema, server=conn.info.server_version))
    has_reader = "select 1 as one from pg_catalog.pg_roles where rolname = %(name)s"
    if not rows(conn, has_reader, name=READER):
        statements.append(f"create role {READER} nologin")
    statements.append(f"grant usage on schema {quoted(schema)} to {READER}")
    statements.append(f"grant select on all tables in schema {quoted(schema)} to {READER}")
    _execute(conn, statements)
    names = sql.SQL(", ").join(sql.Identifier(schema, table.name) for table in tables)
    conn.execute(sql.SQL("vacuum (freeze, analyze) {}").format(names))


def _drop(conn: psycopg.Connection[Row], schema: str) -> None:
    """Take back what was begun; where the connection is gone, the next publication does."""
    with suppress(psycopg.Error):
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
