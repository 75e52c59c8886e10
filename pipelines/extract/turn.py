"""One table's turn inside the transaction: what it needs and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.extract.connection import rows
from pipelines.extract.marks import Held, Server
from pipelines.extract.plan import SOURCE, TablePlan, local_select, remote_select


@dataclass(frozen=True)
class TableCounts:
    """What happened to one table. `bytes`: about what was read, from the table's size."""

    table_name: str
    source_rows: int
    warehouse_rows: int
    changed_rows: int
    deleted_rows: int
    seconds: float
    bytes: int
    started_at: datetime
    finished_at: datetime
    why_all: str = ""


@dataclass(frozen=True)
class TableDone:
    """One table's turn when it is over. `totals`: measures for meta.source_totals, rows and
    sum_<column>, without people erased here."""

    counts: TableCounts
    totals: dict[str, Decimal]
    held: Held


@dataclass(frozen=True)
class Turn:
    """What a table's turn needs: the open transaction, the plan, the run and the reason if full.
    `held`: what the last extraction left in raw.<table>, where that is known. `totals`: those of
    the last extraction, where nothing was written at the source since then."""

    con: duckdb.DuckDBPyConnection
    plan: TablePlan
    server: Server
    run_id: str
    hash_key: str
    why_all: str
    mark_xmin: int = 0
    salt: str = ""
    has_erased_words: bool = False
    held: Held | None = None
    totals: dict[str, Decimal] | None = None
    source: str = SOURCE

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Rows of a PostgreSQL query."""
        return rows(self.con, query, self.source)

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run one statement of DuckDB SQL with those of the run's values that it binds."""
        values = {
            "run_id": self.run_id,
            "as_of_at": self.server.as_of_at,
            "hash_key": self.hash_key,
            "salt": self.salt,
            "table_name": self.plan.table.name,
        }
        (statement,) = self.con.extract_statements(sql)
        bound = {name: values[name] for name in statement.named_parameters}
        return self.con.execute(statement, bound or None)

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        found = self.execute(sql).fetchone()
        return int(found[0]) if found else 0

    def select(self, where: str = "") -> str:
        """DuckDB: the rows of the source for which a PostgreSQL condition holds."""
        query = remote_select(self.plan, where)
        return local_select(self.plan, query, self.server.next_xid, self.source)


def now() -> datetime:
    """The present, in UTC without zone, as the working file keeps times."""
    return datetime.now(UTC).replace(tzinfo=None)
