"""Ask the published file: one statement, read-only, nothing outside the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from models.errors import BadConfiguration
from models.quoting import quoted
from pipelines.query.types import CARRIED, EXACT, is_number, target_type

TABLES = """
    select t.table_name, t.estimated_size as rows, coalesce(t.comment, '') as comment
    from duckdb_tables() as t where t.schema_name = 'main' order by t.table_name
"""
COLUMNS = """
    select column_name, data_type, coalesce(comment, '') as comment from duckdb_columns()
    where schema_name = 'main' and table_name = $name order by column_index
"""
ANSWERING = ("SELECT", "EXPLAIN", "CALL")


@dataclass(frozen=True)
class Answer:
    """Rows whose values Python holds exactly: null, bool, int, float, Decimal, str, list, dict."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def is_number(self, column: int) -> bool:
        """Whether a column holds numbers, which stand to the right."""
        return is_number(self.types[column])


def ask(published: Path, sql: str, *, values: Mapping[str, Any] | None = None) -> Answer:
    """The rows of one statement. Raises BadConfiguration in words of DuckDB's."""
    with _relation(published, sql, values=values) as relation:
        types = tuple(str(kind) for kind in relation.types)
        return Answer(tuple(relation.columns), types, _cast(relation, CARRIED).fetchall())


def ask_arrow(published: Path, sql: str, *, values: Mapping[str, Any] | None = None) -> Any:
    """The rows as an Arrow table whose types Parquet keeps exactly."""
    with _relation(published, sql, values=values) as relation:
        try:
            return _cast(relation, EXACT).to_arrow_table()
        except duckdb.ConversionException:  # an integer of 39 digits
            return _cast(relation, EXACT | {"HUGEINT": "VARCHAR"}).to_arrow_table()


def describe(published: Path, mart: str) -> Answer:
    """The columns of a mart. Raises BadConfiguration with the nearest names."""
    found = ask(published, COLUMNS, values={"name": mart})
    if not found.rows:
        from difflib import get_close_matches

        marts = [str(name) for name, *_ in ask(published, TABLES).rows]
        close = get_close_matches(mart, marts, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else "--tables lists them."
        raise BadConfiguration(f"There is no mart {mart!r}; {hint}")
    return found


@contextmanager
def _relation(
    published: Path, sql: str, *, values: Mapping[str, Any] | None
) -> Iterator[duckdb.DuckDBPyRelation]:
    try:
        with opened(published) as con:
            yield _asked(con, sql, values=values)
    except duckdb.Error as error:
        raise BadConfiguration(f"The query failed: {error}") from error


def relation(
    published: Path, sql: str, *, values: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyRelation:
    """One statement as a relation, which keeps the file open for as long as it lives. Raises
    BadConfiguration in words of DuckDB's."""
    try:
        return _asked(opened(published), sql, values=values)
    except duckdb.Error as error:
        raise BadConfiguration(f"The query failed: {error}") from error


def opened(published: Path) -> duckdb.DuckDBPyConnection:
    """The published file, read-only; nothing outside it can be reached, and times are UTC."""
    if not published.exists():
        raise BadConfiguration(f"{published} does not exist yet; run `hypnomart run` first.")
    con = duckdb.connect(str(published), read_only=True)
    con.execute("set enable_external_access = false")
    con.execute("set timezone = 'UTC'")
    return con


def _asked(
    con: duckdb.DuckDBPyConnection, sql: str, *, values: Mapping[str, Any] | None
) -> duckdb.DuckDBPyRelation:
    statements = con.extract_statements(sql)
    if not statements:
        raise BadConfiguration("The query is empty; `hypnomart query --help` shows one.")
    if len(statements) > 1:
        raise BadConfiguration(f"The query holds {len(statements)} statements; ask one at a time.")
    if (kind := statements[0].type.name) not in ANSWERING:
        raise BadConfiguration(
            f"The published file is only read, and {kind.lower()} has no answer; ask with select."
        )
    return con.sql(sql, params=dict(values) if values else None)


def _cast(relation: duckdb.DuckDBPyRelation, leaves: Mapping[str, str]) -> Any:
    """The relation with the types that Python or Arrow would bend cast to ones that they keep."""
    columns = []
    for number, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True), 1):
        columns.append(f"cast(#{number} as {target_type(kind, leaves)}) as {quoted(name)}")
    return relation.project(", ".join(columns))
