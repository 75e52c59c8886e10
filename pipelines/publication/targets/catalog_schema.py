"""A lake's catalog in a schema of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from models.errors import BadConfiguration
from models.quoting import literal
from pipelines.base.settings import Settings
from pipelines.publication.targets.lake import attached, options_of
from pipelines.publication.targets.server import Row, Server, refuse_without_create, rows
from pipelines.publication.targets.swap import LOCK_SECONDS, forget_samples

TABLES = """
    select relname::text as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace(%(schema)s) and relkind in ('r', 'v', 'm', 'f', 'p')
    order by relname
"""


def catalog_server(settings: Settings, url: str) -> Server:
    """The server that keeps the catalog, beside the marts of a target perhaps."""
    return Server("HYPNOMART_LAKE_CATALOG", url, f"{settings.target_schema}_lake")


@contextmanager
def changed_schema(
    con: duckdb.DuckDBPyConnection, folder: Path, *, server: Server, conn: psycopg.Connection[Row]
) -> Iterator[None]:
    """The catalog at the server, made where it is missing, for a block."""
    options = options_of(folder, is_new=not rows(conn, TABLES, schema=server.schema))
    with attached_there(con, folder, server=server, options=options):
        yield


@contextmanager
def attached_there(
    con: duckdb.DuckDBPyConnection, folder: Path, *, server: Server, options: list[str]
) -> Iterator[None]:
    """Attach the lake whose catalog a server keeps, for a block."""
    where = server.conninfo
    options = [*options, f"metadata_schema {literal(server.schema)}"]
    with attached(con, folder, address=f"postgres:{where}", options=options, conninfo=where):
        yield


def refuse_schema(conn: psycopg.Connection[Row], server: Server, *, facts: Row) -> bool:
    """Whether the schema holds a catalog. Raises where it holds anything else, or the login may not
    make it."""
    names = [row["name"] for row in rows(conn, TABLES, schema=server.schema)]
    others = [name for name in names if not name.startswith("ducklake_")]
    if others or (names and "ducklake_metadata" not in names):
        raise BadConfiguration(
            f"The server has a schema {server.schema} with {(others or names)[0]}, which is no "
            "lake of hypnomart's; it stays as it is. Name another in HYPNOMART_TARGET_SCHEMA, to "
            "which _lake is added."
        )
    if not names:
        refuse_without_create(facts)
    return bool(names)


def overwrite(conn: psycopg.Connection[Row], schema: str) -> str | None:
    """Write the catalog's tables anew, and the planner's samples of them."""
    names = [sql.Identifier(schema, row["name"]) for row in rows(conn, TABLES, schema=schema)]
    try:
        conn.execute(sql.SQL("set lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
        conn.execute(sql.SQL("vacuum (full, analyze) {}").format(sql.SQL(", ").join(names)))
        forget_samples(conn)
    except psycopg.Error as error:
        why = error.diag.message_primary or "the connection is gone"
        return f"deleted rows of the catalog are not overwritten: {why}; the next publication does"
    return None
