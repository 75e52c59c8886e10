"""Random words in the place of what leads to a person: id, order numbers, token hashes, codes.

The same word stands wherever the replaced one stood, in other people's rows too, so that repeats
stay repeats and no figure moves. What a word replaced is known by a salted hash only, and only
while the source still holds rows with it: they are read again under the same word.
"""

from __future__ import annotations

from models.quoting import quoted
from models.tables import Table


def kinds_of(table: Table) -> dict[str, str]:
    """The columns of a table that hold words that lead to a person, and of what kind."""
    return {column.kept_as: column.mention for column in table.columns if column.mention}


def is_keyed_by_person(table: Table) -> bool:
    """Whether rows are known by a column that erasing replaces."""
    return any(kinds_of(table).get(name) == "person" for name in table.key)


def kinds_in(kinds: dict[str, str], kind: str) -> list[str]:
    """The columns of one kind."""
    return [column for column, found in kinds.items() if found == kind]


def plain(kind: str, expression: str) -> str:
    """DuckDB: a word as it is compared: order numbers without the number of the renewal."""
    if kind == "order":
        text = f"regexp_replace(lower(trim({expression})), '\\.\\.[0-9]+$', '')"
        return f"nullif({text}, '')"
    if kind == "code":
        return f"nullif(lower(trim({expression})), '')"
    return f"nullif({expression}::VARCHAR, '')"


def replaced(kind: str, expression: str, *, word: str) -> str:
    """DuckDB: what a column says once `word` stands in it."""
    if kind == "person":
        return f"{word}::UUID"
    if kind == "order":
        return f"{word} || regexp_extract(trim({expression}), '(\\.\\.[0-9]+)$', 1)"
    return word


def salted(expression: str) -> str:
    """DuckDB: the salted hash of a word. Binds $salt."""
    return f"sha256($salt || ':' || {expression})"


def owned(table: Table, people: str) -> str:
    """DuckDB: whether a row is one of people's; empty for tables of nobody."""
    if table.owned_through:
        column, owner = table.owned_through
        owners = " union ".join(
            f"select id from {schema}.{quoted(owner)} where user_id in ({people})"
            for schema in ("raw", "past")
        )
        return f"{quoted(column)} in ({owners})"
    return f"user_id in ({people})" if "user_id" in kinds_of(table) else ""


def cleared(table: Table, target: str, *, people: str) -> list[str]:
    """Statements that empty what else could lead from rows of `target` back to people."""
    return [
        f"update {target} set {quoted(column.name)} = {column.erased} "
        f"where user_id in ({people}) and {quoted(column.name)} is not null"
        for column in table.columns
        if column.erased
    ]


def codes_of_nobody() -> str:
    """A query: the codes of discounts and partners, as they are compared."""
    queries = [
        f"select {plain('code', 'code')} from {schema}.{table}"
        for schema in ("raw", "past")
        for table in ("discount_codes", "cohorts")
    ]
    return f"select code from ({' union '.join(queries)}) as held(code) where code is not null"
