"""Which source columns each column of a mart is told from, read from the SQL that dbt compiled.

A column's sources are the columns that its value is made of, followed through every CTE and model
down to tables that no model makes. What only filters, joins, groups or orders rows is left out, and
what only decides a case, unless the value is made of nothing else. A count of rows comes from
column `*` of the tables whose rows it counts. Of the rows that a filter or a join leaves out, only
those are followed that carry a word of their own (see branches): receipts of one table, say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from pipelines.transform.lineage.branches import (
    NONE,
    Branch,
    Branches,
    Columns,
    is_ruled_out,
    merged,
    one,
    stacked,
    ways,
)
from pipelines.transform.lineage.projection import ROWS, conditions_of, projected

# What the pipeline says of its own work is no source of a mart: clocks, runs, lineage itself.
OURS = ("meta", "quality")


@dataclass(frozen=True)
class LineageRow:
    """One source column of one mart column."""

    mart: str
    column_name: str
    source_table: str
    source_column: str


def lineage_rows(
    compiled: Mapping[str, str],
    marts: Iterable[str],
    *,
    schema: Mapping[str, Mapping[str, list[str]]],
) -> list[LineageRow]:
    """The sources of every column of `marts`, in order.

    `compiled` holds each model's SQL by schema.table, `schema` the columns of every relation that
    these read, by schema and table.
    """
    typed: dict[str, object] = {
        name: {table: dict.fromkeys(columns, "unknown") for table, columns in tables.items()}
        for name, tables in schema.items()
    }
    queries = {name: qualified(sql, typed) for name, sql in compiled.items()}
    tracer = Tracer(queries)
    return sorted(
        (
            LineageRow(mart.partition(".")[2], column, *source)
            for mart in marts
            for column, found in one(tracer.model(mart)).columns.items()
            if column != ROWS
            for source in found
        ),
        key=lambda row: (row.mart, row.column_name, row.source_table, row.source_column),
    )


def qualified(sql: str, schema: dict[str, object]) -> exp.Expr:
    """A query whose columns all name their relation, and whose stars are written out."""
    query = sqlglot.parse_one(sql, read="duckdb")
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
    known = MappingSchema(schema, dialect="duckdb")
    return qualify(query, schema=known, validate_qualify_columns=False, identify=False)


@dataclass
class Tracer:
    """Follows columns through models; `queries` holds the qualified SQL of each by schema.table."""

    queries: Mapping[str, exp.Expr]
    known: dict[str, Branches] = field(default_factory=dict)

    def model(self, name: str) -> Branches:
        """The branches of a model's rows."""
        if name not in self.known:
            root = build_scope(self.queries[name])
            self.known[name] = (Branch(),) if root is None else self.scope(root, {})
        return self.known[name]

    def scope(self, scope: Scope, done: dict[int, Branches]) -> Branches:
        """The branches of a query's rows."""
        key = id(scope.expression)
        if key not in done:
            done[key] = (Branch(),)  # a recursive CTE meets itself, and adds nothing of its own
            if scope.set_operation_scopes:
                done[key] = stacked([self.scope(part, done) for part in scope.set_operation_scopes])
            elif isinstance(scope.expression, exp.Select):
                done[key] = self.select(scope, scope.expression, done=done)
        return done[key]

    def select(self, scope: Scope, query: exp.Select, *, done: dict[int, Branches]) -> Branches:
        """The branches that a select makes of those it joins, where no condition rules them out."""
        outer = self.outer(scope, query, done=done)
        read = {
            name: self.source(source, done) for name, (_, source) in scope.selected_sources.items()
        }
        conditions = list(conditions_of(query))
        possible = [
            way
            for way in ({**outer, **way} for way in ways(read))
            if not any(is_ruled_out(condition, way) for condition in conditions)
        ]
        return merged(projected(query, way, possible=possible) for way in possible) or (Branch(),)

    def outer(
        self, scope: Scope, query: exp.Select, *, done: dict[int, Branches]
    ) -> dict[str, Branch]:
        """What a query names of the relations of those around it."""
        named = {column.table for column in query.find_all(exp.Column)} - set(scope.sources)
        found: dict[str, Branch] = {}
        place = scope.parent
        while place is not None:
            for name in named & place.selected_sources.keys() - found.keys():
                found[name] = one(self.source(place.selected_sources[name][1], done))
            place = place.parent
        return found

    def source(self, source: exp.Table | Scope, done: dict[int, Branches]) -> Branches:
        """The branches of what a query reads: a CTE, a model, or a table that no model makes."""
        if isinstance(source, Scope):
            return self.scope(source, done)
        name = f"{source.db}.{source.name}"
        if name in self.queries:
            return self.model(name)
        return (Branch({} if source.db in OURS else TableItself(source.name)),)


class TableItself(Mapping[str, Columns]):
    """Every column of a table that no model makes is its own source, save the pipeline's own."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __getitem__(self, column: str) -> Columns:
        return NONE if column.startswith("_") else frozenset({(self.table, column)})

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
