"""Keys and references of the published tables, each tried on the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from models.quoting import quoted
from pipelines.publication.targets.tables import PUBLISHED, Column, Reference, Table


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
