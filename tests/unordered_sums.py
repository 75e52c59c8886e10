"""Sums of floating-point numbers whose order is the engine's to choose: added up by two threads
they differ in their last digits from run to run, and with them the marts of one snapshot."""

from __future__ import annotations

from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

SUMMED = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.Variance, exp.VariancePop)
FLOATING = {"DOUBLE", "FLOAT"}


def schema_of(con: duckdb.DuckDBPyConnection) -> MappingSchema:
    """The types of every column of every relation that a query may read."""
    types: dict[str, Any] = {}
    for schema, table, column, kind in con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where not internal order by column_index"
    ).fetchall():
        types.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return MappingSchema(types, dialect="duckdb")


def unordered_sums(sql: str, schema: MappingSchema) -> list[str]:
    """The sums and averages of floating-point numbers in a query that name no order."""
    query = sqlglot.parse_one(sql, read="duckdb")
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
    query = qualify(
        query, schema=schema, dialect="duckdb", validate_qualify_columns=False, identify=False
    )
    typed = annotate_types(query, schema=schema, dialect="duckdb")
    return [
        found.sql("duckdb")
        for found in typed.find_all(*SUMMED)
        if found.this.type is not None
        and found.this.type.sql() in FLOATING
        and not isinstance(found.this, exp.Order)
        and not _is_in_order(found)
    ]


def _is_in_order(summed: exp.Expr) -> bool:
    """Whether a window sums in the order that it names."""
    node = summed.parent
    while isinstance(node, exp.Filter):
        node = node.parent
    if not isinstance(node, exp.Window):
        return False
    select = node.find_ancestor(exp.Select)
    named = select.args.get("windows") or () if select else ()
    windows = [node, *(window for window in named if window.this.name == node.alias)]
    return any(window.args.get("order") is not None for window in windows)
