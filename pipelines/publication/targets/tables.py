"""The published tables as engines hold them: types, keys, references, indexes, comments.

Everything is read from the published file. A key or a reference is declared where the rows bear it
out: a declaration that is not true would have a BI tool drop or double rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from models.errors import HypnomartError
from models.quoting import literal, quoted

PUBLISHED = "published"  # the catalog under which the published file is attached
ABOUT = ("publication", "marts")  # tables of its schema meta that come along
TYPES = {
    "BOOLEAN": "boolean", "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "integer",
    "BIGINT": "bigint", "HUGEINT": "numeric(38,0)", "UTINYINT": "smallint",
    "USMALLINT": "integer", "UINTEGER": "bigint", "UBIGINT": "numeric(20,0)", "FLOAT": "real",
    "DOUBLE": "double precision", "DATE": "date", "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "UUID": "uuid", "VARCHAR": "text",
}  # fmt: skip
COLUMNS_SQL = f"""
    select t.schema_name, t.table_name, t.comment, c.column_name, c.data_type, c.comment
    from duckdb_tables() as t
    inner join duckdb_columns() as c using (database_name, schema_name, table_name)
    where t.database_name = '{PUBLISHED}' and not t.temporary
        and (t.schema_name = 'main' or (t.schema_name = 'meta' and list_contains($about, t.table_name)))
    order by t.schema_name, t.table_name, c.column_index
"""  # noqa: E501


@dataclass(frozen=True)
class Column:
    """A column of the published file: its type there, and what its comment says."""

    name: str
    kind: str
    comment: str | None

    @property
    def is_text(self) -> bool:
        """Whether PostgreSQL holds it as text."""
        return self.kind.startswith("ENUM")

    @property
    def stored(self) -> str:
        """The type that PostgreSQL gives it. Raises HypnomartError for one that it lacks."""
        if self.is_text:
            return "text"
        if re.fullmatch(r"DECIMAL\(\d+,\d+\)", self.kind):
            return self.kind.replace("DECIMAL", "numeric")
        if self.kind.endswith("[]"):
            return replace(self, kind=self.kind[:-2]).stored + "[]"
        if self.kind not in TYPES:
            raise HypnomartError(
                f"Column {self.name} is of type {self.kind}, which has no counterpart in "
                "PostgreSQL; nothing was written there."
            )
        return TYPES[self.kind]

    @property
    def read(self) -> str:
        """DuckDB: the column as it is sent."""
        if self.is_text:
            return f"{quoted(self.name)}::varchar as {quoted(self.name)}"
        if self.kind in ("HUGEINT", "UBIGINT"):
            digits = self.stored.replace("numeric", "decimal")
            return f"{quoted(self.name)}::{digits} as {quoted(self.name)}"
        return quoted(self.name)


@dataclass(frozen=True)
class Reference:
    """A column whose every value is found in a column that is another table's key."""

    column: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """A table of the published file. `place`: where it stands there, quoted; `key`: the columns
    that identify a row, none where its rows do not bear that out."""

    name: str
    place: str
    comment: str | None
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    event_time: str | None = None
    references: tuple[Reference, ...] = ()
    schema: str = "main"

    @property
    def select(self) -> str:
        """DuckDB: its rows as they are sent."""
        return f"select {', '.join(column.read for column in self.columns)} from {self.place}"

    @property
    def indexed(self) -> tuple[str, ...]:
        """Columns by which BI tools filter and join, but for the one that leads the key."""
        wanted = (self.event_time, *(one.column for one in self.references))
        led = self.key[:1]
        return tuple(dict.fromkeys(name for name in wanted if name and name not in led))


def read_tables(con: duckdb.DuckDBPyConnection, about: Sequence[str] = ABOUT) -> list[Table]:
    """Every table of the file attached as `published`, with its columns and comments, and those of
    its schema meta that are named."""
    found: dict[str, Table] = {}
    for schema, name, said, column, kind, comment in con.execute(
        COLUMNS_SQL, {"about": list(about)}
    ).fetchall():
        table = found.get(name) or Table(
            name, f"{PUBLISHED}.{quoted(schema)}.{quoted(name)}", said, (), schema=schema
        )
        found[name] = replace(table, columns=(*table.columns, Column(column, kind, comment)))
    return list(found.values())


def create_statements(tables: Sequence[Table], schema: str) -> Iterator[str]:
    """PostgreSQL: the tables without their keys, which are cheaper once the rows are there."""
    for table in tables:
        body = ", ".join(f"{quoted(column.name)} {column.stored}" for column in table.columns)
        yield f"create table {quoted(schema)}.{quoted(table.name)} ({body})"


def finish_statements(tables: Sequence[Table], schema: str, *, server: int) -> Iterator[str]:
    """PostgreSQL: keys, indexes, references and comments. `server`: its version as a number.

    References are told, not enforced: the rows were just held against them. PostgreSQL 18 has a
    word for that; before, they are left unvalidated.
    """
    told = "not enforced" if server >= 180000 else "not valid"
    for table in tables:
        name = f"{quoted(schema)}.{quoted(table.name)}"
        if table.key:
            yield f"alter table {name} add primary key ({', '.join(map(quoted, table.key))})"
        for column in table.indexed:
            yield f"create index on {name} ({quoted(column)})"
        if table.comment:
            yield f"comment on table {name} is {literal(table.comment)}"
        for one in table.columns:
            if one.comment:
                yield f"comment on column {name}.{quoted(one.name)} is {literal(one.comment)}"
    for table in tables:
        for one_reference in table.references:
            yield (
                f"alter table {quoted(schema)}.{quoted(table.name)} add foreign key "
                f"({quoted(one_reference.column)}) references "
                f"{quoted(schema)}.{quoted(one_reference.table)} ({quoted(one_reference.key)}) "
                f"{told}"
            )
