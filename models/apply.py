"""Create what is missing of the operational schema, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from psycopg import sql

from models.errors import SourceUnavailable
from models.live import catalogue_rows
from models.tables import TABLES_BY_NAME

SCHEMA_FOLDER = Path(__file__).with_name("schema")
READER = "hypnomart_reader"


def apply_schema(url: str, *, reader_password: str | None = None) -> list[str]:
    """Create the missing tables, policies, roles and functions in one transaction.

    Nothing is ever dropped, and a table that something else created is left as it is: it only
    becomes readable to the reader. Returns what was created, such as 'table courses', empty when
    nothing was missing. Raises SourceUnavailable.
    """
    try:
        with psycopg.connect(url, application_name="hypnomart") as conn:
            conn.execute("set local search_path = public")
            conn.execute("set local client_min_messages = warning")
            # two at a time would meet in the catalogue; the number is arbitrary
            conn.execute("select pg_advisory_xact_lock(727301)")
            names = ",".join(TABLES_BY_NAME)
            conn.execute("select set_config('hypnomart.tables', %s, true)", [names])
            before = _inventory(conn)
            for path in schema_files():
                if _is_ours_or_absent(conn, path):
                    conn.execute(sql.SQL(path.read_text(encoding="utf-8")))
            if reader_password:
                _set_reader_password(conn, reader_password)
            return sorted(_inventory(conn) - before)
    except psycopg.errors.InsufficientPrivilege as error:
        raise SourceUnavailable(
            f"The login may not create the schema: {_first_line(error)}; "
            "apply it as the database's owner."
        ) from error
    except psycopg.Error as error:
        raise SourceUnavailable(f"The schema was not applied: {_first_line(error)}.") from error


def schema_files() -> list[Path]:
    """The SQL files in the order in which they build on each other."""
    return sorted(SCHEMA_FOLDER.glob("[0-9]*.sql"))


def table_of(path: Path) -> str | None:
    """The table that a file creates, None for the platform and the reader."""
    name = re.sub(r"^\d+_", "", path.stem)
    return name if name in TABLES_BY_NAME else None


def table_comment(path: Path) -> str:
    """The comment that a table's file puts on it; also how its work is recognised later."""
    found = re.search(r"comment on table \S+ is\s+(.+?);\n", path.read_text("utf-8"), re.DOTALL)
    return string_value(found[1]) if found else ""


def string_value(text: str) -> str:
    """The value of a SQL string that may be continued on further lines."""
    return re.sub(r"'\s*\n\s*'", "", text.strip())[1:-1].replace("''", "'")


def _is_ours_or_absent(conn: psycopg.Connection, path: Path) -> bool:
    table = table_of(path)
    if table is None:
        return True
    row = conn.execute(
        "select obj_description(to_regclass('public.' || %s), 'pg_class'),"
        " to_regclass('public.' || %s) is null",
        (table, table),
    ).fetchone()
    return row is not None and (row[1] or row[0] == table_comment(path))


def _inventory(conn: psycopg.Connection) -> set[str]:
    return {name for (name,) in catalogue_rows(conn, "inventory")}


def _set_reader_password(conn: psycopg.Connection, password: str) -> None:
    """Only the verifier travels, so that a server that logs statements never sees the password."""
    verifier = conn.pgconn.encrypt_password(
        password.encode(), READER.encode(), b"scram-sha-256"
    ).decode()
    conn.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(READER), sql.Literal(verifier))
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
