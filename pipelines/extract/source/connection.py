"""The one connection to the source: read-only, named, timed out, inside DuckDB."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from models.errors import BadConfiguration
from models.quoting import literal
from pipelines.base.source_url import connection_parts

SOURCE = "src"  # the catalog under which the source is attached
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


def extension_file(name: str = "postgres_scanner") -> Path:
    """An extension of DuckDB's inside its wheel; it is loaded from there and never downloaded."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = list(spec.submodule_search_locations or []) if spec else []
    version = f"v{duckdb.__version__}"
    for folder in folders:
        path = Path(folder) / "extensions" / version / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    package = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
    raise BadConfiguration(
        f"DuckDB {duckdb.__version__} has no extension {name} installed; run "
        f"`pip install {package}`."
    )


def without_secrets_of_others(con: duckdb.DuckDBPyConnection) -> None:
    """Have DuckDB forget the secrets that its user keeps below ~/.duckdb: one for PostgreSQL gives
    host, login and database wherever an address names none, so that another server is read."""
    con.execute("set secret_directory = ''")


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


def remote(query: str, source: str = SOURCE) -> str:
    """A DuckDB table function that runs a query inside the source's transaction."""
    return f"postgres_query({literal(source)}, {literal(query)})"


def rows(
    con: duckdb.DuckDBPyConnection, query: str, *, source: str = SOURCE
) -> list[dict[str, Any]]:
    """Rows of a PostgreSQL query inside the open transaction."""
    cursor = con.execute(f"from {remote(query, source)}")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def remote_command(query: str, source: str = SOURCE) -> str:
    """A DuckDB statement that runs a command inside the source's transaction."""
    return f"call postgres_execute({literal(source)}, {literal(query)})"
