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
        if (new := after.get(table)) is None:
            continue
        old, key = before.get(table, new.clear()), key_of(table)
        marked = old.select(key, before=old.hash_rows())
        both = new.with_columns(after=new.hash_rows()).join(marked, on=key, how="inner")
        changed = both.filter(pl.col("after") != pl.col("before")).drop("after", "before")
        added, gone = new.join(old, on=key, how="anti"), old.join(new, on=key, how="anti")
        found.append(Change(table, added, changed, gone.select(key)))
    return found


def apply_changes(conn: psycopg.Connection, found: list[Change]) -> dict[str, int]:
    """Delete children first, then insert and update parents first; returns rows touched."""
    for change in reversed(found):
        if len(change.gone):
            delete_gone(conn, change)
    for change in found:
        if len(change.new):
            copy_piece(conn, table_name(change.table), part=piece(change.table, change.new))
        if len(change.changed):
            update_changed(conn, change)
    return {d.table: len(d.new) + len(d.changed) + len(d.gone) for d in found}


def delete_gone(conn: psycopg.Connection, change: Change) -> None:
    """Delete rows by key."""
    with staged(conn, change.table, frame=change.gone) as key:
        statement = sql.SQL("delete from {0} as t using changed as c where t.{1} = c.{1}")
        conn.execute(statement.format(table_name(change.table), key))


def update_changed(conn: psycopg.Connection, change: Change) -> None:
    """Update rows in place, as the app would."""
    with staged(conn, change.table, frame=change.changed) as key:
        changed = change.changed.drop(key_of(change.table))
        columns = [sql.Identifier(c) for c in changed.columns]
        names = sql.SQL(", ").join(columns)
        values = sql.SQL(", ").join(sql.SQL("c.{}").format(c) for c in columns)
        statement = sql.SQL("update {} as t set ({}) = row({}) from changed as c where t.{} = c.{}")
        conn.execute(statement.format(table_name(change.table), names, values, key, key))


@contextmanager
def staged(
    conn: psycopg.Connection, table: str, *, frame: pl.DataFrame
) -> Iterator[sql.Identifier]:
    """Rows in a temporary table named changed; yields the key column."""
    statement = sql.SQL(
        "create temporary table changed on commit drop as select {} from {} limit 0"
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    conn.execute(statement.format(columns, table_name(table)))
    copy_piece(conn, sql.Identifier("changed"), part=piece(table, frame))
    conn.execute("analyze changed")
    yield sql.Identifier(key_of(table))
    conn.execute("drop table changed")
