"""The mark that a source was filled by the simulator: one row in a schema of its own.

The pipeline reads schema public only; a source without the mark is never written to unless it is
empty.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date

import psycopg
from psycopg import sql

from models.errors import BadConfiguration
from models.simulation.parameters import Params
from models.tables import TABLES

COLUMNS = "version, users, days, seed, opened_until, faults, until"
VERSION = 2  # of the rules by which a world is made; another one cannot live on


@dataclass(frozen=True)
class Marker:
    """Which business a source holds, and up to which day."""

    params: Params
    until: date


def read_marker(conn: psycopg.Connection) -> Marker | None:
    """The mark, or None where the simulator never was. Raises BadConfiguration for older rules."""
    found = conn.execute("select to_regclass('hypnomart_simulation.business')").fetchone()
    if found is None or found[0] is None:
        return None
    row = conn.execute(f"select {COLUMNS} from hypnomart_simulation.business").fetchone()
    if row is None:
        return None
    version, *params, until = row
    if version != VERSION:
        raise BadConfiguration(
            f"The source was simulated by version {version} of the rules, this is {VERSION}; "
            "simulate into a fresh database."
        )
    return Marker(Params(*params), until)


def write_marker(conn: psycopg.Connection, mark: Marker) -> None:
    """Put the mark, or move it on."""
    conn.execute("create schema if not exists hypnomart_simulation")
    conn.execute(
        "create table if not exists hypnomart_simulation.business"
        " (version integer, users integer, days integer, seed bigint, opened_until date,"
        " faults text, until date)"
    )
    conn.execute("delete from hypnomart_simulation.business")
    conn.execute(
        "insert into hypnomart_simulation.business values (%s, %s, %s, %s, %s, %s, %s)",
        (VERSION, *astuple(mark.params), mark.until),
    )


def filled_tables(conn: psycopg.Connection) -> list[str]:
    """Which of the 21 tables hold a row."""
    query = sql.SQL("select 1 from public.{} limit 1")
    names = [table.name for table in TABLES]
    return [n for n in names if conn.execute(query.format(sql.Identifier(n))).fetchone()]


def require_empty(conn: psycopg.Connection) -> None:
    """Raises BadConfiguration where there is anything that a simulation would be mixed with."""
    filled = filled_tables(conn)
    if not filled:
        return
    if read_marker(conn) is not None:
        raise BadConfiguration(
            "The source already holds a simulated business; "
            "let it live on with `hypnomart simulate --advance 7`, or use an empty database."
        )
    raise BadConfiguration(
        f"The source holds rows that the simulator did not write (in {', '.join(filled[:3])}); "
        "it fills only an empty database, nothing was written."
    )


def require_marker(conn: psycopg.Connection) -> Marker:
    """The mark; raises BadConfiguration where there is no business of the simulator's."""
    mark = read_marker(conn)
    if mark is None or "user_profile" not in filled_tables(conn):
        raise BadConfiguration(
            "The source holds no simulated business to advance; "
            "begin one with `hypnomart simulate --users 1000 --days 365 --seed 7`."
        )
    return mark
