"""What became of rows between two days, written in place as the app would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql

from models.simulation.engine.write import copy_piece, key_of, piece, table_name
from models.simulation.tables import Tables, load_order


@dataclass(frozen=True)
class Change:
    """What became of a table's rows between two days; `gone` holds keys only."""

    table: str
    new: pl.DataFrame
    changed: pl.DataFrame
    gone: pl.DataFrame


def changes_between(before: Tables, after: Tables) -> list[Change]:
    """What changed between two days of one batch, by table in load order."""
    found = []
    for table in load_order():
        old, new = before.get(table), after.get(table)
        if new is None:
            continue
        if old is None:
            found.append(Change(table, new, new.clear(), new.select(key_of(table)).clear()))
            continue
        key = key_of(table)
        marked = old.select(key, before=old.hash_rows())
        both = new.with_columns(after=new.hash_rows()).join(marked, on=key, how="inner")
        changed = both.filter(pl.col("after") != pl.col("before")).drop("after", "before")
        found.append(
            Change(
                table,
                new.join(old, on=key, how="anti"),
                changed,
                old.join(new, on=key, how="anti").select(key),
            )
        )
    return found


def apply_changes(conn: psycopg.Connection, found: list[Change]) -> dict[str, int]:
    """Delete children first, then insert and update parents first; returns rows touched."""
    for change in reversed(found):
        if len(change.gone):
            with staged(conn, change.table, frame=change.gone) as key:
                statement = "delete from {0} as t using changed as c where t.{1} = c.{1}"
                name = table_name(change.table)
                conn.execute(sql.SQL(statement).format(name, sql.Identifier(key)))
    for change in found:
        if len(change.new):
            part = piece(change.table, change.new)
            copy_piece(conn, table_name(change.table), part=part)
        if len(change.changed):
            update_changed(conn, change)
    return {d.table: len(d.new) + len(d.changed) + len(d.gone) for d in found}


def update_changed(conn: psycopg.Connection, change: Change) -> None:
    """Update rows in place, as the app would."""
    with staged(conn, change.table, frame=change.changed) as key:
        columns = [sql.Identifier(c) for c in change.changed.columns if c != key]
        statement = sql.SQL(
            "update {0} as t set ({1}) = row({2}) from changed as c where t.{3} = c.{3}"
        )
        conn.execute(
            statement.format(
                table_name(change.table),
                sql.SQL(", ").join(columns),
                sql.SQL(", ").join(sql.SQL("c.{}").format(c) for c in columns),
                sql.Identifier(key),
            )
        )


@contextmanager
def staged(conn: psycopg.Connection, table: str, *, frame: pl.DataFrame) -> Iterator[str]:
    """Rows in a temporary table named changed; yields the key column."""
    statement = sql.SQL(
        "create temporary table changed on commit drop as select {} from {} limit 0"
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    conn.execute(statement.format(columns, table_name(table)))
    copy_piece(conn, sql.Identifier("changed"), part=piece(table, frame))
    conn.execute("analyze changed")
    yield key_of(table)
    conn.execute("drop table changed")
