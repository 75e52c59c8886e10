"""What a select makes of the columns it reads: the sources of each of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from pipelines.transform.lineage.branches import NONE, Branch, Columns, Way, on_way

ROWS = "*"  # stands for a relation's rows, which a count is told from


def conditions_of(query: exp.Select) -> Iterator[exp.Expr]:
    """What every row of a select meets: its filter, and what its inner joins join on."""
    if where := query.args.get("where"):
        yield where.this
    for join in query.args.get("joins") or ():
        if not join.side and join.args.get("on"):
            yield join.args["on"]


def projected(query: exp.Select, way: Way, *, possible: Sequence[Way]) -> Branch:
    """The branch that a select makes on one of the ways that are possible."""
    columns = {ROWS: rows(query, way)}
    words = {}
    for projection in query.selects:
        left = on_way(projection.unalias(), way)
        if isinstance(left, exp.Literal) and left.is_string:
            words[projection.alias_or_name] = left.name
        # A window sees the rows of every way.
        seen = possible if left.find(exp.Window) else (way,)
        columns[projection.alias_or_name] = NONE.union(
            *(sources(on_way(projection.unalias(), each), query, way=each) for each in seen)
        )
    return Branch(columns, words)


def sources(expression: exp.Expr, query: exp.Select, *, way: Way) -> Columns:
    """The sources of an expression's value; of the rows where these are what it counts."""
    named = list(expression.find_all(exp.Column))
    valued = [column for column in named if not only_chooses(column)] or named
    found = NONE.union(*(way[c.table].columns.get(c.name, NONE) for c in valued if c.table in way))
    return found or (rows(query, way) if expression.find(exp.AggFunc, exp.Window) else NONE)


def rows(query: exp.Select, way: Way) -> Columns:
    """The sources of a query's rows: those of the relation that it reads first."""
    start = query.args.get("from_") or query.args.get("from")
    if start is None or start.this.alias_or_name not in way:
        return NONE
    return way[start.this.alias_or_name].columns.get(ROWS, NONE)


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
