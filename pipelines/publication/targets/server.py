"""The connection to a PostgreSQL server that gets the marts or a lake's catalog, and when it is
refused.

Whatever is refused is refused before anything is written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from pipelines.base.file_faults import file_fault
from pipelines.base.settings import Settings
from pipelines.base.source_url import connection_parts
from pipelines.extract.source.connection import connection_string, described
from pipelines.extract.source.faults import said_of, without_secrets
from pipelines.extract.source.snapshot import IDENTITY
from pipelines.publication.targets.owner import MARK

OLDEST_MAJOR = 13
READER = "hypnomart_analyst"
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
MARKS = """
    select distinct system_identifier, database_oid from meta.extraction_marks
    where system_identifier is not null
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A server that we write to, as the setting `name` gives its URL, and the schema that we make
    there."""

    name: str
    url: str
    schema: str

    @property
    def conninfo(self) -> str:
        """Its connection string."""
        return connection_string(self.url, self.name)


@contextmanager
def connected(server: Server, settings: Settings) -> Iterator[tuple[psycopg.Connection[Row], Row]]:
    """A connection in autocommit to a server found fit to be written to, with the FACTS about it;
    nobody else publishes to the schema meanwhile.

    Raises BadConfiguration or TargetUnavailable in a sentence; what the block meets there too.
    """
    where = server.conninfo
    try:
        with psycopg.connect(where, autocommit=True, row_factory=psycopg.rows.dict_row) as conn:
            # nothing but the catalogue is found without its schema: no table of somebody else's
            conn.execute("set search_path = ''")
            (facts,) = rows(conn, FACTS, reader=READER)
            _refuse_server(conn, server, settings=settings, facts=facts)
            yield conn, facts
    except (psycopg.Error, duckdb.Error) as error:
        raise told(error, server) from None


def told(error: Exception, server: Server) -> HypnomartError:
    """A fault at the target in one sentence, without the password and without rows."""
    where = server.conninfo
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        words = without_secrets(" ".join(str(error).split()).rstrip(".?"), where)
        kind = TargetUnavailableNow if can_pass(words) else TargetUnavailable
        return kind(
            f"Cannot connect to the target at {described(where)}: {words}. Check that the server "
            f"runs and {server.name} is right; the marts there are as before."
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


def _refuse_server(
    conn: psycopg.Connection[Row], server: Server, *, settings: Settings, facts: Row
) -> None:
    """Raise where the server cannot be written to, or must not."""
    where = described(conn.info.dsn)
    if _is_source(conn, server, settings=settings, facts=facts):
        raise BadConfiguration(
            f"{server.name} leads to the source itself, database {facts['database']}, to which "
            "nothing is ever written; name another database or server."
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
    (lock,) = rows(conn, "select pg_try_advisory_lock(hashtext(%(name)s)) as is_held",
                   name=f"{MARK} {server.schema}")  # fmt: skip
    if not lock["is_held"]:
        raise WarehouseLocked(
            f"Another publication is on its way to schema {server.schema} at {where}; wait for it "
            "to end."
        )


def refuse_without_create(facts: Row) -> None:
    """Raise where the login may not make a schema."""
    if not facts["may_create"]:
        raise TargetUnavailable(
            f"The login {facts['login']} may not create schemas in {facts['database']}; have its "
            f"owner run: grant create on database {facts['database']} to {facts['login']}."
        )


def _is_source(
    conn: psycopg.Connection[Row], server: Server, *, settings: Settings, facts: Row
) -> bool:
    """Whether this is the database that was extracted: by cluster and database, else by address."""
    if settings.source_url:
        names = ("host", "hostaddr", "port", "dbname")
        here, there = (
            {name: connection_parts(url).get(name) for name in names}
            for url in (settings.source_url, server.url)
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
        raise file_fault(error) from None
