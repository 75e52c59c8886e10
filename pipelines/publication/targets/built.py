"""Marts that the target built itself: their rows are published from where they were built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from models.errors import BadConfiguration, ChecksFailed
from models.quoting import quoted
from pipelines.publication.targets.server import Row, rows
from pipelines.publication.targets.tables import Table

STANDING = """
    select relname::text as name from pg_catalog.pg_class
    where relkind = 'r' and relnamespace = to_regnamespace(%(schema)s)
"""
AGAIN = (
    "Run `hypnomart build --engine postgres`, then `check` and `publish` with the same; the marts "
    "there are as before."
)


@dataclass(frozen=True)
class BuiltThere:
    """Marts, and the schema of the target in which they were built."""

    schema: str
    marts: frozenset[str]

    def refuse_lacking(self, conn: psycopg.Connection[Row]) -> None:
        """Raise BadConfiguration where one of them is gone."""
        found = rows(conn, STANDING, schema=quoted(self.schema))
        if lacking := self.marts - {row["name"] for row in found}:
            raise BadConfiguration(f"The target has no {self.schema}.{min(lacking)}. {AGAIN}")

    def take(self, conn: psycopg.Connection[Row], tables: Sequence[Table], *, schema: str) -> None:
        """Fill those tables of a schema that are among them."""
        for table in tables:
            if table.name in self.marts:
                columns = ", ".join(quoted(column.name) for column in table.columns)
                into = f"insert into {quoted(schema)}.{quoted(table.name)} ({columns})"
                source = f"{quoted(self.schema)}.{quoted(table.name)}"
                conn.execute(f"{into} select {columns} from {source}".encode())

    def other(self, table: str) -> ChecksFailed:
        """The error of a mart there that holds something else than what was approved."""
        return ChecksFailed(
            f"{self.schema}.{table} at the target is not what was built and checked: something "
            f"else wrote to it. {AGAIN}"
        )


NONE = BuiltThere("", frozenset())
