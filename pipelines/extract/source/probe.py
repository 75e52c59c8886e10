"""One connection beforehand: whether the source answers, what can be locked, who holds a lock."""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import make_conninfo

from models.errors import ConnectionDropped, SourceUnavailable, SourceUnavailableNow
from models.quoting import quoted
from models.reach import can_pass, is_dropped
from models.tables import TABLES
from pipelines.extract.source.connection import described
from pipelines.extract.source.faults import without_secrets

POOLER_SECONDS = 5  # for a second connection to be served
# as snapshot.sql sets them with the snapshot, for what comes before it
TIMEOUTS = "set local statement_timeout = '1800s'; set local lock_timeout = '60s'"
READABLE = """
    select c.relname::text from pg_catalog.pg_class as c
    where c.relnamespace = to_regnamespace('public') and c.relkind = 'r' and c.relname = any(%s)
        and has_schema_privilege(c.relnamespace, 'usage') and has_table_privilege(c.oid, 'select')
"""


@dataclass(frozen=True)
class Probed:
    """What one connection told before the extraction. `tables`: those of the contract that can be
    locked. `may_share`: False where a pooler has no second connection to spare."""

    tables: tuple[str, ...]
    may_share: bool


def probe(conninfo: str) -> Probed:
    """Connect once and let go: libpq's own words on an address, a name or a password, and who
    holds a lock that the extraction needs, where Ctrl-C still ends the wait.
    Raises SourceUnavailable.
    """
    try:
        with psycopg.connect(conninfo) as conn:
            conn.execute(TIMEOUTS)
            found = conn.execute(READABLE, [[table.name for table in TABLES]]).fetchall()
            names = tuple(str(name) for (name,) in found)
            (pid,) = conn.execute("select pg_backend_pid()").fetchall()
            # a pooler gives clients process ids of its own
            may_share = pid[0] == conn.info.backend_pid or _pooler_has_another(conninfo)
            for name in names:  # one at a time: who holds none while waiting stops no migration
                conn.rollback()
                conn.execute(TIMEOUTS)
                conn.execute(lock_sql([name]))
            conn.rollback()
        return Probed(names, may_share)
    except psycopg.errors.LockNotAvailable:
        raise SourceUnavailableNow(
            "A table is locked at the source for more than 60 s, by a migration perhaps "
            "(see pg_locks); nothing was written."
        ) from None
    except psycopg.Error as error:
        words = without_secrets(" ".join(str(error).split()).rstrip(".?"), conninfo)
        passing = ConnectionDropped if is_dropped(words) else SourceUnavailableNow
        kind = passing if can_pass(words) else SourceUnavailable
        raise kind(
            f"Cannot connect to the source at {described(conninfo)}: {words}. Check that the "
            "server runs and HYPNOMART_SOURCE_URL is right; nothing was written."
        ) from None


def _pooler_has_another(conninfo: str) -> bool:
    """Whether a pooler serves a second connection while one is in a transaction: where it has but
    one to the server, DuckDB would wait until the pooler gives up, three times two minutes."""
    with suppress(psycopg.Error):
        limit = make_conninfo(conninfo, connect_timeout=POOLER_SECONDS)
        with closing(psycopg.connect(limit)) as conn:
            conn.pgconn.send_query(b"select 1")
            end = time.monotonic() + POOLER_SECONDS
            while conn.pgconn.is_busy() and (left := end - time.monotonic()) > 0:
                select.select([conn.fileno()], [], [], left)
                conn.pgconn.consume_input()
            return not conn.pgconn.is_busy()
    return False


def lock_sql(names: Sequence[str]) -> str:
    """PostgreSQL: keep others from emptying or rewriting tables, and from nothing else."""
    listed = ", ".join(f"public.{quoted(name)}" for name in names)
    return f"lock table {listed} in access share mode"


def lock_now_sql(names: Sequence[str]) -> str:
    """The same, or an error at once: a wait with some of the locks held could end a migration,
    which PostgreSQL may choose to break a deadlock."""
    return f"{lock_sql(names)} nowait"
