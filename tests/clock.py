"""A clock for a source: what the extraction reads as the time of its snapshot."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
from psycopg import sql


def set_clock(url: str, instant: str | None = None, *, ahead: str = "0") -> None:
    """From now on the database says `instant` when it is asked for the time; without one, the real
    time and `ahead` of it. A schema of its own comes before pg_catalog on the search path."""
    database = sql.Identifier(urlsplit(url).path[1:])
    said = "select {}::timestamptz" if instant else "select clock_timestamp() + {}::interval"
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("create schema if not exists clock")
        conn.execute("grant usage on schema clock to public")
        conn.execute(
            sql.SQL(
                "create or replace function clock.statement_timestamp() returns timestamptz "
                "language sql as {}"
            ).format(sql.Literal(sql.SQL(said).format(sql.Literal(instant or ahead)).as_string()))
        )
        conn.execute(
            sql.SQL("alter database {} set search_path = clock, pg_catalog, public").format(
                database
            )
        )
