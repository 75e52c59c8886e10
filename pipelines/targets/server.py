"""The connection to a PostgreSQL server that gets the marts, and when it is refused.

Whatever is refused is refused before anything is written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg

from models.errors import (
    BadConfiguration,
    HypnomartError,
    TargetUnavailable,
    TargetUnavailableNow,
    WarehouseLocked,
)
from models.reach import can_pass
from pipelines.extract.source.connection import connection_string, described
from pipelines.extract.source.faults import said_of, without_secrets
from pipelines.extract.source.snapshot import IDENTITY
from pipelines.file_faults import explained
from pipelines.settings import Settings
from pipelines.source_url import connection_parts

URL = "HYPNOMART_TARGET_URL"
OLDEST_MAJOR = 13
READER = "hypnomart_analyst"
# What a schema's comment begins with says whose it is: only such a one is ever replaced.
MARK = "Marts of hypnomart"
FACTS = """
    select current_user::text as login, current_database()::text as database,
        (select oid::bigint from pg_catalog.pg_database where datname = current_database())
            as database_oid,
        current_setting('server_version_num')::integer as server,
        current_setting('server_version') as version,
        current_setting('server_encoding') as encoding,
        pg_catalog.pg_is_in_recovery()
            or current_setting('default_transaction_read_only')::boolean as is_read_only,
        has_database_privilege(current_database(), 'create') as may_create,
        (select rolsuper or rolcreaterole from pg_catalog.pg_roles where rolname = current_user)
            as may_create_roles,
        exists (select 1 from pg_catalog.pg_roles where rolname = %(reader)s) as has_reader
"""
SCHEMAS = """
    select n.nspname::text as name, pg_get_userbyid(n.nspowner)::text as owner,
        coalesce(starts_with(obj_description(n.oid, 'pg_namespace'), %(mark)s), false) as is_ours,
        pg_has_role(n.nspowner, 'usage') as may_replace
    from pg_catalog.pg_namespace as n
    where n.nspname = %(schema)s or n.nspname = %(schema)s || '_building'
        or starts_with(n.nspname, %(schema)s || '_previous_')
    order by 1
"""
MARKS = """
    select distinct system_identifier, database_oid from meta.extraction_marks
    where system_identifier is not null
"""

Row = dict[str, Any]


def conninfo(settings: Settings) -> str:
    """The target's connection string. Raises BadConfiguration where none is set."""
    if settings.target_url is None:
        raise BadConfiguration(
            f"{URL} names no server; set it to postgresql://user:password@host:port/database."
        )
    return connection_string(settings.target_url, URL)


@contextmanager
def target(settings: Settings) -> Iterator[psycopg.Connection[Row]]:
    """A connection in autocommit to the target, found fit to be written to.

    Raises BadConfiguration or TargetUnavailable in a sentence; what the block meets there too.
    """
    where = conninfo(settings)
    try:
        with psycopg.connect(where, autocommit=True, row_factory=psycopg.rows.dict_row) as conn:
            # nothing but the catalogue is found without its schema: no table of somebody else's
            conn.execute("set search_path = ''")
            refuse(conn, settings)
            yield conn
    except (psycopg.Error, duckdb.Error) as error:
        raise told(error, where) from None


def told(error: Exception, where: str) -> HypnomartError:
    """A fault at the target in one sentence, without the password and without rows."""
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        words = without_secrets(" ".join(str(error).split()).rstrip(".?"), where)
        kind = TargetUnavailableNow if can_pass(words) else TargetUnavailable
        return kind(
            f"Cannot connect to the target at {described(where)}: {words}. Check that the server "
            f"runs and {URL} is right; the marts there are as before."
        )
    words = without_secrets(said_of(str(error)), where)
    if isinstance(error, psycopg.Error) and error.sqlstate:
        words = (error.diag.message_primary or words).rstrip(".")
    return TargetUnavailable(
        f"The target at {described(where)} refuses: {words}; the marts there are as before."
    )


def rows(conn: psycopg.Connection[Row], query: str, **values: object) -> list[Row]:
    """What a query of ours gives."""
    return conn.execute(query.encode(), values).fetchall()


def refuse(conn: psycopg.Connection[Row], settings: Settings) -> None:
    """Raise where the server cannot take the marts, or must not."""
    (facts,) = rows(conn, FACTS, reader=READER)
    where, schema = described(conn.info.dsn), settings.target_schema
    if _is_source(conn, settings, facts):
        raise BadConfiguration(
            f"{URL} leads to the source itself, database {facts['database']}, to which nothing is "
            "ever written; name another database or server."
        )
    if facts["server"] < OLDEST_MAJOR * 10_000:
        raise TargetUnavailable(
            f"The target at {where} is PostgreSQL {facts['version']}; {OLDEST_MAJOR} or newer is "
            "needed."
        )
    if facts["encoding"] != "UTF8":
        raise TargetUnavailable(
            f"The target at {where} keeps text as {facts['encoding']}; name a database whose "
            "encoding is UTF8."
        )
    if facts["is_read_only"]:
        raise TargetUnavailable(
            f"The target at {where} takes no writes, a standby perhaps; name the primary server."
        )
    _refuse_schemas(conn, schema, facts)
    if not facts["may_create"]:
        raise TargetUnavailable(
            f"The login {facts['login']} may not create schemas in {facts['database']}; have its "
            f"owner run: grant create on database {facts['database']} to {facts['login']}."
        )
    if not facts["has_reader"] and not facts["may_create_roles"]:
        raise TargetUnavailable(
            f"The role {READER}, by which the marts are read, does not exist, and the login "
            f"{facts['login']} may not create it; have an administrator run: create role {READER}."
        )
    (lock,) = rows(conn, "select pg_try_advisory_lock(hashtext(%(name)s)) as is_held",
                   name=f"{MARK} {schema}")  # fmt: skip
    if not lock["is_held"]:
        raise WarehouseLocked(
            f"Another publication is on its way to schema {schema} at {where}; wait for it to end."
        )


def _refuse_schemas(conn: psycopg.Connection[Row], schema: str, facts: Row) -> None:
    """Raise where a schema that would be replaced is somebody else's."""
    for found in rows(conn, SCHEMAS, schema=schema, mark=MARK):
        if not found["is_ours"] and found["name"] not in (schema, f"{schema}_building"):
            continue
        if not found["is_ours"]:
            raise BadConfiguration(
                f"The target has a schema {found['name']} of {found['owner']} that hypnomart did "
                "not make; it stays as it is. Name another in HYPNOMART_TARGET_SCHEMA."
            )
        if not found["may_replace"]:
            raise TargetUnavailable(
                f"Schema {found['name']} at the target belongs to {found['owner']}, and the login "
                f"{facts['login']} may not replace it; have {found['owner']} run: "
                f"grant {found['owner']} to {facts['login']}."
            )


def _is_source(conn: psycopg.Connection[Row], settings: Settings, facts: Row) -> bool:
    """Whether this is the database that was extracted: by cluster and database, else by address."""
    if settings.source_url and settings.target_url:
        names = ("host", "hostaddr", "port", "dbname")
        here, there = (
            {name: connection_parts(url).get(name) for name in names}
            for url in (settings.source_url, settings.target_url)
        )
        if here == there:
            return True
    try:
        (identity,) = rows(conn, IDENTITY)
    except psycopg.errors.InsufficientPrivilege:
        return False
    here_id = (identity["system_identifier"], facts["database_oid"])
    return here_id in _extracted(settings)


def _extracted(settings: Settings) -> list[tuple[Any, ...]]:
    """Cluster and database of what the working file was extracted from."""
    if not settings.warehouse.exists():
        return []
    try:
        with duckdb.connect(str(settings.warehouse)) as con:
            return con.execute(MARKS).fetchall()
    except duckdb.CatalogException:
        return []
    except duckdb.Error as error:
        raise explained(error) from None
