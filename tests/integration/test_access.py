"""Every cell of the matrix: 21 tables, 5 roles, 4 commands, an own row or somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from models.access import COMMANDS, ROLES, Role, may
from models.tables import TABLES, Command, Table
from tests.conftest import login_as
from tests.integration.test_schema import ANNA, BEN, COURSE, fill, insertion, rows, signed_in

PROFILE = {"first_name": "'A'", "email": "'a@example.com'", "country": "'Chile'", "devices": "'{}'"}


@contextmanager
def acting(url: str, role: Role) -> Iterator[psycopg.Connection]:
    """A connection of a role; Anna is signed in where a user is."""
    if role == "owner":
        with psycopg.connect(url) as con:
            yield con
    elif role == "hypnomart_reader":
        with psycopg.connect(login_as(url, role)) as con:
            con.execute("set session characteristics as transaction read write")
            con.commit()
            yield con
    else:
        with signed_in(url, role, None if role == "anon" else ANNA) as con:
            yield con


def row_of(table: Table, *, own: bool) -> str | None:
    """SQL: a row of Anna's, or of Ben's; of tables of nobody only others' rows exist."""
    if any(column.name == "user_id" for column in table.columns):
        return f"user_id = '{ANNA if own else BEN}'"
    if table.name == "custom_course_purchases":
        return f"course_id = '{COURSE}'" if own else f"course_id <> '{COURSE}'"
    return None if own else "true"


def statement(table: Table, command: Command, where: str, *, own: bool) -> str:
    column = next(c.name for c in table.columns if c.name not in table.server_set + table.key)
    if command == "insert":
        user = ANNA if own else BEN
        has_user = any(column.name == "user_id" for column in table.columns)
        given = {"user_id": f"'{user}'"} if has_user else {}
        if table.name == "custom_course_purchases" and not own:
            given["course_id"] = f"'{BEN}'"
        return insertion(table, user, **given)
    return {
        "select": f"select {column} from {table.name} where {where}",
        "update": f"update {table.name} set {column} = {column} where {where}",
        "delete": f"delete from {table.name} where {where}",
    }[command]


def reaches(con: psycopg.Connection, sql: str) -> bool:
    """Whether a command finds its row; undone afterwards. A key that stands in its way came after
    the policies, which are asked first."""
    try:
        with con.transaction(force_rollback=True):
            return con.execute(sql.encode()).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True


def test_the_matrix_of_access_holds_in_every_cell(source_url: str) -> None:
    fill(source_url)
    rows(
        source_url,
        f"insert into custom_courses values ('{BEN}', '{BEN}', 'Y', 'x', 'x', '{{}}', 'x', 1)",
    )
    purchases = next(table for table in TABLES if table.name == "custom_course_purchases")
    rows(source_url, insertion(purchases, BEN, course_id=f"'{BEN}'"))
    wrong, tried = [], 0
    for role in ROLES:
        with acting(source_url, role) as con:
            for table in TABLES:
                for own in (True, False):
                    where = row_of(table, own=own)
                    for command in COMMANDS if where else ():
                        tried += 1
                        wanted = may(table, role, command=command, own=own)
                        if reaches(con, statement(table, command, where or "", own=own)) != wanted:
                            wrong.append((table.name, role, command, own))
    assert wrong == []
    # five tables are nobody's: they have no own row
    assert tried == 5 * 4 * (16 * 2 + 5)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("role", "'tester'"),
        ("referral_code", "'UMINE01'"),
        ("referred_by_code", "'UFRIEND'"),
        ("created_at", "now() - interval '1 day'"),
    ],
)
def test_a_user_sets_no_column_that_is_the_server_s(
    source_url: str, column: str, value: str
) -> None:
    fill(source_url)
    change = f"update user_profile set {column} = {value}".encode()
    (profile,) = [table for table in TABLES if table.name == "user_profile"]
    anew = insertion(profile, ANNA, **PROFILE, **{column: value}).encode()
    with signed_in(source_url, "authenticated", ANNA) as con:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="set by the server"):
            con.execute(change)
        con.rollback()
        con.execute("update user_profile set country = 'Peru', role = role")
        con.commit()
    assert rows(source_url, "select country from user_profile where role = 'user' order by 1") == [
        ("Peru",),
        (None,),
    ]
    rows(source_url, "delete from user_profile where user_id = %s", ANNA)
    with signed_in(source_url, "authenticated", ANNA) as con:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="set by the server"):
            con.execute(anew)
        con.rollback()
        con.execute(insertion(profile, ANNA, **PROFILE).encode())
        con.commit()
    with signed_in(source_url, "service_role") as con:
        assert con.execute(change).rowcount == 2 if column != "referral_code" else True
