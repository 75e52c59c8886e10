"""What is kept of people erased: a salt, and what stands in place of a word of that salted hash."""

from __future__ import annotations

import secrets

import duckdb

from models.quoting import literal, quoted
from models.tables import TABLES
from pipelines.extract.state.words import kinds_of, plain


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
