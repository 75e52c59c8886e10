"""The source's own word on its tables, read inside the snapshot."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipelines.extract.connection import rows
from pipelines.extract.plan import LiveColumn, LiveTable

CATALOGUE = Path(__file__).with_name("catalogue.sql")


def read_catalogue(con: duckdb.DuckDBPyConnection) -> list[LiveTable]:
    """Every table of schema public, and what may stand in place of one, with its columns."""
    found = rows(con, CATALOGUE.read_text())
    return [
        live_table(name, list(columns))
        for name, columns in groupby(found, key=lambda row: str(row["table_name"]))
    ]


def live_table(name: str, columns: list[dict[str, Any]]) -> LiveTable:
    """A table from its rows of catalogue.sql, one per column."""
    first = columns[0]
    return LiveTable(
        name=name,
        oid=first["table_oid"],
        columns=tuple(
            LiveColumn(
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
