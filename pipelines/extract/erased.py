"""Random words in the place of what leads to a person: id, order numbers, token hashes, codes.

The same word stands wherever the replaced one stood, in other people's rows too, so that repeats
stay repeats and no figure moves. What a word replaced is known by a salted hash only, and only
while the source still holds rows with it: they are read again under the same word.
"""

from __future__ import annotations

import secrets

import duckdb

from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.extract.layout import raw_columns

ERASURE_SALT = (("salt", "VARCHAR"),)
# What stands in place of a word of that salted hash; kind: person, order, token, code.
ERASED_WORDS = (("kind", "VARCHAR"), ("word_hash", "VARCHAR"), ("word", "VARCHAR"))
# People erased, by the random id under which their rows now stand.
ERASED = (("user_id", "UUID"), ("erased_at", "TIMESTAMP"))

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
PEOPLE = "select word::UUID from meta.erased_words where kind = 'person'"


def kinds_of(table: Table) -> dict[str, str]:
    """The columns of a table that hold words that lead to a person, and of what kind."""
    names = [column.name for column in raw_columns(table)]
    return {name: KIND_OF_COLUMN[name] for name in names if name in KIND_OF_COLUMN}


def is_keyed_by_person(table: Table) -> bool:
    """Whether rows are known by a column that erasing replaces."""
    return any(kinds_of(table).get(name) == "person" for name in table.key)


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


def read_under_their_words(table: Table) -> list[str]:
    """Of rows as read, in temp table `incoming`: words that were replaced are so again, and words
    of erased people that are new get one. Binds $salt."""
    kinds = kinds_of(table)
    statements = [_rename("incoming", column, "person") for column in kinds_in(kinds, "person")]
    if condition := owned(table, PEOPLE):
        for column in ("purchase_id", "purchase_token_hash", "link_token_hash"):
            if column in kinds:
                statements.append(_remember_new(kinds[column], column, condition))
        if "referral_code" in kinds:
            statements.append(_remember_new_codes(condition))
    statements += [
        _rename("incoming", column, kind) for column, kind in kinds.items() if kind != "person"
    ]
    return [*statements, *cleared(table, "incoming", PEOPLE)]


def kinds_in(kinds: dict[str, str], kind: str) -> list[str]:
    """The columns of one kind."""
    return [column for column, found in kinds.items() if found == kind]


def keys_under_their_words(table: Table) -> list[str]:
    """The same for temp table `keys`. Binds $salt."""
    kinds = kinds_of(table)
    return [_rename("keys", name, "person") for name in table.key if kinds.get(name) == "person"]


def _rename(target: str, column: str, kind: str) -> str:
    name = quoted(column)
    return (
        f"update {target} as t set {name} = {replaced(kind, f't.{name}', 'w.word')} "
        f"from meta.erased_words as w where w.kind = {literal(kind)} "
        f"and w.word_hash = {salted(plain(kind, f't.{name}'))}"
    )


def codes_of_nobody() -> str:
    """A query: the codes of discounts and partners, as they are compared."""
    queries = [
        f"select {plain('code', 'code')} from {schema}.{table}"
        for schema in ("raw", "past")
        for table in ("discount_codes", "cohorts")
    ]
    return f"select code from ({' union '.join(queries)}) as held(code) where code is not null"


def _remember_new_codes(condition: str) -> str:
    """Words of the form that codes have and that nobody has; four to choose from for each row. A
    code that is a discount's or a partner's too stays."""
    text, letters = plain("code", "referral_code"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    letter = f"substr({literal(letters)}, 1 + floor(random() * {len(letters)})::integer, 1)"
    holders = ("incoming", "raw.user_profile", "past.user_profile")
    taken = " union ".join(f"select {plain('code', 'referral_code')} from {t}" for t in holders)
    return (
        "insert into meta.erased_words select 'code', new.word_hash, free.word from "
        f"(select {salted('code')} as word_hash, row_number() over () as place from "
        f"(select distinct {text} as code from incoming where {condition}) "
        f"where code is not null and code not in ({codes_of_nobody()}) and {salted('code')} not in "
        "(select word_hash from meta.erased_words where kind = 'code')) as new inner join "
        "(select word, row_number() over () as place from "
        f"(select distinct 'U' || {' || '.join([letter] * 6)} as word from incoming, range(4) "
        f"where {condition}) where lower(word) not in "
        f"(select c from ({taken}) as t(c) where c is not null)) as free using (place)"
    )


def _remember_new(kind: str, column: str, condition: str) -> str:
    text = plain(kind, quoted(column))
    return (
        f"insert into meta.erased_words select {literal(kind)}, word_hash, "
        "'ERASED-' || upper(replace(uuid()::VARCHAR, '-', '')) from "
        f"(select distinct {salted(text)} as word_hash from incoming "
        f"where {condition} and {text} is not null) where word_hash not in "
        f"(select word_hash from meta.erased_words where kind = {literal(kind)})"
    )


def share_new(con: duckdb.DuckDBPyConnection) -> None:
    """Words that erased people's rows have just got also stand in what was read before: somebody
    else claimed the same order, and repeats stay repeats. `words_before` holds the earlier ones."""
    new = con.execute(
        "select distinct kind from meta.erased_words anti join words_before using (kind, word_hash)"
    ).fetchall()
    salt = {"salt": salt_of(con)}
    for table in TABLES if new else ():
        for column, kind in kinds_of(table).items():
            for schema in ("raw", "past") if table.has_history else ("raw",):
                if (kind,) in new:
                    con.execute(_rename(f"{schema}.{quoted(table.name)}", column, kind), salt)


def note_words(con: duckdb.DuckDBPyConnection) -> None:
    """What share_new compares with."""
    con.execute(
        "create or replace temp table words_before as select kind, word_hash from meta.erased_words"
    )


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Of words that the source no longer holds nothing is kept that tells what they replaced."""
    standing: dict[str, list[str]] = {}
    for table in TABLES:
        for column, kind in kinds_of(table).items():
            text = plain(kind, quoted(column))
            standing.setdefault(kind, []).append(f"select {text} from raw.{quoted(table.name)}")
    for kind, queries in standing.items():
        con.execute(
            f"delete from meta.erased_words where kind = {literal(kind)} and "
            f"{plain(kind, 'word')} not in (select held.word "
            f"from ({' union '.join(queries)}) as held(word) where held.word is not null)"
        )


def has_words(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether anything that may be read again was replaced."""
    return bool(con.execute("select count(*) from meta.erased_words").fetchone() != (0,))


def salt_of(con: duckdb.DuckDBPyConnection) -> str:
    """The file's salt; made when first asked for."""
    found = con.execute("select salt from meta.erasure_salt").fetchone()
    if found:
        return str(found[0])
    salt = secrets.token_hex(16)
    con.execute("insert into meta.erasure_salt values (?)", [salt])
    return salt
