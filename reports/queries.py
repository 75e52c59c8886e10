"""The queries of reports/sql: their text as it can be run, and what they say of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.quoting import literal

SQL_FOLDER = Path(__file__).with_name("sql")
PARAMETER = re.compile(r"\$(\w+)")
# A line of the head such as "-- cost_usd: List price less the price paid." says what a column is
# that the query makes itself; the marts' own comments say the rest.
MEANING = re.compile(r"^-- (\w+): (.+)\n", re.MULTILINE)
LIMIT = re.compile(r"\blimit (\d+)$")
Row = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """A query with its values written in, the meanings of columns that it makes itself, and the
    table that it needs where that is not published."""

    sql: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    lacks: str = ""

    @property
    def most(self) -> int | None:
        """As many rows as it gives at most; None where it gives all."""
        found = LIMIT.search(self.sql)
        return int(found[1]) if found else None


class Rows(list[Row]):
    """Rows, and the query that gave them."""

    def __init__(self, rows: list[Row], query: Query) -> None:
        super().__init__(rows)
        self.query = query

    def oldest_first(self) -> Rows:
        """The rows of a query that puts the newest first, turned around."""
        return Rows(self[::-1], self.query)

    def where(self, column: str, value: Any) -> Rows:
        """The rows that have a value."""
        return Rows([row for row in self if row[column] == value], self.query)


def query_text(name: str) -> str:
    """The file reports/sql/<name>.sql."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def used(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a query names."""
    return {name: parameters[name] for name in PARAMETER.findall(text)}


def query_of(text: str, parameters: Mapping[str, Any]) -> Query:
    """The query as somebody may run it: without what it says of columns, values in place."""
    bare = MEANING.sub("", text)
    sql = PARAMETER.sub(lambda match: _literal(parameters[match[1]]), bare)
    return Query(sql.strip(), dict(MEANING.findall(text)))


def query_behind(rows: list[Row]) -> Query:
    """The query of rows, an empty one where they came from none."""
    return rows.query if isinstance(rows, Rows) else Query()


def _literal(value: Any) -> str:
    text = literal(str(value))
    return text if isinstance(value, str) else f"date {text}"
