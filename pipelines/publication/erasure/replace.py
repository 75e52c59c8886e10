"""Random words put in the place of what leads to people, in every row of the working file."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb

from models.inserting import insert_rows
from models.marts import MARTS
from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.extract.state.erased import forget, salt_of
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

# Built anew from raw and history by `build`, and dropped until then.
REBUILT = (MARTS, "intermediate", "staging", "seeds")
ERASED_ALREADY = "select user_id from meta.erased"
# The words of one erasure: what stood there, and what stands there now.
WORDS = "create or replace temp table words (kind VARCHAR, plain VARCHAR, word VARCHAR)"
PERSONS = "select plain::UUID from words where kind = 'person'"
RENAMED = "select word::UUID from words where kind = 'person'"


@dataclass(frozen=True)
class Erasure:
    """Rows of raw and versions of past that now stand under random words, by table; only tables
    that held some."""

    raw: dict[str, int]
    history: dict[str, int]


def replace_people(
    con: duckdb.DuckDBPyConnection, people: Sequence[UUID], *, moment: datetime
) -> Erasure:
    """Give people of whom any row is held random words; temp table `words` then has them."""
    con.execute(WORDS)
    _name(con, people)
    _gather(con)
    _remove_elsewhere(con)
    raw: dict[str, int] = {}
    history: dict[str, int] = {}
    counts = {"raw": raw, "past": history}
    places = [(schema, t) for t in TABLES for schema in _schemas(t)]
    for schema, table in places:
        condition = owned(table, PERSONS)
        if condition and (
            count := _count(con, f"{schema}.{quoted(table.name)}", condition=condition)
        ):
            counts[schema][table.name] = count
    for schema, table in places:
        target = f"{schema}.{quoted(table.name)}"
        for column, kind in kinds_of(table).items():
            name = quoted(column)
            con.execute(
                f"update {target} as t set {name} = {replaced(kind, f't.{name}', word='w.word')} "
                f"from words as w where w.kind = {literal(kind)} "
                f"and w.plain = {plain(kind, f't.{name}')}"
            )
        for statement in cleared(table, target, people=RENAMED):
            con.execute(statement)
    salt = {"salt": salt_of(con)}
    con.execute(
        f"insert into meta.erased_words select kind, {salted('plain')}, word from words", salt
    )
    con.execute(
        "insert into meta.erased select word::UUID, ? from words where kind = 'person'", [moment]
    )
    forget(con)
    return Erasure(raw, history)


def _name(con: duckdb.DuckDBPyConnection, people: Sequence[UUID]) -> None:
    """Of people those of whom any table holds a row get their random ids."""
    con.execute("create or replace temp table asked (user_id UUID)")
    insert_rows(con, "asked", rows=[[person] for person in people])
    mentions = " union ".join(
        f"select {quoted(column)} from {schema}.{quoted(table.name)}"
        for table in TABLES
        for schema in _schemas(table)
        for column in kinds_in(kinds_of(table), "person")
    )
    found = con.execute(
        f"select user_id from asked where user_id in ({mentions}) "
        f"and user_id not in ({ERASED_ALREADY}) order by 1"
    ).fetchall()
    for (person,) in found:
        con.execute("insert into words values ('person', ?, ?)", [str(person), str(uuid.uuid4())])


def _gather(con: duckdb.DuckDBPyConnection) -> None:
    """The order numbers, token hashes and codes of the people in `words`, each with a new word.

    A code that is a discount's or a partner's too is not theirs alone, and stays.
    """
    sources: dict[str, list[str]] = {"order": [], "token": [], "code": []}
    for table in TABLES:
        condition = owned(table, PERSONS)
        for column, kind in kinds_of(table).items() if condition else ():
            if kind == "person" or column == "referred_by_code":
                continue
            for schema in _schemas(table):
                sources[kind].append(
                    f"select {plain(kind, quoted(column))} as plain "
                    f"from {schema}.{quoted(table.name)} where {condition}"
                )
    for kind, queries in sources.items():
        taken = f"select {plain(kind, 'word')} from meta.erased_words where kind = {literal(kind)}"
        others = f"and plain not in ({codes_of_nobody()}) " if kind == "code" else ""
        found = con.execute(
            f"select distinct plain from ({' union all '.join(queries)}) where plain is not null "
            f"and plain not in ({taken}) {others}order by 1"
        ).fetchall()
        for (text,) in found:
            con.execute("insert into words values (?, ?, ?)", [kind, text, _word(con, kind)])


def _word(con: duckdb.DuckDBPyConnection, kind: str) -> str:
    """A random word of its kind; a code has the form that codes have, and is nobody's."""
    if kind != "code":
        return f"ERASED-{secrets.token_hex(16).upper()}"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    while True:
        word = "U" + "".join(secrets.choice(letters) for _ in range(6))
        found = con.execute(
            "select 1 from raw.user_profile where lower(trim(referral_code)) = lower($word) union "
            "select 1 from past.user_profile where lower(trim(referral_code)) = lower($word)",
            {"word": word},
        ).fetchone()
        if not found:
            return word


def _schemas(table: Table) -> tuple[str, ...]:
    return ("raw", "past") if table.has_history else ("raw",)


def _count(con: duckdb.DuckDBPyConnection, source: str, *, condition: str) -> int:
    found = con.execute(f"select count(*) from {source} where {condition}").fetchone()
    return int(found[0]) if found else 0


def _remove_elsewhere(con: duckdb.DuckDBPyConnection) -> None:
    """Rows of any other kept table, such as findings of checks and results of dbt's tests, that
    name one of the words; the next build or check writes them anew."""
    own = {*REBUILT, "raw", "past", "history", "meta"}
    found = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and not temporary order by all"
    ).fetchall()
    for schema, table in found:
        if schema not in own or (schema, table) == ("meta", "tested"):
            con.execute(
                f"delete from {quoted(schema)}.{quoted(table)} as t where exists ("
                "select 1 from words where contains(lower(t::VARCHAR), lower(words.plain)))"
            )
