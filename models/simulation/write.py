"""Rows into PostgreSQL: COPY for what is new, by key for what changed or went."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql

from models.simulation.world import ACCOUNTS, LOAD_ORDER, Tables
from models.tables import TABLES_BY_NAME

TRIGGER = "handle_premium_subscription_referral"
STAMP = "%Y-%m-%d %H:%M:%S%.6f+00"


@dataclass(frozen=True)
class Piece:
    """Rows of one table as COPY takes them."""

    table: str
    columns: tuple[str, ...]
    rows: int
    csv: bytes


@dataclass(frozen=True)
class Difference:
    """What became of a table's rows between two days; `gone` holds keys only."""

    table: str
    new: pl.DataFrame
    changed: pl.DataFrame
    gone: pl.DataFrame


def table_name(table: str) -> sql.Identifier:
    """The qualified name."""
    schema, _, name = table.rpartition(".")
    return sql.Identifier(schema or "public", name)


def key_of(table: str) -> str:
    """The column by which a row is known."""
    return "id" if table == ACCOUNTS else TABLES_BY_NAME[table].key[0]


def piece(table: str, frame: pl.DataFrame) -> Piece:
    """A frame as CSV; an empty text stays apart from null."""
    text = frame.write_csv(include_header=False, datetime_format=STAMP)
    return Piece(table, tuple(frame.columns), len(frame), text.encode())


def pieces(batches: Iterable[Tables]) -> Iterator[Piece]:
    """The tables of all batches in order, those with rows."""
    return (
        piece(table, frame) for batch in batches for table, frame in batch.items() if len(frame)
    )


def pieces_ahead(batches: Iterable[Tables]) -> Iterator[Piece]:
    """The pieces of all batches in order, made by a second thread while the first one writes."""
    ready: queue.Queue[Piece | BaseException | None] = queue.Queue(maxsize=8)
    stopped = threading.Event()

    def offer(item: Piece | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for each in pieces(batches):
                offer(each)
                if stopped.is_set():
                    return
            offer(None)
        except BaseException as error:
            offer(error)

    thread = threading.Thread(target=produce, name="simulation", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


def copy_piece(conn: psycopg.Connection, target: sql.Composable, part: Piece) -> None:
    """COPY one piece into a table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, columns)
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(part.csv)


@contextmanager
def rewards_by_hand(conn: psycopg.Connection) -> Iterator[None]:
    """Without the reward trigger, whose rows would come twice and with ids of chance."""
    found = conn.execute(
        "select exists (select from pg_trigger"
        " where tgrelid = 'public.subscriptions'::regclass and tgname = %s)",
        (TRIGGER,),
    ).fetchone()
    has_trigger = found is not None and found[0]
    statement = sql.SQL("alter table public.subscriptions {} trigger {}")
    if has_trigger:
        conn.execute(statement.format(sql.SQL("disable"), sql.Identifier(TRIGGER)))
    yield
    if has_trigger:
        conn.execute(statement.format(sql.SQL("enable"), sql.Identifier(TRIGGER)))


def differences(before: Tables, after: Tables) -> list[Difference]:
    """What changed between two days of one batch, by table in load order."""
    found = []
    for table in LOAD_ORDER:
        old, new = before.get(table), after.get(table)
        if new is None:
            continue
        if old is None:
            found.append(Difference(table, new, new.clear(), new.select(key_of(table)).clear()))
            continue
        key = key_of(table)
        marked = old.select(key, before=old.hash_rows())
        both = new.with_columns(after=new.hash_rows()).join(marked, on=key, how="inner")
        changed = both.filter(pl.col("after") != pl.col("before")).drop("after", "before")
        found.append(
            Difference(
                table,
                new.join(old, on=key, how="anti"),
                changed,
                old.join(new, on=key, how="anti").select(key),
            )
        )
    return found


def apply_differences(conn: psycopg.Connection, found: list[Difference]) -> dict[str, int]:
    """Delete children first, then insert and update parents first; returns rows touched."""
    for difference in reversed(found):
        if len(difference.gone):
            with staged(conn, difference.table, difference.gone) as key:
                statement = "delete from {0} as t using changed as c where t.{1} = c.{1}"
                name = table_name(difference.table)
                conn.execute(sql.SQL(statement).format(name, sql.Identifier(key)))
    for difference in found:
        if len(difference.new):
            part = piece(difference.table, difference.new)
            copy_piece(conn, table_name(difference.table), part)
        if len(difference.changed):
            update_changed(conn, difference)
    return {d.table: len(d.new) + len(d.changed) + len(d.gone) for d in found}


def update_changed(conn: psycopg.Connection, difference: Difference) -> None:
    """Update rows in place, as the app would."""
    with staged(conn, difference.table, difference.changed) as key:
        columns = [sql.Identifier(c) for c in difference.changed.columns if c != key]
        statement = sql.SQL(
            "update {0} as t set ({1}) = row({2}) from changed as c where t.{3} = c.{3}"
        )
        conn.execute(
            statement.format(
                table_name(difference.table),
                sql.SQL(", ").join(columns),
                sql.SQL(", ").join(sql.SQL("c.{}").format(c) for c in columns),
                sql.Identifier(key),
            )
        )


@contextmanager
def staged(conn: psycopg.Connection, table: str, frame: pl.DataFrame) -> Iterator[str]:
    """Rows in a temporary table named changed; yields the key column."""
    statement = sql.SQL(
        "create temporary table changed on commit drop as select {} from {} limit 0"
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    conn.execute(statement.format(columns, table_name(table)))
    copy_piece(conn, sql.Identifier("changed"), piece(table, frame))
    conn.execute("analyze changed")
    yield key_of(table)
    conn.execute("drop table changed")
