"""What raw.* and history.* should hold, said in plain Python over the source's own text.

Shares no code with the extraction beyond the contract's list of tables.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from models.tables import TABLES, Column, Table

Row = tuple[Any, ...]
FEEDBACK = (
    "Audio Player Issue",
    "Billing Problems",
    "Suggestions",
    "Course Download Problems",
    "AI Voice Issues",
)


def source_rows(url: str, table: Table, hash_key: str) -> dict[Row, Row]:
    """Key to the row that raw.<table> should hold, `_unreadable` last."""
    names = [column.name for column in table.columns]
    selected = ", ".join(f'"{name}"::text' for name in names)
    with psycopg.connect(url) as conn:
        conn.execute("set timezone = 'UTC'")
        found = conn.execute(f"select {selected} from public.{table.name}").fetchall()
    rows = [dict(zip(names, values, strict=True)) for values in found]
    return {tuple(row[name] for name in table.key): expected(table, row, hash_key) for row in rows}


def expected(table: Table, row: dict[str, str | None], hash_key: str) -> Row:
    """A row of texts as raw.* keeps it."""
    values = [
        hashed(row[column.name], hash_key)
        if column.policy == "secret"
        else converted(column, row[column.name])
        for column in table.columns
        if column.policy != "pii"
    ]
    unreadable = [
        f"{column.name}={row[column.name]}"
        for column in table.columns
        if column.policy == "keep" and row[column.name] in ("NaN", "infinity", "-infinity")
        if column.type.split("(")[0] in ("numeric", "timestamptz")
    ]
    return (*values, *derived(table, row), ", ".join(unreadable) or None)


def hashed(token: str | None, hash_key: str) -> str | None:
    """A keyed hash of a hash; a blank token is none."""
    if token is None or not token.strip(" \t\n\r\f\v"):
        return None
    inner = hashlib.sha256(token.encode()).hexdigest()
    return hashlib.sha256(f"{hash_key}:{inner}".encode()).hexdigest()


def converted(column: Column, text: str | None) -> Any:
    """A value as Python reads it from DuckDB as text, or as a number."""
    kind = column.type.split("(")[0]
    if text is None or (text in ("NaN", "infinity", "-infinity") and kind != "text"):
        return None
    if kind == "numeric":
        return Decimal(text).quantize(Decimal("1e-9"))
    if kind == "timestamptz":
        found = re.fullmatch(r"(\S+) (\S+)\+00( BC)?", text)
        assert found, text
        return f"{found[1]}{' (BC)' if found[3] else ''} {found[2]}"
    return text


def derived(table: Table, row: dict[str, str | None]) -> list[Any]:
    """The columns computed from personal data."""
    if table.name == "app_logs":
        kind = (row["log_type"] or "").lower()
        message = row["message"]
        text = (message or "").lower()
        issue = None
        if kind in ("user_report", "user_reports"):
            first = text.split(":")[0].strip()
            issue = next((name for name in FEEDBACK if name.lower() == first), "Other")
        skipped = kind == "sync_module" and "skipped" in text
        failed = kind == "billing" and ("validation failed" in text or "not acknowledged" in text)
        return [issue, str(skipped).lower(), str(failed).lower()]
    if table.name == "custom_courses":
        files = len(json.loads(row["data"] or "{}").get("audio_files", []))
        fault = document_fault(row["data"], row["checksum"])
        return [str(files > 0).lower(), str(files), fault]
    return []


def document_fault(text: str | None, checksum: str | None) -> str | None:
    """What is wrong with a stored document, by the text as it stands."""
    if text is None:
        return None
    if not text.lstrip().startswith("{"):
        return "no object"
    keys = [key for key, _ in json.loads(text, object_pairs_hook=list)]
    if len(set(keys)) < len(keys):
        return "a key repeats"
    is_right = (
        checksum is None or hashlib.md5(text.encode()).hexdigest() == checksum.strip().lower()
    )
    return None if is_right else "of another content"


def kept_names(table: Table) -> list[str]:
    """The columns of raw.<table> in order, `_unreadable` last."""
    names = [
        f"{column.name}_hash" if column.policy == "secret" else column.name
        for column in table.columns
        if column.policy != "pii"
    ]
    return [*names, *(column.name for column in table.derived), "_unreadable"]


def as_text(table: Table) -> str:
    """DuckDB's select list that gives what `expected` gives."""
    numbers = {c.name for c in table.columns if c.type.startswith("numeric")}
    return ", ".join(
        f'"{name}"' if name in numbers else f'"{name}"::VARCHAR' for name in kept_names(table)
    )


class Recorder:
    """The sequence of what each table held at each extraction, and the versions that makes."""

    def __init__(self, url: str, hash_key: str) -> None:
        self.url, self.hash_key = url, hash_key
        self.present: dict[str, dict[Row, Row]] = {table.name: {} for table in TABLES}
        self.versions: dict[str, Counter[Row]] = {table.name: Counter() for table in TABLES}

    def see(self, as_of_at: datetime) -> None:
        """Take the source as it stands and note insert, update and delete since the last time."""
        for table in TABLES:
            now = source_rows(self.url, table, self.hash_key)
            before, versions = self.present[table.name], self.versions[table.name]
            for key, row in now.items():
                if before.get(key) != row:
                    op = "update" if key in before else "insert"
                    versions[(*row, op, as_of_at)] += 1
            for key, row in before.items():
                if key not in now:
                    versions[(*row, "delete", as_of_at)] += 1
            self.present[table.name] = now

    def compare(self, warehouse: Path) -> None:
        """raw.* equals the source as a set of rows, history.* the recorded sequence, and what is
        known of raw.* is what it holds."""
        with duckdb.connect(str(warehouse), read_only=True) as con:
            for table in TABLES:
                known = con.execute("from meta.held where table_name = ?", [table.name]).fetchall()
                xmins = [
                    xmin
                    for (xmin,) in con.execute(f"select _xmin from raw.{table.name}").fetchall()
                ]
                ((name, rows, total, least, most),) = known
                assert (name, rows, total) == (table.name, len(xmins), sum(xmins))
                assert not xmins or least <= min(xmins) <= max(xmins) <= most
                columns = as_text(table)
                raw = Counter(con.execute(f"select {columns} from raw.{table.name}").fetchall())
                assert raw == Counter(self.present[table.name].values()), table.name
                if table.has_history:
                    found = con.execute(
                        f"select {columns}, _op, _seen_at from history.{table.name}"
                    ).fetchall()
                    assert Counter(found) == self.versions[table.name], table.name
