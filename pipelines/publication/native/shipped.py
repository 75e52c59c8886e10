"""What the models read, which an engine that builds them is given: raw.*, past.*, meta.*, seeds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from models.marts import MARTS
from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import raw_columns
from pipelines.publication.targets.copies import opened
from pipelines.publication.targets.tables import Column
from pipelines.transform.lineage.table import ensure_table

SHIPPED = ("raw", "past", "meta", "seeds")
MADE = ("history", "staging", "intermediate", MARTS)  # there, of what was shipped
WORKING_FILE = "working"  # the catalog under which the working file is attached
TABLES_SQL = f"""
    select schema_name, table_name, list(column_name order by column_index),
        list(data_type order by column_index)
    from duckdb_columns()
    where database_name = '{WORKING_FILE}' and schema_name = any($schemas)
        and table_name in (select table_name from duckdb_tables())
        and (schema_name <> 'meta' or table_name in ('run_manifest', 'lineage'))
        and column_name <> '_xmin'  -- which no model reads, and which changes without the row
    group by all order by all
"""


@dataclass(frozen=True)
class Shipped:
    """A table of the working file."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def here(self) -> str:
        """Its name in DuckDB."""
        return f"{WORKING_FILE}.{quoted(self.schema)}.{quoted(self.name)}"

    def there(self, prefix: str) -> str:
        """Its name at a server, quoted."""
        return f"{quoted(prefix + self.schema)}.{quoted(self.name)}"


@contextmanager
def shipped(
    settings: Settings, *extensions: str
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[Shipped]]]:
    """A DuckDB in memory that reads the working file, and the tables to ship."""
    with duckdb.connect(str(settings.warehouse)) as con:
        ensure_table(con)  # where DuckDB never built
    with opened(settings, *extensions) as con:
        con.execute(f"attach {literal(str(settings.warehouse))} as {WORKING_FILE} (read_only)")
        found = con.execute(TABLES_SQL, {"schemas": list(SHIPPED)}).fetchall()
        yield con, [Shipped(schema, name, _columns(*typed)) for schema, name, *typed in found]


def _columns(names: list[str], kinds: list[str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind, None) for name, kind in zip(names, kinds, strict=True))


def rows_of(con: duckdb.DuckDBPyConnection, tables: list[Shipped]) -> int:
    """How many rows they hold."""
    counts = (con.execute(f"select count(*) from {table.here}").fetchall() for table in tables)
    return sum(int(count[0][0]) for count in counts)


def history_views(start: str, quote: str) -> Iterator[str]:
    """The views history.*, as the working file has them, without the run that saw a version.
    `start`: what names of schemas begin with; `quote`: the letter around a name."""
    for table in TABLES:
        if table.has_history:
            yield _history_view(table, start, quote=quote)


def _history_view(table: Table, start: str, *, quote: str) -> str:
    columns = ", ".join(f"{quote}{column.name}{quote}" for column in raw_columns(table))
    name = f"{quote}{table.name}{quote}"
    return (
        f"create view {start}history.{name} as "
        f"select {columns}, _unreadable, _op, _seen_at from {start}past.{name} union all "
        f"select {columns}, _unreadable, "
        "case when _is_update then 'update' else 'insert' end, _loaded_at "
        f"from {start}raw.{name} where _is_update is not null"
    )
