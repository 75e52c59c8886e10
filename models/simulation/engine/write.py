"""Rows into PostgreSQL: COPY for what is new, by key for what changed or went."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql

from models.simulation.tables import ACCOUNTS, Tables
from models.tables import TABLES_BY_NAME

TRIGGER = "handle_premium_subscription_referral"
AHEAD = 8  # pieces in memory
STAMP = "%Y-%m-%d %H:%M:%S%.6f+00"


@dataclass(frozen=True)
class Piece:
    """Rows of one table as COPY takes them."""

    table: str
    columns: tuple[str, ...]
    rows: int
    csv: bytes


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
    made = pieces(batches)
    maker = ThreadPoolExecutor(1, "simulation")
    try:
        ahead = deque(maker.submit(next, made, None) for _ in range(AHEAD))
        while (item := ahead.popleft().result()) is not None:
            ahead.append(maker.submit(next, made, None))
            yield item
    finally:
        maker.shutdown(cancel_futures=True)


def copy_piece(conn: psycopg.Connection, target: sql.Composable, *, part: Piece) -> None:
    """COPY one piece into a table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, columns)
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(part.csv)


@contextmanager
def rewards_by_hand(conn: psycopg.Connection) -> Iterator[None]:
    """Without the reward trigger, whose rows would come twice and with ids of chance."""
    has_trigger = conn.execute(
        "select 1 from pg_trigger where tgrelid = 'public.subscriptions'::regclass and tgname = %s",
        (TRIGGER,),
    ).fetchone()
    statement = sql.SQL("alter table public.subscriptions {} trigger {}")
    if has_trigger is not None:
        conn.execute(statement.format(sql.SQL("disable"), sql.Identifier(TRIGGER)))
    yield
    if has_trigger is not None:
        conn.execute(statement.format(sql.SQL("enable"), sql.Identifier(TRIGGER)))
