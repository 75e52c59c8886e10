"""One table's load inside the transaction: what it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.extract.load.plan import TablePlan
from pipelines.extract.load.select import local_select, remote_select
from pipelines.extract.source.connection import rows
from pipelines.extract.source.readers import Reader
from pipelines.extract.state.checksums import Checksum


@dataclass(frozen=True)
class TableLoad:
    """A table's load: who reads, the plan, and the reason if in full. `watermark_xmin`: from which
    transaction on rows may be new. `checksum`: what the last extraction left in raw.<table>, where
    that is known. `totals`: those of the last extraction, where nothing was written at the source
    since then."""

    reader: Reader
    plan: TablePlan
    hash_key: str
    why_all: str
    watermark_xmin: int = 0
    salt: str = ""
    has_erased_words: bool = False
    checksum: Checksum | None = None
    totals: dict[str, Decimal] | None = None

    def through(self, reader: Reader) -> TableLoad:
        """The same load by another reader."""
        return replace(self, reader=reader)

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Rows of a PostgreSQL query."""
        return rows(self.reader.con, query, source=self.reader.source)

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run one statement of DuckDB SQL with those of the run's values that it binds."""
        values = {
            "as_of_at": self.reader.snapshot.as_of_at,
            "hash_key": self.hash_key,
            "salt": self.salt,
        }
        (statement,) = self.reader.con.extract_statements(sql)
        bound = {name: values[name] for name in statement.named_parameters}
        return self.reader.con.execute(statement, bound or None)

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        found = self.execute(sql).fetchone()
        return int(found[0]) if found else 0

    def select(self, where: str = "") -> str:
        """DuckDB: the rows of the source for which a PostgreSQL condition holds."""
        query = remote_select(self.plan, where)
        next_xid = self.reader.snapshot.next_xid
        return local_select(self.plan, query, next_xid=next_xid, source=self.reader.source)
