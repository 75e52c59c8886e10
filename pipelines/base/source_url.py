"""URLs of the source and of the target: what libpq understands of them, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from models.errors import BadConfiguration

# Parameters of URLs for Prisma, JDBC, SQLAlchemy, asyncpg and node-postgres.
OTHER_DRIVERS = frozenset({
    "ApplicationName", "async_fallback", "charset", "command_timeout", "connection_limit",
    "connectTimeout", "currentSchema", "max_overflow", "pgbouncer", "pool_size", "pool_timeout",
    "pooler", "prepared_statement_cache_size", "prepareThreshold", "schema", "serverTimezone",
    "socket_timeout", "socketTimeout", "ssl", "sslaccept", "sslidentity", "statement_cache_size",
    "supa", "uselibpqcompat", "workaround",
})  # fmt: skip

PLACES = ("host", "hostaddr", "port")
NOWHERE = "/dev/null"
LAST_PORT = 65_535


def checked_url(text: str, name: str = "HYPNOMART_SOURCE_URL") -> str:
    """A URL of PostgreSQL's as it was given. Raises BadConfiguration, which repeats no part."""
    if not re.match(r"postgres(ql)?://", text):
        raise BadConfiguration(
            f"{name} does not start with postgresql://; "
            "write it as postgresql://user:password@host:port/database."
        )
    connection_parts(text, name)
    return text


def connection_parts(url: str, name: str = "HYPNOMART_SOURCE_URL") -> dict[str, str]:
    """What libpq understands of a connection URL, which the setting `name` gives.

    Raises BadConfiguration, which repeats no part: where an @ : / of the password is not escaped,
    libpq takes a piece of it for the host, the port or the database, and would show it.
    """
    # Here, since every command reads its settings and few speak to PostgreSQL: half a second.
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    _refuse_other_drivers(url, name)
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        given = {}
    parts = {name: str(value) for name, value in given.items() if value is not None}
    places = [text for name, text in parts.items() if name in ("host", "port", "dbname")]
    if not parts or any("@" in text for text in places) or not _are_ports(parts.get("port", "")):
        raise BadConfiguration(
            f"{name} is not a connection URL that PostgreSQL understands; write it "
            "as postgresql://user:password@host:port/database, with @ : / in the password as "
            "%40 %3A %2F and a blank as %20."
        )
    _refuse_unknown_values(parts, name)
    return parts


def _refuse_unknown_values(parts: Mapping[str, str], setting: str) -> None:
    """Name the parameter whose value libpq does not know, such as sslmode=on. libpq says so before
    it connects; here to a socket that cannot be there."""
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn

    options = {name: text for name, text in parts.items() if name not in PLACES}
    tried = PGconn.connect_start(make_conninfo("", **options, host=NOWHERE).encode())
    said = tried.error_message.decode(errors="replace")
    tried.finish()
    if found := re.search(r'invalid "?(\w+)"? value', said):
        raise BadConfiguration(
            f"{setting} has a value of {found[1]} that libpq does not know; PostgreSQL's manual "
            "lists them under Connection Strings."
        )


def _refuse_other_drivers(url: str, setting: str) -> None:
    """Name the parameters that libpq would stumble over; only known ones, since with an unescaped
    ? in it a password would stand among them."""
    asked = {name for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    if found := sorted(asked & OTHER_DRIVERS):
        raise BadConfiguration(
            f"{setting} has {', '.join(found)}, which belongs to another driver than "
            "libpq; leave it out."
        )


def masked(url: str) -> str:
    """A connection URL fit to be shown: user, place and database; the password becomes ***."""
    parts = connection_parts(url)
    user = quote(parts.get("user", ""), safe="")
    password = ":***" if "password" in parts else ""
    port = f":{parts['port']}" if parts.get("port", "").strip(",") else ""
    host = parts.get("host") or parts.get("hostaddr") or ""
    place = f"[{host}]" if ":" in host else host
    database = quote(parts.get("dbname", ""), safe="")
    login = f"{user}{password}@" if user or password else ""
    return f"postgresql://{login}{place}{port}/{database}"


def _are_ports(text: str) -> bool:
    """One port for each host, separated by commas; none where the default is meant."""
    is_written_so = re.fullmatch(r"[0-9]*(,[0-9]*)*", text) is not None
    return is_written_so and all(int(one or 0) <= LAST_PORT for one in text.split(","))
