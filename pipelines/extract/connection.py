"""The one connection to the source: opened read-only, named, timed out, and its faults in words."""

from __future__ import annotations

import importlib.util
import re
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from models.errors import (
    BadConfiguration,
    ConnectionDropped,
    HypnomartError,
    SourceChanged,
    SourceUnavailable,
    SourceUnavailableNow,
    WarehouseLocked,
)
from models.quoting import literal, quoted
from models.reach import can_pass, is_dropped
from models.tables import TABLES
from pipelines.extract.layout import bring_up_to_date
from pipelines.extract.plan import SOURCE, remote
from pipelines.file_faults import NO_SPACE, explained, is_damaged
from pipelines.source_url import connection_parts

OLDEST_MAJOR = 13
# Rows wait in DuckDB's buffers in chunks of 2,048; with wide ones read in batches (load.py) the
# whole process stays below 2 GB.
MEMORY_LIMIT = "800MB"
SESSION = {
    "application_name": "hypnomart",
    "connect_timeout": "15",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "4",
    "client_encoding": "UTF8",
}
POOLER_SECONDS = 5  # for a second connection to be served
# as server.sql sets them with the snapshot, for what comes before it
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


# How DuckDB begins where it reaches no server: the address, secrets and all, then libpq's reason.
UNREACHED = re.compile(r'IO Error: Unable to connect to Postgres at ".*": ', re.DOTALL)


def connection_string(url: str, name: str = "HYPNOMART_SOURCE_URL") -> str:
    """The libpq connection string of a URL, with this program's name and its timeouts. `name`: the
    setting that gives it.

    Raises BadConfiguration, which never repeats the URL.
    """
    return make_conninfo("", **{**connection_parts(url, name), **SESSION})


def described(conninfo: str) -> str:
    """Where a connection string leads, without the password."""
    parts = conninfo_to_dict(conninfo)
    port = f":{parts['port']}" if parts.get("port") else ""
    where = f"{parts.get('host') or parts.get('hostaddr') or 'the local socket'}{port}"
    return f"{where}, database {parts.get('dbname') or parts.get('user') or 'unnamed'}"


def extension_file() -> Path:
    """The postgres extension inside its wheel; it is loaded from there and never downloaded."""
    spec = importlib.util.find_spec("duckdb_extension_postgres_scanner")
    folders = list(spec.submodule_search_locations or []) if spec else []
    version = f"v{duckdb.__version__}"
    for folder in folders:
        path = Path(folder) / "extensions" / version / "postgres_scanner.duckdb_extension"
        if path.is_file():
            return path
    raise BadConfiguration(
        f"DuckDB {duckdb.__version__} has no postgres extension installed; run "
        f"`pip install duckdb-extension-postgres-scanner=={duckdb.__version__}`."
    )


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """The working file, opened for writing, in UTC, its layout today's. Raises WarehouseLocked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(path))
        bring_up_to_date(con)
    except duckdb.Error as error:
        told = explained(error) if is_damaged(error) else translated(error, f"opening {path}")
        raise told from None
    return _configured(con)


def open_beside(path: Path) -> duckdb.DuckDBPyConnection:
    """A new file as catalog `warehouse`, not in use yet: a cursor's transaction begins to see it
    with `use warehouse`, so that it may first read a source, and then see what was created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con = _configured(duckdb.connect(":memory:"))
    con.execute(f"set temp_directory = {literal(f'{path}.tmp')}")  # never where the caller stands
    try:
        con.execute(f"attach {literal(str(path))} as warehouse")
    except duckdb.Error as error:
        raise translated(error, f"opening {path}") from None
    return con


def _configured(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set enable_progress_bar = false")
    con.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
    con.execute("set preserve_insertion_order = false")
    # trying the methods of compression took about half of the work of a first extraction (5.1 to
    # 5.7 s of processor time against 2.9 s for 693,000 rows; a file of 69 MB against 182 MB)
    con.execute("set force_compression = 'uncompressed'")
    # five groups of each table waited for the commit, where one thread writes (3.0 s of 18 s for 15
    # million rows through one lane); so they are written while the source is still read
    con.execute("set write_buffer_row_group_count = 1")
    con.execute("set global timezone = 'UTC'")
    return con


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


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, conninfo: str) -> Iterator[None]:
    """The source as a catalog, read-only, through one connection, for a block."""
    con.execute(f"load {literal(str(extension_file()))}")
    con.execute("set pg_pool_max_connections = 1")
    con.execute(f"attach {literal(conninfo)} as {SOURCE} (type postgres, read_only)")
    try:
        yield
    finally:
        with suppress(duckdb.Error):
            con.execute(f"detach {SOURCE}")


def rows(con: duckdb.DuckDBPyConnection, query: str, source: str = SOURCE) -> list[dict[str, Any]]:
    """Rows of a PostgreSQL query inside the open transaction."""
    cursor = con.execute(f"from {remote(query, source)}")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def lock_sql(names: Sequence[str]) -> str:
    """PostgreSQL: keep others from emptying or rewriting tables, and from nothing else."""
    listed = ", ".join(f"public.{quoted(name)}" for name in names)
    return f"lock table {listed} in access share mode"


def lock_now_sql(names: Sequence[str]) -> str:
    """The same, or an error at once: a wait with some of the locks held could end a migration,
    which PostgreSQL may choose to break a deadlock."""
    return f"{lock_sql(names)} nowait"


def remote_command(query: str, source: str = SOURCE) -> str:
    """A DuckDB statement that runs a command inside the source's transaction."""
    return f"call postgres_execute({literal(source)}, {literal(query)})"


def without_secrets(words: str, conninfo: str) -> str:
    """An error's words with the password, should it occur in them, masked."""
    password = conninfo_to_dict(conninfo).get("password")
    return words.replace(str(password), "***") if password else words


def said_of(text: str) -> str:
    """PostgreSQL's own sentence, else the first line unless it repeats a query or an address."""
    if found := re.search(r"(?:ERROR|FATAL|PANIC):\s*([^\n]*)", text):
        return found[1].strip().removesuffix(".")
    text = UNREACHED.sub("", text)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
    repeats = re.search(r"query \"|(?i:select )|(?:host|dbname|user|password)=", first)
    return "it gave no reason fit to be shown" if repeats else first.removesuffix(".")


def translated(error: Exception, doing: str, conninfo: str = "") -> HypnomartError:
    """A fault of DuckDB or of the source as one of ours; raise it `from None`.

    Only the line that names the fault is kept: the rest repeats the query, the connection string
    or, in PostgreSQL's context lines, pieces of rows.
    """
    text = str(error)
    said = said_of(text)
    said = without_secrets(said, conninfo) if conninfo else said
    lower = text.lower()
    if "set lock" in lower or "different configuration" in lower:
        return WarehouseLocked(
            f"Another process has the warehouse open ({doing}); close it or wait for its run "
            "to end, nothing was written."
        )
    if any(sign in lower for sign in NO_SPACE):
        return HypnomartError(
            f"The disk is full ({doing}); free some space and run again, nothing was written."
        )
    if isinstance(error, duckdb.OutOfMemoryException) or "failed to pin" in lower:
        return HypnomartError(
            f"Out of memory ({doing}): what 2,048 neighbouring rows hold must fit into "
            f"{MEMORY_LIMIT}, their documents included; nothing was written."
        )
    if "could not obtain lock" in lower:
        return ConnectionDropped(
            f"A migration began at the source ({doing}): {said}; nothing was written."
        )
    # the transaction ends at the source first; where that fails, nothing is written here either
    if is_dropped(text) or 'query "commit"' in lower or UNREACHED.match(text):
        return ConnectionDropped(f"The source dropped the connection ({doing}): {said}.")
    if "permission denied" in lower:
        return SourceUnavailable(f"The source refuses ({doing}): {said}; nothing was written.")
    if "does not exist" in lower:
        return SourceChanged(
            f"The source changed ({doing}): {said}; run `hypnomart schema check`, "
            "nothing was written."
        )
    if "canceling statement" in lower:
        return SourceUnavailableNow(f"The source gave up ({doing}): {said}; nothing was written.")
    return HypnomartError(f"Extraction failed ({doing}): {said}; nothing was written.")
