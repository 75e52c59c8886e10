"""Make a business odd within its DDL: any value that a column's type can hold, in any of its cells.

Columns, types, keys and references are read from the live catalogue, so that a new column is odd
from its first day. What a key or a reference refuses is left as it was.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from models.live import Catalogue, LiveColumn, LiveTable, read_catalogue
from models.tables import TABLES

Connection = psycopg.Connection[Any]
BIG = 2**31 - 1
LONG = 200_000  # letters of a long text
TIMES = (
    "infinity", "-infinity", "4713-01-02 BC", "0044-03-15 BC", "0001-01-01", "1582-10-10",
    "1900-02-28 23:59:60", "1969-12-31 23:59:59.999999", "1970-01-01", "2009-12-31",
    "2025-10-26 01:30+00", "2026-03-29 01:59:59.999999+00", "2026-02-28 24:00", "2038-01-19",
    "9999-12-31 23:59:59.999999", "10000-01-01", "294246-01-10", "294247-01-11",
    "294276-12-31 23:59:59.999999",
)  # fmt: skip
TEXTS = (
    "", " ", "\t\n\r\f\v", "\u00a0", "\u200b", "\u202egnp.exe", "\u2066x\u2069", "\ufeffuser",
    "ﬁ", "İ", "ß", "e\u0301", "\u0301", "🌙👩‍👩‍👧", "\U0010ffff",
    "\ufffe", "\x01", "\x1b[31mred", "\x7f",
    "null", "NaN", "Infinity", "true", "0", "-1", "007", "1e309", "\uff11\uff12", "0x1f", "9" * 400,
    "0.1", str(2**63), str(2**31), "1774828800", "1774828800000", "-62135596800000",
    "253402300800000", "9999999999999999", "2026-02-30", "0000-00-00", "2026-03-02T25:00:00Z",
    "'; drop table user_profile; --", '"', "\\", "{}", "[", "%s", "{{ x }}", "<b>&amp;</b>",
    "=1+1", "@SUM(A1)", "-2+3", "a,b;c\td", "line\nbreak", "line\r\nbreak", "../../etc/passwd",
    "nobody knows this word", "a" * LONG,
)  # fmt: skip
DOCUMENTS = (
    "null", "true", "0", '""', "[]", "{}", "[[]]", '{"audio_files": null}', '{"audio_files": 3}',
    '{"audio_files": {"a": 1}}', '{"audio_files": [null, {}]}', '{"": {"": []}}', "1e400",
    "-0.0", "9" * 400, '"' + "a" * LONG + '"', "[" * 500 + "]" * 500,
    '{"a": "\\u202e", "b": "🌙"}', "[" + ",".join(["1"] * 20_000) + "]",
)  # fmt: skip
# Kept as written by json; jsonb refuses them.
ONLY_JSON = ('"\\ud800"', '{"audio_files": ["\\udc00"]}', '"\\u0000"', '{"a": 1, "a": 2}', " [ ] ")


def odd_values(column_type: str) -> Sequence[Any]:
    """What a column of this type may hold beyond what one would think of. A type that nobody has
    thought of is a KeyError."""
    kind, _, digits = column_type.partition("(")
    if kind == "numeric":
        whole, places = map(int, digits.rstrip(")").split(","))
        most = Decimal(10) ** (whole - places) - Decimal(1).scaleb(-places)
        return (Decimal("NaN"), Decimal(0), most, -most, Decimal(1).scaleb(-places))
    return {
        "integer": (0, 1, -1, 7, BIG, -BIG - 1, BIG - 1),
        "boolean": (True, False),
        "timestamptz": TIMES,
        "text": TEXTS,
        "json": (*DOCUMENTS, *ONLY_JSON),
        "jsonb": DOCUMENTS,
        "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    }[kind]


def make_odd(url: str, seed: int, *, share: float = 0.15) -> int:
    """Change about `share` of the cells of the contract's tables, repeat and delete rows, lead
    referrals in circles; the number of statements that changed something. The same seed makes the
    same of the same rows."""
    chance, catalogue = random.Random(seed), read_catalogue(url)
    done = 0
    with psycopg.connect(url) as conn:
        for table in (catalogue.tables[contract.name] for contract in TABLES):
            for act in (repeat_rows, delete_rows):
                done += tried(conn, lambda act=act, table=table: act(conn, table, chance))
            for column in table.columns.values():
                if not is_primary(table, column):
                    done += change_cells(conn, catalogue, table, column, chance, share)
        done += tried(conn, lambda: circles(conn, chance))
    return done


def is_primary(table: LiveTable, column: LiveColumn) -> bool:
    """Whether a column belongs to the primary key."""
    return any(key.is_primary and column.name in key.columns for key in table.keys)


def tried(conn: Connection, act: Callable[[], int]) -> int:
    """Rows that something changed; none where a key, a reference or a not-null refused."""
    with suppress(psycopg.IntegrityError, psycopg.DataError), conn.transaction():
        return min(act(), 1)
    return 0


def change_cells(
    conn: Connection,
    catalogue: Catalogue,
    table: LiveTable,
    column: LiveColumn,
    chance: random.Random,
    share: float,
) -> int:
    """Put odd values, nulls, and values of other rows and columns into some rows of a column."""
    rows = keys_of(conn, table)
    chosen = [key for key in rows if chance.random() < share]
    done = 0
    while chosen:
        some, chosen = chosen[: (size := chance.randint(1, 4))], chosen[size:]
        value = new_value(catalogue, table, column, chance)
        statement = sql.SQL("update public.{} set {} = {} where ctid in (select ctid from public.{}"
                            " where {}::text = any({}))").format(
            sql.Identifier(table.name), sql.Identifier(column.name), value,
            sql.Identifier(table.name), sql.Identifier(primary(table)), sql.Literal(some),
        )  # fmt: skip
        done += tried(conn, lambda s=statement: conn.execute(s).rowcount)
    return done


def new_value(
    catalogue: Catalogue, table: LiveTable, column: LiveColumn, chance: random.Random
) -> sql.Composable:
    """An expression for a cell: the target of a reference where there is one, else null, a value of
    another column of this type, the same one spelt otherwise, or an odd one."""
    own = sql.Identifier(column.name)
    draw = chance.random()
    if column.is_nullable and draw < 0.2:
        return sql.SQL("null")
    for reference in table.references:
        if reference.columns == (column.name,):
            return any_of(reference.target.split("."), reference.target_columns[0], chance)
    if draw < 0.4:
        alike = [
            (other.name, name)
            for other in catalogue.tables.values()
            for name, there in other.columns.items()
            if there.type == column.type
        ]
        name, there = chance.choice(alike)
        other_value = any_of(["public", name], there, chance)
        return sql.SQL("coalesce({}, {})").format(other_value, own)
    if column.type == "text" and draw < 0.6:
        spelt = ("upper({})", "lower({})", "' ' || {}", "{} || ' '", "{} || chr(160)", "{} || '_'",
                 "reverse({})", "{} || {}", "left({}, 3)")  # fmt: skip
        form = chance.choice(spelt)
        return sql.SQL(form).format(*[own] * form.count("{}"))
    if column.type == "timestamptz" and draw < 0.6:
        shift = chance.choice(["1 day", "-1 day", "400 days", "-9 years", "1 microsecond"])
        return sql.SQL("{} + {}::interval").format(own, sql.Literal(shift))
    return sql.SQL("{}::{}").format(
        sql.Literal(str(chance.choice(odd_values(column.type)))), sql.SQL(column.type)
    )


def any_of(place: Sequence[str], column: str, chance: random.Random) -> sql.Composable:
    """Some row's value of a column, the same one for the same draw."""
    return sql.SQL("(select {} from {} order by md5({}::text || {}) limit 1)").format(
        sql.Identifier(column), sql.Identifier(*place), sql.Identifier(column),
        sql.Literal(str(chance.random())),
    )  # fmt: skip


def primary(table: LiveTable) -> str:
    """The column of the primary key; every table of the contract has one."""
    (name,) = next(key.columns for key in table.keys if key.is_primary)
    return name


def keys_of(conn: Connection, table: LiveTable) -> list[str]:
    """The primary keys of all rows as text, sorted."""
    query = sql.SQL("select {}::text from public.{} order by 1").format(
        sql.Identifier(primary(table)), sql.Identifier(table.name)
    )
    return [key for (key,) in conn.execute(query).fetchall()]


def repeat_rows(conn: Connection, table: LiveTable, chance: random.Random) -> int:
    """Some rows a second time under new ids, where no other key forbids it."""
    if table.columns[primary(table)].default is None:
        return 0
    key, names = primary(table), [name for name in table.columns if name != primary(table)]
    values = sql.SQL(", ").join(map(sql.Identifier, names))
    if table.columns[key].type == "uuid":  # drawn, so that the same seed makes the same
        drawn = sql.SQL("md5({}::text || {})::uuid").format(
            sql.Identifier(key), sql.Literal(str(chance.random()))
        )
        names, values = [*names, key], sql.SQL(", ").join([values, drawn])
    statement = sql.SQL(
        "insert into public.{} ({}) select {} from public.{} where {}::text = any(%s) "
        "on conflict do nothing"
    ).format(sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names)), values,
             sql.Identifier(table.name), sql.Identifier(key))  # fmt: skip
    rows = keys_of(conn, table)
    return conn.execute(statement, [chance.sample(rows, min(3, len(rows)))]).rowcount


def delete_rows(conn: Connection, table: LiveTable, chance: random.Random) -> int:
    """A few rows gone, with all that hangs on them; every thirtieth time, all of the table."""
    rows = keys_of(conn, table)
    gone = rows if chance.random() < 1 / 30 else chance.sample(rows, min(2, len(rows)))
    statement = sql.SQL("delete from public.{} where {}::text = any(%s)").format(
        sql.Identifier(table.name), sql.Identifier(primary(table))
    )
    return conn.execute(statement, [gone]).rowcount


def circles(conn: Connection, chance: random.Random) -> int:
    """Users recruited by themselves, by each other, and in a ring of three."""
    found = conn.execute(
        "select user_id, referral_code from public.user_profile "
        "where referral_code is not null order by 1"
    )
    codes = found.fetchall()
    chance.shuffle(codes)
    done = 0
    for size in (1, 2, 3):
        ring, codes = codes[:size], codes[size:]
        for place, (user_id, _) in enumerate(ring):
            done += conn.execute(
                "update public.user_profile set referred_by_code = %s where user_id = %s",
                [ring[place - 1][1], user_id],
            ).rowcount
    return done
