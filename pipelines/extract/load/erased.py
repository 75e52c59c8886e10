"""Rows of people erased are read again under the words that stand for them."""

from __future__ import annotations

import duckdb

from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.extract.state.erased import salt_of
from pipelines.extract.state.words import (
    cleared,
    codes_of_nobody,
    kinds_in,
    kinds_of,
    owned,
    plain,
    replaced,
    salted,
)

PEOPLE = "select word::UUID from meta.erased_words where kind = 'person'"


def read_under_their_words(table: Table) -> list[str]:
    """Of rows as read, in temp table `incoming`: words that were replaced are so again, and words
    of erased people that are new get one. Binds $salt."""
    kinds = kinds_of(table)
    statements = [
        _rename("incoming", column, kind="person") for column in kinds_in(kinds, "person")
    ]
    if condition := owned(table, PEOPLE):
        for column in ("purchase_id", "purchase_token_hash", "link_token_hash"):
            if column in kinds:
                statements.append(_remember_new(kinds[column], column, condition=condition))
        if "referral_code" in kinds:
            statements.append(_remember_new_codes(condition))
    statements += [
        _rename("incoming", column, kind=kind) for column, kind in kinds.items() if kind != "person"
    ]
    return [*statements, *cleared(table, "incoming", people=PEOPLE)]


def keys_under_their_words(table: Table) -> list[str]:
    """The same for temp table `keys`. Binds $salt."""
    kinds = kinds_of(table)
    return [
        _rename("keys", name, kind="person") for name in table.key if kinds.get(name) == "person"
    ]


def _rename(target: str, column: str, *, kind: str) -> str:
    name = quoted(column)
    return (
        f"update {target} as t set {name} = {replaced(kind, f't.{name}', word='w.word')} "
        f"from meta.erased_words as w where w.kind = {literal(kind)} "
        f"and w.word_hash = {salted(plain(kind, f't.{name}'))}"
    )


def _remember_new_codes(condition: str) -> str:
    """Words of the form that codes have and that nobody has; four to choose from for each row. A
    code that is a discount's or a partner's too stays."""
    text, letters = plain("code", "referral_code"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    letter = f"substr({literal(letters)}, 1 + floor(random() * {len(letters)})::integer, 1)"
    holders = ("incoming", "raw.user_profile", "past.user_profile")
    taken = " union ".join(f"select {plain('code', 'referral_code')} from {t}" for t in holders)
    return (
        "insert into meta.erased_words select 'code', new.word_hash, unused.word from "
        f"(select {salted('code')} as word_hash, row_number() over () as place from "
        f"(select distinct {text} as code from incoming where {condition}) "
        f"where code is not null and code not in ({codes_of_nobody()}) and {salted('code')} not in "
        "(select word_hash from meta.erased_words where kind = 'code')) as new inner join "
        "(select word, row_number() over () as place from "
        f"(select distinct 'U' || {' || '.join([letter] * 6)} as word from incoming, range(4) "
        f"where {condition}) where lower(word) not in "
        f"(select c from ({taken}) as t(c) where c is not null)) as unused using (place)"
    )


def _remember_new(kind: str, column: str, *, condition: str) -> str:
    text = plain(kind, quoted(column))
    return (
        f"insert into meta.erased_words select {literal(kind)}, word_hash, "
        "'ERASED-' || upper(replace(uuid()::VARCHAR, '-', '')) from "
        f"(select distinct {salted(text)} as word_hash from incoming "
        f"where {condition} and {text} is not null) where word_hash not in "
        f"(select word_hash from meta.erased_words where kind = {literal(kind)})"
    )


def note_words(con: duckdb.DuckDBPyConnection) -> None:
    """What share_new compares with."""
    con.execute(
        "create or replace temp table words_before as select kind, word_hash from meta.erased_words"
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
                    con.execute(_rename(f"{schema}.{quoted(table.name)}", column, kind=kind), salt)
