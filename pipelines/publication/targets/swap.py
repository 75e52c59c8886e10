"""Schemas of the target change places in one transaction; nothing of others' is lost by it.

Renaming a schema takes no lock on its tables: who reads the marts before goes on reading them, and
the next query finds the new ones.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from models.errors import TargetUnavailable
from pipelines.publication.targets.owner import COPIED, copied_of
from pipelines.publication.targets.schema import SCHEMAS
from pipelines.publication.targets.server import Row, rows
from pipelines.publication.targets.tables import ABOUT
from pipelines.transform.marts import RESTATEMENTS

LOCK_SECONDS = 15
# Whatever hangs on our tables from outside, or stands among them.
VIEWS = """
    select distinct v.oid, n.nspname::text as schema, v.relname::text as name,
        pg_get_userbyid(v.relowner)::text as owner, v.relkind::text as kind,
        pg_get_viewdef(v.oid) as query, coalesce(v.reloptions, '{}') as options,
        pg_has_role(v.relowner, 'usage') as may_replace
    from pg_catalog.pg_class as t
    inner join pg_catalog.pg_depend as d
        on t.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.classid = 'pg_catalog.pg_rewrite'::regclass
    inner join pg_catalog.pg_rewrite as r on d.objid = r.oid
    inner join pg_catalog.pg_class as v on r.ev_class = v.oid
    inner join pg_catalog.pg_namespace as n on v.relnamespace = n.oid
    where t.relnamespace = to_regnamespace(%(schema)s) and v.relnamespace <> t.relnamespace
    order by v.oid
"""
OTHERS = """
    select distinct pg_describe_object(d.classid, d.objid, d.objsubid) as what
    from pg_catalog.pg_class as t
    inner join pg_catalog.pg_depend as d
        on t.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::regclass
    left join pg_catalog.pg_constraint as c
        on d.objid = c.oid and d.classid = 'pg_catalog.pg_constraint'::regclass
    left join pg_catalog.pg_class as ct on c.conrelid = ct.oid
    left join pg_catalog.pg_policy as p
        on d.objid = p.oid and d.classid = 'pg_catalog.pg_policy'::regclass
    left join pg_catalog.pg_class as pt on p.polrelid = pt.oid
    where t.relnamespace = to_regnamespace(%(schema)s) and t.relkind = 'r'
        and (
            d.classid = 'pg_catalog.pg_proc'::regclass
            or ct.relnamespace <> t.relnamespace
            or pt.relnamespace <> t.relnamespace
        )
    union
    select pg_describe_object('pg_catalog.pg_class'::regclass, c.oid, 0)
    from pg_catalog.pg_class as c
    where c.relnamespace = to_regnamespace(%(schema)s)
        and c.relkind in ('r', 'v', 'm', 'f', 'p', 'S') and not (c.relname::text = any(%(ours)s))
    union
    select pg_describe_object('pg_catalog.pg_proc'::regclass, f.oid, 0)
    from pg_catalog.pg_proc as f where f.pronamespace = to_regnamespace(%(schema)s)
    order by 1
"""
TABLES = """
    select relname::text as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace(%(schema)s) and relkind = 'r'
"""
EXISTS = "select to_regnamespace(%(name)s) is not null as is_there"


def building(schema: str) -> str:
    """The schema in which the next marts are put together."""
    return f"{schema}_building"


def begin_schema(conn: psycopg.Connection[Row], schema: str, *, run_id: str) -> None:
    """An empty schema for the next marts, in place of what a killed publication left."""
    name = sql.Identifier(building(schema))
    with conn.transaction():
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        conn.execute(sql.SQL("create schema {}").format(name))
        conn.execute(
            sql.SQL("comment on schema {} is {}").format(name, sql.Literal(copied_of(run_id)))
        )


def views_that_follow(conn: psycopg.Connection[Row], schema: str) -> list[Row]:
    """Views of others over the marts that stand now, which are bound to the next ones.

    Raises TargetUnavailable for whatever else hangs on the marts or stands among them.
    """
    ours = [*ABOUT, RESTATEMENTS.name]
    if _has(conn, schema, table="marts"):
        query = sql.SQL("select mart from {}").format(sql.Identifier(schema, "marts"))
        ours += [row["mart"] for row in conn.execute(query)]
    found = [f"{row['what']}" for row in rows(conn, OTHERS, schema=schema, ours=ours)]
    views = rows(conn, VIEWS, schema=schema)
    found += [
        f"{row['schema']}.{row['name']} of {row['owner']}"
        for row in views
        if row["kind"] != "v" or not row["may_replace"]
    ]
    if found:
        names = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        raise TargetUnavailable(
            f"Schema {schema} at the target cannot be replaced without losing {names}; "
            "drop it or put it elsewhere. The marts there are as before."
        )
    return views


def run_at(conn: psycopg.Connection[Row], schema: str) -> str | None:
    """The run whose marts stand at the target; none before the first."""
    if not _has(conn, schema, table="publication"):
        return None
    query = sql.SQL("select run_id from {}").format(sql.Identifier(schema, "publication"))
    return next((str(row["run_id"]) for row in conn.execute(query)), None)


def _has(conn: psycopg.Connection[Row], schema: str, *, table: str) -> bool:
    query = "select to_regclass(format('%%I.%%I', %(schema)s::text, %(name)s::text)) is not null"
    (found,) = rows(conn, f"{query} as is_there", schema=schema, name=table)
    return bool(found["is_there"])


def change_places(conn: psycopg.Connection[Row], schema: str, *, views: list[Row]) -> None:
    """The built schema takes the place of the one that stands, in one transaction."""
    previous = f"{schema}_previous_{datetime.now(UTC):%Y%m%dt%H%M%S%f}"[:63]
    rename = sql.SQL("alter schema {} rename to {}")
    with conn.transaction():
        conn.execute(sql.SQL("set local lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
        if rows(conn, EXISTS, name=schema)[0]["is_there"]:
            conn.execute(rename.format(sql.Identifier(schema), sql.Identifier(previous)))
        conn.execute(rename.format(sql.Identifier(building(schema)), sql.Identifier(schema)))
        for view in views:
            bind(conn, view)


def bind(conn: psycopg.Connection[Row], view: Row) -> None:
    """Have a view read the tables that bear the names now; owner, rights and comment stay."""
    options = f"with ({', '.join(view['options'])})" if view["options"] else ""
    name = sql.Identifier(view["schema"], view["name"]).as_string(conn)
    statement = f"create or replace view {name} {options} as {view['query'].rstrip().rstrip(';')}"
    try:
        with conn.transaction():
            conn.execute(statement.encode())
    except psycopg.Error as error:
        raise TargetUnavailable(
            f"View {view['schema']}.{view['name']} of {view['owner']} does not fit the new marts: "
            f"{error.diag.message_primary}; drop it or mend it. The marts there are as before."
        ) from None


def sweep(conn: psycopg.Connection[Row], schema: str) -> str | None:
    """Drop the marts of before; who still reads them, in words, where that keeps them."""
    before = [row["name"] for row in rows(conn, SCHEMAS, schema=schema, mark=COPIED)
              if row["is_ours"] and row["name"] != schema]  # fmt: skip
    for name in before:
        listed = [sql.Identifier(name, row["name"]) for row in rows(conn, TABLES, schema=name)]
        try:
            with conn.transaction():
                conn.execute(sql.SQL("set local lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
                if listed:
                    conn.execute(sql.SQL("drop table {}").format(sql.SQL(", ").join(listed)))
                conn.execute(sql.SQL("drop schema {}").format(sql.Identifier(name)))
        except psycopg.errors.LockNotAvailable:
            return f"schema {name} is still being read; the next publication drops it"
    if before:
        forget_samples(conn)
    return None


def forget_samples(conn: psycopg.Connection[Row]) -> None:
    """Free the planner's samples of dropped tables, which quote ids and order numbers: their rows
    are deleted, and their bytes would stay. A login that does not own the database is not let."""
    with suppress(psycopg.errors.LockNotAvailable):
        conn.execute(sql.SQL("set lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
        conn.execute("vacuum (full) pg_catalog.pg_statistic")
    conn.execute("reset lock_timeout")
