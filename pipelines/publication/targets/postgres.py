"""Bring the current publication to a PostgreSQL server: build beside, verify, change places.

The tables are filled by binary COPY from the published file, read back and compared with it value
by value, and take their names in one transaction. Whatever fails before leaves the marts there as
they were.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import duckdb
import psycopg
from psycopg import sql

from models.quoting import literal, quoted
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.publication.targets.built import NONE, BuiltThere
from pipelines.publication.targets.copies import (
    Brought,
    NotAsSent,
    attach_published,
    opened,
    read_back,
    standing,
)
from pipelines.publication.targets.keys import with_keys
from pipelines.publication.targets.schema import target, target_server
from pipelines.publication.targets.server import READER, Row, rows
from pipelines.publication.targets.swap import (
    begin_schema,
    building,
    change_places,
    run_at,
    sweep,
    views_that_follow,
)
from pipelines.publication.targets.tables import (
    Table,
    create_statements,
    finish_statements,
    read_tables,
)

TARGET = "target"  # the catalog under which the server is attached


def bring(settings: Settings, *, built: BuiltThere = NONE) -> Brought:
    """Put what is published at the target, in place of what stands there.

    `built`: marts that were built there, whose rows are taken from where they are.
    Raises BadConfiguration or TargetUnavailable, in a sentence, where that cannot be done; the
    marts there are then as before.
    """
    started = time.monotonic()
    with warehouse_lock(settings.home):
        where = target_server(settings).conninfo
        published = standing(settings)
        with target(settings) as conn, opened(settings, "postgres_scanner") as con:
            schema = settings.target_schema
            attach_published(con, settings)
            tables = with_keys(con, read_tables(con))
            built.refuse_lacking(conn)
            views_that_follow(conn, schema)
            sweep(conn, schema)
            try:
                begin_schema(conn, schema, run_id=published.run_id)
                _execute(conn, list(create_statements(tables, building(schema))))
                built.take(conn, tables, schema=building(schema))
                count = _fill(con, tables, where=where, schema=building(schema), built=built)
                _finish(conn, tables, schema=building(schema))
                change_places(conn, schema, views=views_that_follow(conn, schema))
            except BaseException:
                _drop(conn, building(schema))
                raise
            note = _swept(conn, schema)
    seconds = round(time.monotonic() - started, 3)
    place = f"schema {schema} of the target"
    return Brought(published.run_id, place, len(tables), count, seconds, note)


def brought_run(settings: Settings) -> str | None:
    """The run whose marts stand at the target; none before the first."""
    with target(settings) as conn:
        return run_at(conn, settings.target_schema)


def _swept(conn: psycopg.Connection[Row], schema: str) -> str | None:
    """What keeps the marts of before; the new ones stand, whatever comes of this."""
    try:
        return sweep(conn, schema)
    except psycopg.Error as error:
        why = error.diag.message_primary or "the connection is gone"
        return f"the marts of before are still there: {why}; the next publication drops them"


def _execute(conn: psycopg.Connection[Row], statements: Sequence[str]) -> None:
    """Statements of ours in one transaction."""
    with conn.transaction():
        for statement in statements:
            conn.execute(statement.encode())


def _fill(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    *,
    where: str,
    schema: str,
    built: BuiltThere,
) -> int:
    """Copy the rows of every table that was not built there in one transaction, and read all back;
    how many there are."""
    con.execute("set pg_pool_max_connections = 1")
    options = f"type postgres, schema {literal(schema)}"
    con.execute(f"attach {literal(where)} as {TARGET} ({options})")
    con.begin()
    for table in tables:
        if table.name not in built.marts:
            con.execute(f"insert into {_there(table, schema)} {table.select}")
    con.commit()
    try:
        count = read_back(con, tables, places=[_there(table, schema) for table in tables])
    except NotAsSent as error:
        raise built.other(error.table) if error.table in built.marts else error from None
    con.execute(f"detach {TARGET}")
    return count


def _there(table: Table, schema: str) -> str:
    return f"{TARGET}.{quoted(schema)}.{quoted(table.name)}"


def _finish(conn: psycopg.Connection[Row], tables: Sequence[Table], *, schema: str) -> None:
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
