"""People erased from the warehouse stay out of it, though the source may still hold them.

Known only by a salted hash. Rows of theirs that the source still has are remembered as (salted
hash of the key, xmin), so that both sides can be audited; they leave with the source's rows.
"""

from __future__ import annotations

import secrets

import duckdb

from models.tables import TABLES, Table
from pipelines.extract.plan import literal, quoted

ERASED_PERSONS = (("person_hash", "VARCHAR"), ("erased_at", "TIMESTAMP"))
ERASURE_SALT = (("salt", "VARCHAR"),)
SUPPRESSED_ROWS = (("table_name", "VARCHAR"), ("key_hash", "VARCHAR"), ("xmin", "BIGINT"))

# A person's mention in a row that is somebody else's: emptied, as the source's foreign keys do
# (on delete set null), so that the other person's reward or code stays.
MENTIONS: dict[str, tuple[str, ...]] = {
    "referral_credits": ("referred_user_id",),
    "discount_codes": ("referrer_user_id",),
}
# Reached through another table: (own column, that table).
INDIRECT: dict[str, tuple[str, str]] = {"custom_course_purchases": ("course_id", "custom_courses")}


def in_order() -> tuple[Table, ...]:
    """The contract's tables, those reached through another one last."""
    return tuple(sorted(TABLES, key=lambda table: table.name in INDIRECT))


def salted(expression: str) -> str:
    """DuckDB: the salted hash of a UUID. Binds $salt."""
    return f"sha256($salt || ':' || {expression}::VARCHAR)"


def is_erased(expression: str) -> str:
    """DuckDB: whether a UUID is an erased person's."""
    return f"{salted(expression)} in (select person_hash from meta.erased_persons)"


def key_hash(table: Table, prefix: str) -> str:
    """DuckDB: the salted hash of a row's key."""
    return salted(" || ',' || ".join(f"{prefix}{quoted(name)}::VARCHAR" for name in table.key))


def belongs(table: Table) -> str:
    """DuckDB: whether a row as read belongs to an erased person; empty where none can."""
    if table.name in INDIRECT:
        column, owner = INDIRECT[table.name]
        return (
            f"{salted(quoted(column))} in (select key_hash from meta.suppressed_rows "
            f"where table_name = {literal(owner)})"
        )
    has_owner = any(column.name == "user_id" for column in table.columns)
    return f"coalesce({is_erased('user_id')}, false)" if has_owner else ""


def hide(table: Table) -> list[str]:
    """Take erased people's rows out of temp table `incoming`, remember them, list those that raw
    still holds under another owner in `gone`, and empty their mentions. Binds $salt."""
    statements = []
    if condition := belongs(table):
        names = ", ".join(quoted(name) for name in table.key)
        same = " and ".join(f"r.{quoted(name)} = h.{quoted(name)}" for name in table.key)
        name = literal(table.name)
        statements += [
            f"create or replace temp table hidden as "
            f"select {names}, _xmin from incoming where {condition}",
            f"delete from meta.suppressed_rows where table_name = {name} "
            f"and key_hash in (select {key_hash(table, '')} from incoming)",
            f"insert into meta.suppressed_rows select {name}, {key_hash(table, '')}, _xmin "
            "from hidden",
            f"delete from incoming as r using hidden as h where {same}",
            f"create or replace temp table gone as select "
            f"{', '.join(f'r.{quoted(key)}' for key in table.key)} "
            f"from raw.{quoted(table.name)} as r semi join hidden as h on {same}",
        ]
    for column in MENTIONS.get(table.name, ()):
        mention = quoted(column)
        statements.append(f"update incoming set {mention} = null where {is_erased(mention)}")
    return statements


def forget_absent(table: Table) -> str:
    """Remembered rows that the source no longer has, by temp table `keys`, are forgotten."""
    return (
        f"delete from meta.suppressed_rows where table_name = {literal(table.name)} "
        f"and key_hash not in (select {key_hash(table, '')} from keys)"
    )


def owners_held_back(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Which rows through which others are reached stay out; it tells one state from another."""
    owners = ", ".join(literal(owner) for _, owner in INDIRECT.values())
    return con.execute(
        "select table_name, count(*), bit_xor(hash(key_hash)) from meta.suppressed_rows "
        f"where table_name in ({owners}) group by all order by all"
    ).fetchall()


def without_suppressed(table: Table, keys: str) -> str:
    """DuckDB: of (key, xmin) pairs named k, those not remembered in that version."""
    return (
        f"select k.* from ({keys}) as k anti join meta.suppressed_rows as s "
        f"on s.table_name = {literal(table.name)} and s.key_hash = {key_hash(table, 'k.')} "
        "and s.xmin = k._xmin"
    )


def remote_condition(table: Table, salt: str, persons: list[str]) -> str:
    """PostgreSQL: true of rows that belong to nobody erased; for sums at the source only, since
    it hashes every row (about 1 µs each)."""
    listed = ", ".join(literal(person) for person in persons)
    text = f"convert_to({literal(salt + ':')} || user_id::text, 'UTF8')"
    has_owner = any(column.name == "user_id" for column in table.columns)
    return f"encode(sha256({text}), 'hex') not in ({listed})" if has_owner else "true"


def salt_of(con: duckdb.DuckDBPyConnection) -> str:
    """The file's salt; made when first asked for."""
    found = con.execute("select salt from meta.erasure_salt").fetchone()
    if found:
        return str(found[0])
    salt = secrets.token_hex(16)
    con.execute("insert into meta.erasure_salt values (?)", [salt])
    return salt


def erased_persons(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The salted hashes of everybody erased."""
    found = con.execute("select person_hash from meta.erased_persons order by 1").fetchall()
    return [str(row[0]) for row in found]
