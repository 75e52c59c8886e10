"""Random words in the place of what leads to a person: id, order numbers, token hashes, codes.

The same word stands wherever the replaced one stood, in other people's rows too, so that repeats
stay repeats and no figure moves. What a word replaced is known by a salted hash only, and only
while the source still holds rows with it: they are read again under the same word.
"""

from __future__ import annotations

from models.quoting import quoted
from models.tables import Table
from pipelines.extract.state.layout import raw_columns

KIND_OF_COLUMN = {
    "user_id": "person",
    "referred_user_id": "person",
    "referrer_user_id": "person",
    "purchase_id": "order",
    "purchase_token_hash": "token",
    "link_token_hash": "token",
    "referral_code": "code",
    "referred_by_code": "code",
}
# Of an owned row: text that could lead back, and digests of what only its owner has.
CLEARED = {
    ("audio_usage", "title"): "null",
    ("custom_courses", "checksum"): "md5(user_id::VARCHAR)",
    ("cached_handshake_responses", "checksum"): "md5(user_id::VARCHAR)",
}
# Reached through another table: (own column, that table).
INDIRECT: dict[str, tuple[str, str]] = {"custom_course_purchases": ("course_id", "custom_courses")}


def kinds_of(table: Table) -> dict[str, str]:
    """The columns of a table that hold words that lead to a person, and of what kind."""
    names = [column.name for column in raw_columns(table)]
    return {name: KIND_OF_COLUMN[name] for name in names if name in KIND_OF_COLUMN}


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


def replaced(kind: str, expression: str, word: str) -> str:
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
    if table.name in INDIRECT:
        column, owner = INDIRECT[table.name]
        owners = " union ".join(
            f"select id from {schema}.{quoted(owner)} where user_id in ({people})"
            for schema in ("raw", "past")
        )
        return f"{quoted(column)} in ({owners})"
    return f"user_id in ({people})" if "user_id" in kinds_of(table) else ""


def cleared(table: Table, target: str, people: str) -> list[str]:
    """Statements that empty what else could lead from rows of `target` back to people."""
    return [
        f"update {target} set {quoted(column)} = {value} "
        f"where user_id in ({people}) and {quoted(column)} is not null"
        for (name, column), value in CLEARED.items()
        if name == table.name
    ]


def codes_of_nobody() -> str:
    """A query: the codes of discounts and partners, as they are compared."""
    queries = [
        f"select {plain('code', 'code')} from {schema}.{table}"
        for schema in ("raw", "past")
        for table in ("discount_codes", "cohorts")
    ]
    return f"select code from ({' union '.join(queries)}) as held(code) where code is not null"
