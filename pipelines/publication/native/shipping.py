"""What the models read, brought to a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from models.errors import TargetUnavailable
from models.quoting import literal
from pipelines.base.settings import Settings
from pipelines.publication.native.portions import (
    bring_up_to_date,
    execute_there,
    form_of,
    form_there,
)
from pipelines.publication.native.shipped import MADE, SHIPPED, history_views, rows_of, shipped
from pipelines.publication.publish import erased_people
from pipelines.publication.targets.owner import built_of
from pipelines.publication.targets.server import Row, Server, rows
from pipelines.publication.targets.swap import LOCK_SECONDS, forget_samples

THERE = "target"
STANDING = (
    "select nspname::text as name from pg_catalog.pg_namespace where nspname = any(%(names)s)"
)
RELATIONS = """
    select n.nspname::text as schema, c.relname::text as name
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = any(%(names)s) and c.relkind = %(kind)s
"""


def prefix(server: Server) -> str:
    """What the names of the schemas there begin with."""
    return f"{server.schema}_"


def schemas(server: Server) -> list[str]:
    """Every schema that a build at the server writes to."""
    return [prefix(server) + name for name in (*SHIPPED, *MADE)]


def begin(conn: psycopg.Connection[Row], server: Server, *, run_id: str) -> None:
    """Empty schemas for what is made there of a run, in place of those of the build before; what
    was shipped stays. Raises TargetUnavailable, as `drop` does."""
    about = built_of(run_id)
    with conn.transaction():
        drop(conn, server, kinds=MADE)
        for name in schemas(server):
            schema = sql.Identifier(name)
            if not rows(conn, STANDING, names=[name]):
                conn.execute(sql.SQL("create schema {}").format(schema))
            conn.execute(sql.SQL("comment on schema {} is {}").format(schema, sql.Literal(about)))


def drop(
    conn: psycopg.Connection[Row], server: Server, *, kinds: Sequence[str] = (*SHIPPED, *MADE)
) -> bool:
    """Drop what an earlier build made; whether there was anything.

    Raises TargetUnavailable for what others built on it, which would go with it.
    """
    names = [prefix(server) + kind for kind in kinds]
    there = [row["name"] for row in rows(conn, STANDING, names=names)]
    try:
        with conn.transaction():
            conn.execute(sql.SQL("set local lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
            for word, relkind in (("view", "v"), ("table", "r")):
                found = rows(conn, RELATIONS, names=there, kind=relkind)
                listed = [sql.Identifier(row["schema"], row["name"]) for row in found]
                if listed:
                    statement = sql.SQL(f"drop {word} ") + sql.SQL(", ").join(listed)
                    conn.execute(statement)
            for name in there:
                conn.execute(sql.SQL("drop schema {}").format(sql.Identifier(name)))
    except psycopg.errors.DependentObjectsStillExist as error:
        what = (error.diag.message_detail or "something").splitlines()[0]
        raise TargetUnavailable(
            f"What was built at the target before cannot be replaced: {what}. Drop that, or have "
            "it read the copies of `hypnomart publish --to postgres`, which views follow."
        ) from None
    return bool(there)


def ship(conn: psycopg.Connection[Row], settings: Settings, *, server: Server) -> tuple[int, int]:
    """Bring what was extracted and the seeds up to date there, in one transaction: how many rows
    were sent, of how many."""
    start = prefix(server)
    erased = erased_people(settings.warehouse)
    with shipped(settings, "postgres_scanner") as (con, tables):
        con.execute("set pg_pool_max_connections = 1")  # one transaction
        forms = {table.there(start): form_of(table, erased) for table in tables}
        held = {place: form_there(conn, place) for place in forms}
        con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres)")
        con.begin()
        execute_there(con, THERE, statements=f"set local lock_timeout = '{LOCK_SECONDS}s'")
        sent = {}
        for table in tables:
            place = table.there(start)
            sent[place] = bring_up_to_date(
                con,
                table,
                place=place,
                there=THERE,
                form=forms[place],
                is_new=held[place] != forms[place],
            )
        con.commit()
        of = rows_of(con, tables)
    for statement in history_views(start, '"'):
        conn.execute(statement.encode())
    if changed := [place for place, count in sent.items() if count]:
        conn.execute(f"vacuum (analyze) {', '.join(changed)}".encode())
    if any(form and form != forms[place] for place, form in held.items()):
        forget_samples(conn)
    return sum(sent.values()), of
