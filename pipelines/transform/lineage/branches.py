"""Rows of one relation that come from different places, told apart by the words they carry.

A union of receipts names each row's table in a column: whoever reads the rows of one table only has
nothing from the others. A branch is such a part of a relation's rows: the sources of its columns,
and the columns that hold one word throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

# A column of a relation: (table, column); table is "schema.table" until the end.
Column = tuple[str, str]
Columns = frozenset[Column]
NONE: Columns = frozenset()
# Beyond these, parts are told from each other no more: time grows with their product.
MOST_BRANCHES, MOST_WAYS = 16, 64


@dataclass(frozen=True)
class Branch:
    """The sources of each column, and the word of each column that holds but one."""

    columns: Mapping[str, Columns] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


Branches = tuple[Branch, ...]
# One branch of each relation that a query joins, by the name that it has there.
Way = Mapping[str, Branch]


def one(branches: Iterable[Branch]) -> Branch:
    """All branches as one, which holds the words that all of them share."""
    first, *others = branches
    if not others:
        return first
    columns = dict(first.columns)
    words = set(first.words.items())
    for branch in others:
        words &= set(branch.words.items())
        for name, sources in branch.columns.items():
            columns[name] = columns.get(name, NONE) | sources
    return Branch(columns, dict(words))


def merged(branches: Iterable[Branch]) -> Branches:
    """The branches, those of equal words as one; all as one where they are too many."""
    alike: dict[frozenset[tuple[str, str]], list[Branch]] = {}
    for branch in branches:
        alike.setdefault(frozenset(branch.words.items()), []).append(branch)
    found = tuple(map(one, alike.values()))
    return found if len(found) <= MOST_BRANCHES else (one(found),)


def stacked(parts: Sequence[Branches]) -> Branches:
    """The branches of a union: columns go by place, their names are the first part's."""
    names = list(next((branch.columns for part in parts for branch in part), {}))
    found = []
    for branch in (branch for part in parts for branch in part):
        named = dict(zip(branch.columns, names, strict=False))
        found.append(
            Branch(
                {named[name]: sources for name, sources in branch.columns.items() if name in named},
                {named[name]: word for name, word in branch.words.items() if name in named},
            )
        )
    return merged(found)


def ways(read: Mapping[str, Branches]) -> Iterator[Way]:
    """Every choice of one branch from each relation."""
    known = dict(read)
    while prod(map(len, known.values())) > MOST_WAYS:
        largest = max(known, key=lambda name: len(known[name]))
        known[largest] = (one(known[largest]),)
    for chosen in product(*known.values()):
        yield dict(zip(known, chosen, strict=True))


def on_way(expression: exp.Expr, way: Way) -> exp.Expr:
    """What is left of an expression where the words are known that columns hold on this way."""
    if not any(_word(column, way) for column in expression.find_all(exp.Column)):
        return expression
    spoken: exp.Expr = simplify(expression.transform(_spoken, way), dialect="duckdb")
    return spoken.transform(_emptied)


def is_ruled_out(condition: exp.Expr, way: Way) -> bool:
    """Whether no row on this way meets a condition."""
    return bool(on_way(condition, way) == exp.false())


def _word(column: exp.Expr, way: Way) -> str | None:
    if isinstance(column, exp.Column) and column.table in way:
        return way[column.table].words.get(column.name)
    return None


def _spoken(node: exp.Expr, way: Way) -> exp.Expr:
    """A column's word in its place; a list of words as the equalities that it stands for."""
    word = _word(node.this if isinstance(node, exp.In) else node, way)
    if word is None or (isinstance(node, exp.In) and not node.expressions):
        return node
    spoken = exp.Literal.string(word)
    if isinstance(node, exp.In):
        return exp.or_(*(exp.EQ(this=spoken, expression=each) for each in node.expressions))
    return spoken


def _emptied(node: exp.Expr) -> exp.Expr:
    """Nothing for an aggregate that adds up no row, or only nothings."""
    if isinstance(node, exp.Filter) and node.expression.this == exp.false():
        return exp.Null()
    is_nothing = isinstance(node.this, exp.Null) or (
        isinstance(node, exp.Sum) and isinstance(node.this, exp.Literal) and node.name == "0"
    )
    return exp.Null() if isinstance(node, exp.AggFunc) and is_nothing else node
