"""Rows of any shape for a real source: random values by type, foreign keys set aside.

Written straight into the operational tables, as a superuser with session_replication_role
replica, so that any operation on any table is possible in any order.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Json, Jsonb

from models.tables import TABLES, Column, Table

START = datetime(2025, 1, 1, tzinfo=UTC)


@contextmanager
def writer(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that may write any row in any order; commits at the end of the block."""
    with psycopg.connect(url) as conn:
        conn.execute("set session_replication_role = replica")
        conn.commit()
        yield conn


def random_value(column: Column, chance: random.Random) -> Any:
    """A value of a contract column; now and then null where that is allowed."""
    if column.is_nullable and chance.random() < 0.2:
        return None
    kind = column.type.split("(")[0]
    if kind == "uuid":
        return uuid.UUID(int=chance.getrandbits(128), version=4)
    if kind == "integer":
        return chance.choice([0, 1, -1, 2**31 - 1, -(2**31), chance.randrange(10_000)])
    if kind == "numeric":
        whole = chance.randrange(10**6)
        return chance.choice([Decimal(whole) / 100, Decimal(0), Decimal("NaN")])
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "timestamptz":
        moment = START + timedelta(microseconds=chance.randrange(10**14))
        return chance.choice([moment, moment, moment, "infinity", "-infinity", "0044-03-15 BC"])
    if kind == "json":
        return Json({"audio_files": ["a"] * chance.randrange(3), "n": chance.randrange(99)})
    if kind == "jsonb":
        return Jsonb({"n": chance.randrange(99)})
    if column.name == "log_type":
        return chance.choice(["billing", "Sync_Module", "user_report", "user_reports", "error"])
    if column.name == "message":
        return chance.choice(
            ["", "SUGGESTIONS : more", "other: x", "Module SKIPPED", "Validation Failed", "x"]
        )
    return chance.choice(
        ["", " ", "plain", "Ünïcödé 🌙", "a,b;'\"\\", f"v{chance.randrange(10**6)}", "line\nbreak"]
    )


def random_row(table: Table, chance: random.Random) -> dict[str, Any]:
    """A whole row; unique texts get a number so that rows seldom collide."""
    row = {column.name: random_value(column, chance) for column in table.columns}
    for names in table.unique:
        for name in names:
            if isinstance(row[name], str):
                row[name] = f"{row[name]}{chance.getrandbits(60)}"
    return row


def insert(conn: psycopg.Connection[Any], table: Table, row: dict[str, Any]) -> None:
    """Insert one row."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in row)
    marks = sql.SQL(", ").join(sql.Placeholder() for _ in row)
    statement = sql.SQL("insert into public.{} ({}) values ({})")
    conn.execute(statement.format(sql.Identifier(table.name), names, marks), list(row.values()))


def fill(url: str, rows_each: int, *, seed: int = 1) -> None:
    """Random rows into each of the 21 tables."""
    chance = random.Random(seed)
    with writer(url) as conn:
        for table in TABLES:
            for _ in range(rows_each):
                insert(conn, table, random_row(table, chance))


def document(size: int) -> str:
    """A JSON text of about `size` bytes that does not compress well."""
    chance = random.Random(size)
    return json.dumps({"audio_files": ["x"], "noise": f"{chance.getrandbits(size * 4):x}"})
