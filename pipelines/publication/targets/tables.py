"""The published tables as engines hold them: types, keys, references, indexes, comments.

Everything is read from the published file. A key or a reference is declared where the rows bear it
out: a declaration that is not true would have a BI tool drop or double rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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


def with_keys(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> list[Table]:
    """The same with keys and references, each tried on the rows."""
    marts = _marts(con)
    keyed = {}
    for table in tables:
        key, event_time = marts.get(table.name, ((), None))
        one = replace(table, key=key, event_time=event_time)
        keyed[table.name] = replace(one, key=_borne_out(con, one))
    return [
        replace(one, references=tuple(_references(con, one, tables=keyed)))
        for one in keyed.values()
    ]


def _marts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[tuple[str, ...], str | None]]:
    """Key and dating column of each mart; none where an earlier version published."""
    try:
        rows = con.execute(
            f"select mart, key_columns, event_time from {PUBLISHED}.meta.marts"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {name: (tuple(key), event_time) for name, key, event_time in rows}


def _borne_out(con: duckdb.DuckDBPyConnection, table: Table) -> tuple[str, ...]:
    """The table's key, if it identifies its rows and is never null."""
    names = ", ".join(map(quoted, table.key))
    if not table.key:
        return ()
    lacks = " or ".join(f"{quoted(name)} is null" for name in table.key)
    faults = con.execute(
        f"select 1 from {table.place} group by {names} having count(*) > 1 or bool_or({lacks}) "
        "limit 1"
    ).fetchone()
    return () if faults else table.key


def _references(
    con: duckdb.DuckDBPyConnection, table: Table, *, tables: Mapping[str, Table]
) -> Iterator[Reference]:
    """What a table's columns point to, where each of their values is found there."""
    for column in table.columns:
        if (one := _pointed_to(column, table, tables=tables)) is None:
            continue
        orphan = con.execute(
            f"select 1 from {table.place} as t anti join {tables[one.table].place} as o "
            f"on t.{quoted(one.column)} = o.{quoted(one.key)} "
            f"where t.{quoted(one.column)} is not null limit 1"
        ).fetchone()
        if orphan is None:
            yield one


def _pointed_to(column: Column, table: Table, *, tables: Mapping[str, Table]) -> Reference | None:
    """The table whose single key has the column's name, dimensions first; of a date that dates the
    rows, dim_dates."""
    named = [
        other
        for other in tables.values()
        if other.key == (column.name,)
        and other.name != table.name
        and (other.name.startswith("dim_") or column.name.endswith("_id"))
        and _kind(other, column.name) == column.kind
    ]
    dimensions = [other for other in named if other.name.startswith("dim_")]
    if dimensions or (len(named) == 1 and table.key != (column.name,)):
        return Reference(column.name, (dimensions or named)[0].name, column.name)
    dates = tables.get("dim_dates")
    if column.name == table.event_time and column.kind == "DATE" and dates and dates != table:
        return Reference(column.name, dates.name, dates.key[0]) if dates.key else None
    return None


def _kind(table: Table, column: str) -> str | None:
    return next((one.kind for one in table.columns if one.name == column), None)


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
