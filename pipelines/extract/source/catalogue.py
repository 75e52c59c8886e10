"""The source's own word on its tables, read inside the snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipelines.extract.source.connection import rows

CATALOGUE = Path(__file__).with_name("catalogue.sql")


@dataclass(frozen=True)
class SourceColumn:
    """A column as the catalogue gives it; `kind` without and `declared` with its precision."""

    name: str
    kind: str
    declared: str
    is_nullable: bool
    position: int
    definition: str = ""


@dataclass(frozen=True)
class SourceTable:
    """A table of schema public at the source; `unique_keys` as sorted tuples of columns; `instead`
    says what it is where it is none, such as a view."""

    name: str
    oid: int
    columns: tuple[SourceColumn, ...]
    may_select: bool = True
    hides_rows: bool = False
    has_parts: bool = False
    instead: str = ""
    unique_keys: frozenset[tuple[str, ...]] = frozenset()
    bytes: int = 0
    toast_bytes: int = 0


def read_tables(con: duckdb.DuckDBPyConnection) -> list[SourceTable]:
    """Every table of schema public, and what may stand in place of one, with its columns."""
    found = rows(con, CATALOGUE.read_text())
    return [
        source_table(name, list(columns))
        for name, columns in groupby(found, key=lambda row: str(row["table_name"]))
    ]


def source_table(name: str, columns: list[dict[str, Any]]) -> SourceTable:
    """A table from its rows of catalogue.sql, one per column."""
    first = columns[0]
    return SourceTable(
        name=name,
        oid=first["table_oid"],
        columns=tuple(
            SourceColumn(
                name=row["column_name"],
                kind=row["kind"],
                declared=row["declared"],
                is_nullable=row["is_nullable"],
                position=row["position"],
                definition=row["definition"],
            )
            for row in columns
        ),
        may_select=first["may_select"],
        hides_rows=first["hides_rows"],
        has_parts=first["has_parts"],
        instead=first["instead"],
        unique_keys=frozenset(
            tuple(key.split(",")) for key in first["unique_keys"].split(";") if key
        ),
        bytes=first["bytes"],
        toast_bytes=first["toast_bytes"],
    )
