"""Which source columns each column of a mart is told from, read from the SQL that dbt compiled.

A column's sources are the columns that its value is made of, followed through every CTE and model
down to tables that no model makes. What only filters, joins, groups or orders rows is left out, and
what only decides a case, unless the value is made of nothing else. A count of rows comes from
column `*` of the tables whose rows it counts. Which rows a filter or a join leaves out is not
followed: subscriptions' MRR names the amounts of credit packs, since both are priced together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

# A column of a relation: (table, column); table is "schema.table" until the end.
Column = tuple[str, str]
Columns = frozenset[Column]
ROWS = "*"
# What the pipeline says of its own work is no source of a mart: clocks, runs, lineage itself.
OURS = ("meta", "quality")
NONE: Columns = frozenset()


@dataclass(frozen=True)
class LineageRow:
    """One source column of one mart column."""

    mart: str
    column_name: str
    source_table: str
    source_column: str


def lineage_rows(
    compiled: Mapping[str, str], marts: Iterable[str], schema: Mapping[str, Mapping[str, list[str]]]
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
            for column, sources in tracer.model(mart).items()
            if column != ROWS
            for source in sources
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
    known: dict[str, dict[str, Columns]] = field(default_factory=dict)

    def model(self, name: str) -> dict[str, Columns]:
        """The sources of each column of a model, and of its rows under `*`."""
        if name not in self.known:
            root = build_scope(self.queries[name])
            self.known[name] = {} if root is None else self.scope(root, {})
        return self.known[name]

    def scope(self, scope: Scope, done: dict[int, dict[str, Columns]]) -> dict[str, Columns]:
        """The sources of each output column of a query, and of its rows."""
        key = id(scope.expression)
        if key in done:
            return done[key]
        done[key] = {}  # a recursive CTE meets itself, and adds nothing of its own
        if scope.set_operation_scopes:
            done[key] = self.union([self.scope(part, done) for part in scope.set_operation_scopes])
            return done[key]
        rows = self.rows(scope, done)
        found = {ROWS: rows}
        for projection in selects(scope.expression):
            columns = [c for c in projection.find_all(exp.Column) if not only_chooses(c)]
            columns = columns or list(projection.find_all(exp.Column))
            sources = NONE.union(*(self.column(column, scope, done) for column in columns))
            if not sources and projection.find(exp.AggFunc, exp.Window):
                sources = rows
            found[projection.alias_or_name] = sources
        done[key] = found
        return found

    def union(self, parts: list[dict[str, Columns]]) -> dict[str, Columns]:
        """Columns of a union go by place; their names are the first part's."""
        names = list(parts[0])
        others = [list(part.values()) for part in parts]
        return {
            name: NONE.union(*(values[place] for values in others if place < len(values)))
            for place, name in enumerate(names)
        }

    def column(
        self, column: exp.Column, scope: Scope, done: dict[int, dict[str, Columns]]
    ) -> Columns:
        """The sources of one column as a query names it; outer queries' columns included."""
        place: Scope | None = scope
        while place is not None:
            if column.table in place.sources:
                source = self.source(place.sources[column.table], done)
                return source.get(column.name, NONE)
            place = place.parent
        return NONE

    def rows(self, scope: Scope, done: dict[int, dict[str, Columns]]) -> Columns:
        """The sources of a query's rows: those of the relation that it reads first."""
        start = scope.expression.args.get("from_") or scope.expression.args.get("from")
        if start is None or start.this.alias_or_name not in scope.sources:
            return NONE
        return self.source(scope.sources[start.this.alias_or_name], done).get(ROWS, NONE)

    def source(
        self, source: exp.Table | Scope, done: dict[int, dict[str, Columns]]
    ) -> Mapping[str, Columns]:
        """The columns of what a query reads: a CTE, a model, or a table that no model makes."""
        if isinstance(source, Scope):
            return self.scope(source, done)
        name = f"{source.db}.{source.name}"
        if name in self.queries:
            return self.model(name)
        return {} if source.db in OURS else TableItself(source.name)


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


def selects(query: exp.Expr) -> list[exp.Expr]:
    """What a query puts out, column by column; nothing for anything but a query."""
    return query.selects if isinstance(query, exp.Query) else []


def only_chooses(column: exp.Column) -> bool:
    """Whether a column gives no value: it partitions or orders a window, or decides a case."""
    node: exp.Expr | None = column
    while node is not None and node.parent is not None:
        if isinstance(node, exp.Order):
            return True
        if isinstance(node.parent, exp.Window) and node.arg_key != "this":
            return True
        if isinstance(node.parent, exp.Case | exp.If) and node.arg_key == "this":
            return True
        node = node.parent
    return False
