"""Columns that came, went or widened at the source, in raw.* and past.*."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from models.quoting import quoted
from pipelines.extract.load.merge import keep
from pipelines.extract.load.plan import TablePlan
from pipelines.extract.state.layout import PAST_METADATA, RAW_METADATA, history_view_sql

WIDENING = ("SMALLINT", "INTEGER", "BIGINT")


def fit_layout(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> list[str]:
    """Columns that came, went or widened at the source, in raw.* and past.*; what to report."""
    notes = []
    for plan in plans:
        schemas = ("raw", "past") if plan.table.has_history else ("raw",)
        existing = {
            schema: _columns(con, f"{schema}.{quoted(plan.table.name)}") for schema in schemas
        }
        statements, changes = layout_changes(plan, existing)
        for statement in statements:
            con.execute(statement)
        notes += changes
    return notes + [note for plan in plans for note in plan.notes]


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """Columns of a table and their types; duckdb_columns() would load the source's catalogue."""
    found = con.execute(f"from {name} limit 0").description or ()
    return {column[0]: str(column[1]) for column in found}


def layout_changes(
    plan: TablePlan, existing: dict[str, dict[str, str]]
) -> tuple[list[str], list[str]]:
    """Statements that fit raw.<table> and past.<table> to the plan, and what to report.

    `existing`: schema to column to DuckDB type, as the file has them. Before raw.<table> loses a
    column or its type, the versions that it holds go into past.<table> as they are.
    """
    name = plan.table.name
    wanted = {column.name: column.type for column in plan.raw}
    metadata = {column for column, _ in (*RAW_METADATA, *PAST_METADATA)}
    # DuckDB tells no cases apart: a column renamed from Tier to tier is the one it has
    raw, past = _by_lower_name(existing["raw"]), _by_lower_name(existing.get("past", {}))
    lower = {column.lower() for column in wanted}
    new = [column for column in wanted if column.lower() not in raw]
    other = [c for c in wanted if c.lower() in raw and raw[c.lower()] != wanted[c]]
    lost = sorted(c for c in existing["raw"] if c.lower() not in lower | metadata)
    settles = plan.table.has_history and bool(other or lost)
    statements = []
    if plan.table.has_history:
        kinds = {c: _wider(past.get(c.lower(), kind), kind) for c, kind in wanted.items()}
        statements += [
            _add(f"past.{quoted(name)}", column, kind=kind)
            if column.lower() not in past
            else _retype(f"past.{quoted(name)}", column, kind=kind)
            for column, kind in kinds.items()
            if past.get(column.lower()) != kind
        ]
        if settles:
            standing = [column for column in existing["raw"] if column not in metadata]
            statements.append(keep(plan.table, standing, rows=f"raw.{quoted(name)}"))
    target = f"raw.{quoted(name)}"
    statements += [_add(target, column, kind=wanted[column]) for column in new]
    statements += [_retype(target, column, kind=wanted[column]) for column in other]
    statements += [f"alter table {target} drop column {quoted(column)}" for column in lost]
    if settles:  # after the changes: DuckDB refuses to alter what a transaction has written
        statements.append(f"update {target} set _is_update = null")
    notes = [f"{name}.{column}: new at the source, taken along" for column in new]
    notes += [
        f"{name}.{column}: now {wanted[column]}, was {raw[column.lower()]}" for column in other
    ]
    notes += [f"{name}.{column}: gone from the source, kept in history only" for column in lost]
    if statements and plan.table.has_history:
        statements.append(history_view_sql(plan.table))
    return statements, notes


def _by_lower_name(columns: dict[str, str]) -> dict[str, str]:
    return {name.lower(): kind for name, kind in columns.items()}


def _add(target: str, column: str, *, kind: str) -> str:
    return f"alter table {target} add column {quoted(column)} {kind}"


def _retype(target: str, column: str, *, kind: str) -> str:
    return (
        f"alter table {target} alter column {quoted(column)} set data type {kind} "
        f"using try_cast({quoted(column)} as {kind})"
    )


def _wider(before: str, now: str) -> str:
    """A type that holds the values of both: of integers the wider one, else text."""
    if before in WIDENING and now in WIDENING:
        return max(before, now, key=WIDENING.index)
    return now if before == now else "VARCHAR"
