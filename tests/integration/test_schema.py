"""The schema on real servers: what applying it creates, and who may see and write what."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from models.apply import apply_schema
from models.drift import compare_schema
from models.errors import SourceUnavailable
from models.tables import TABLES, Table
from tests.conftest import login_as

ANNA = UUID("00000000-0000-4000-8000-00000000000a")
BEN = UUID("00000000-0000-4000-8000-00000000000b")
COURSE = UUID("00000000-0000-4000-8000-0000000000c0")
VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "integer": "1",
    "json": "'{}'",
    "jsonb": "'{}'",
    "timestamptz": "now()",
    "boolean": "false",
    "numeric(10,2)": "1.00",
    "numeric(12,4)": "1.00",
}


def configure(url: str, statement: str) -> None:
    """Change a setting of the server at once."""
    with psycopg.connect(url, autocommit=True) as con:
        con.execute(statement.encode())
        con.execute("select pg_reload_conf()")


def rows(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Rows of a statement run as the owner, committed."""
    with psycopg.connect(url) as con:
        cursor = con.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def signed_in(url: str, role: str, user: UUID | None = None) -> Iterator[psycopg.Connection]:
    """A connection as the platform's interface makes it: a role, and the user in the claims."""
    with psycopg.connect(url) as con:
        claims = {"role": role} | ({"sub": str(user)} if user else {})
        con.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(claims),))
        con.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        con.commit()
        yield con


def insertion(table: Table, user: UUID, **given: str) -> str:
    """An insert of one row that only fills what must be filled; `given` as SQL."""
    fixed = {"user_id": f"'{user}'", "course_id": f"'{COURSE}'", "course_code": "'H01ENB'"} | given
    columns = [c for c in table.columns if c.name in given or not (c.is_nullable or c.default)]
    names = ", ".join(column.name for column in columns)
    values = ", ".join(fixed.get(column.name, VALUES[column.type]) for column in columns)
    return f"insert into public.{table.name} ({names}) values ({values})"


def fill(url: str) -> None:
    """Two accounts, and in each table one row of each (or one row where rows are nobody's)."""
    with psycopg.connect(url) as con:
        con.execute("insert into auth.users (id) values (%s), (%s)", (ANNA, BEN))
        con.execute("insert into courses (course_code, title) values ('H01ENB', 'x')")
        con.execute("insert into cohorts (id, code, cohort_type) values (%s, 'I1', 'x')", (COURSE,))
        con.execute(
            "insert into master_manifests (id, file_name, content, checksum)"
            " values (%s, 'x', '{}', 'x')",
            (COURSE,),
        )
        con.execute(
            "insert into discount_codes (id, code, product_type) values (%s, 'D', 'x')", (COURSE,)
        )
        con.execute(
            "insert into custom_courses values (%s, %s, 'X', 'x', 'x', '{}', 'x', 1)",
            (COURSE, ANNA),
        )
        done = {"courses", "cohorts", "master_manifests", "discount_codes", "custom_courses"}
        links = dict.fromkeys(("cohort_id", "manifest_id", "discount_code_id"), f"'{COURSE}'")
        for table in TABLES:
            names = {column.name for column in table.columns}
            if table.name in done:
                continue
            for user in (ANNA, BEN) if "user_id" in names else (ANNA,):
                given = {key: text for key, text in links.items() if key in names}
                if table.name in ("app_logs", "server_logs"):
                    given["user_id"] = f"'{user}'"
                con.execute(insertion(table, user, **given).encode())


@pytest.mark.parametrize("server", ["empty_url", "second_major_url"])
def test_applying_creates_everything_once(request: pytest.FixtureRequest, server: str) -> None:
    url = request.getfixturevalue(server)
    created = apply_schema(url)
    assert {f"table {table.name}" for table in TABLES} <= set(created)
    assert "trigger handle_premium_subscription_referral on subscriptions" in created
    assert compare_schema(url) == []
    assert apply_schema(url) == []


@pytest.mark.parametrize("server", ["empty_url", "second_major_url"])
def test_applying_again_changes_no_row(request: pytest.FixtureRequest, server: str) -> None:
    url = request.getfixturevalue(server)
    apply_schema(url)
    fill(url)
    count = "select " + ", ".join(f"(select count(*) from {table.name})" for table in TABLES)
    before = rows(url, count)
    assert apply_schema(url) == [] and rows(url, count) == before
    assert all(number for number in before[0])


def test_what_was_taken_away_comes_back(source_url: str) -> None:
    rows(source_url, "drop policy own_rows_select on ai_usage")
    rows(source_url, "drop index app_logs_created_at_idx")
    rows(source_url, "alter table courses disable row level security")
    rows(source_url, "drop table server_logs")
    created = apply_schema(source_url)
    assert {
        "index app_logs_created_at_idx",
        "policy own_rows_select on ai_usage",
        "row level security on courses",
        "table server_logs",
    } <= set(created)
    assert compare_schema(source_url) == []


def test_nothing_stays_when_applying_fails_halfway(empty_url: str) -> None:
    rows(empty_url, "create domain public.app_logs as text")  # in the way of a table
    with pytest.raises(SourceUnavailable, match="was not applied"):
        apply_schema(empty_url)
    assert rows(empty_url, "select to_regclass('public.courses'), to_regnamespace('auth')") == [
        (None, None)
    ]


def test_a_login_without_rights_is_told_so(source_url: str) -> None:
    rows(source_url, "drop table server_logs")
    rows(source_url, "drop role if exists nobody_special")
    rows(source_url, "create role nobody_special login")
    try:
        with pytest.raises(SourceUnavailable, match="may not create the schema"):
            apply_schema(login_as(source_url, "nobody_special"))
    finally:
        rows(source_url, "drop role nobody_special")


# A database as the platform hands it out: its own accounts, roles and functions stand already.
PLATFORM = """
    create schema auth;
    create table auth.users (
        instance_id uuid, id uuid primary key, aud varchar(255), role varchar(255),
        email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz,
        raw_user_meta_data jsonb, created_at timestamptz, updated_at timestamptz
    );
    comment on table auth.users is 'Auth: Stores user login data within a secure schema.';
    create function auth.uid() returns uuid language sql stable as $$
        select coalesce(
            nullif(current_setting('request.jwt.claim.sub', true), ''),
            (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
        )::uuid
    $$;
    do $$ begin
        create role anon; create role authenticated; create role service_role bypassrls;
    exception when duplicate_object then null; end $$;
    grant usage on schema auth to anon, authenticated, service_role;
    create table public.courses (id uuid primary key, course_code varchar(20) unique, extra text);
    comment on table public.courses is 'The live shop.';
    insert into public.courses values (gen_random_uuid(), 'H01ENB', 'kept');
"""


@pytest.mark.parametrize("server", ["empty_url", "second_major_url"])
def test_what_a_live_platform_has_is_left_alone(
    request: pytest.FixtureRequest, server: str
) -> None:
    url = request.getfixturevalue(server)
    rows(url, PLATFORM)
    before = rows(url, "select pg_get_functiondef('auth.uid()'::regprocedure)")
    created = apply_schema(url)
    assert rows(url, "select pg_get_functiondef('auth.uid()'::regprocedure)") == before
    assert rows(url, "select count(*) from information_schema.columns where table_name = 'users'")
    assert rows(url, "select obj_description('public.courses'::regclass)") == [("The live shop.",)]
    assert rows(url, "select extra from courses") == [("kept",)]
    assert "table courses" not in created and "function auth.uid()" not in created
    assert "row level security on courses" not in created
    assert "table course_purchases" in created
    named = {(d.object, d.kind) for d in compare_schema(url) if d.table == "courses"}
    assert ("title", "missing column") in named and ("course_code", "type") in named
    assert rows(url, "select has_table_privilege('hypnomart_reader', 'courses', 'select')")[0][0]


@pytest.mark.parametrize("server", ["empty_url", "second_major_url"])
def test_users_see_their_own_rows_and_nothing_else(
    request: pytest.FixtureRequest, server: str
) -> None:
    url = request.getfixturevalue(server)
    apply_schema(url)
    fill(url)
    for table in TABLES:
        count = f"select count(*) from {table.name}".encode()
        has_user = any(column.name == "user_id" for column in table.columns)
        expected = int("select" in table.policies)
        with signed_in(url, "authenticated", ANNA) as con:
            assert con.execute(count).fetchone() == (expected,), table.name
        with signed_in(url, "authenticated", BEN) as con:
            # Ben owns no custom course, so that its purchase is not his
            of_ben = expected if has_user else 0
            assert con.execute(count).fetchone() == (of_ben,), table.name
        with signed_in(url, "authenticated") as con:
            assert con.execute(count).fetchone() == (0,), table.name
        with signed_in(url, "anon") as con:
            assert con.execute(count).fetchone() == (0,), table.name
        with signed_in(url, "service_role") as con:
            everything = 2 if has_user and table.name != "custom_courses" else 1
            assert con.execute(count).fetchone() == (everything,), table.name


def refused(con: psycopg.Connection, statement: str) -> bool:
    """Whether row-level security refuses a statement or finds no row for it."""
    try:
        with con.transaction():
            return con.execute(statement.encode()).rowcount == 0
    except psycopg.errors.InsufficientPrivilege as error:
        assert "row-level security" in str(error) or "permission denied" in str(error)
        return True


def test_users_write_only_where_a_policy_lets_them(source_url: str) -> None:
    fill(source_url)
    rows(source_url, "delete from user_profile where user_id = %s", ANNA)
    with signed_in(source_url, "authenticated", ANNA) as con:
        for table in TABLES:
            may = {command for command in table.policies if command != "select"}
            has_user = any(column.name == "user_id" for column in table.columns)
            own = insertion(table, ANNA, **({"user_id": f"'{ANNA}'"} if has_user else {}))
            if "insert" not in may:
                assert refused(con, own), table.name
            else:
                assert refused(con, own.replace(str(ANNA), str(BEN))), table.name
                assert not refused(con, own), table.name
            column = table.columns[-1].name
            change = f"update {table.name} set {column} = {column}"
            assert refused(con, change) is ("update" not in may), table.name
            assert refused(con, f"delete from {table.name}"), table.name


def test_a_user_cannot_hand_a_profile_to_somebody_else(source_url: str) -> None:
    fill(source_url)
    carl = UUID("00000000-0000-4000-8000-00000000000d")
    rows(source_url, "insert into auth.users (id) values (%s)", carl)
    with signed_in(source_url, "authenticated", ANNA) as con:
        assert refused(con, f"update user_profile set user_id = '{carl}'")
        assert refused(con, f"update user_profile set country = 'x' where user_id = '{BEN}'")


def test_an_anonymous_client_writes_nothing(source_url: str) -> None:
    fill(source_url)
    with signed_in(source_url, "anon") as con:
        for table in TABLES:
            assert refused(con, insertion(table, ANNA)), table.name
            assert refused(con, f"delete from {table.name}"), table.name


def test_the_owner_check_cannot_be_misled_by_a_search_path(source_url: str) -> None:
    found = rows(
        source_url,
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and prosecdef and not coalesce(proconfig::text like '%%search_path=%%', false)",
    )
    assert found == []


def test_a_deleted_account_takes_its_rows_along_or_leaves_null(source_url: str) -> None:
    fill(source_url)
    rows(
        source_url,
        "insert into referral_credits (user_id, referred_user_id, amount, source)"
        " values (%s, %s, 1, 'x')",
        BEN,
        ANNA,
    )
    rows(source_url, "delete from custom_course_purchases")  # no action: they come first
    rows(source_url, "delete from auth.users where id = %s", ANNA)
    assert rows(source_url, "select count(*) from user_profile") == [(1,)]
    assert rows(source_url, "select count(*) from app_logs where user_id is null") == [(1,)]
    assert rows(source_url, "select count(*), count(referred_user_id) from referral_credits") == [
        (2, 0)
    ]
    # a log of the server keeps the id: it has no foreign key
    assert rows(source_url, "select count(*) from server_logs where user_id = %s", ANNA) == [(1,)]


def sign_up(url: str, user: UUID, *, code: str | None, referred_by: str | None) -> None:
    rows(url, "insert into auth.users (id) values (%s)", user)
    rows(
        url,
        "insert into user_profile (user_id, email, referral_code, referred_by_code)"
        " values (%s, 'x', %s, %s)",
        user,
        code,
        referred_by,
    )


REWARDS = "select user_id, referred_user_id, amount, source, used_at from referral_credits"


def test_a_first_premium_rewards_the_owner_of_the_code_once(source_url: str) -> None:
    sign_up(source_url, ANNA, code="UANNA01", referred_by=None)
    sign_up(source_url, BEN, code="UBEN001", referred_by=" uanna01 ")
    rows(source_url, "insert into subscriptions (user_id) values (%s)", BEN)
    assert rows(source_url, REWARDS) == []
    for plan in ("premium", "premium", "free", "premium"):
        rows(source_url, "update subscriptions set plan = %s", plan)
    (reward,) = rows(source_url, REWARDS)
    assert (reward[0], reward[1], str(reward[2]), reward[3], reward[4]) == (
        ANNA,
        BEN,
        "1.00",
        "user_referral",
        None,
    )


def test_a_row_that_begins_as_premium_rewards_too(source_url: str) -> None:
    sign_up(source_url, ANNA, code="UANNA01", referred_by=None)
    sign_up(source_url, BEN, code=None, referred_by="UANNA01")
    with signed_in(source_url, "service_role") as con:
        con.execute("insert into subscriptions (user_id, plan) values (%s, 'premium')", (BEN,))
    assert len(rows(source_url, REWARDS)) == 1


@pytest.mark.parametrize(
    ("code", "referred_by"),
    [
        ("UANNA01", "UNOBODY"),
        ("UANNA01", None),
        ("UANNA01", ""),
        ("", ""),
        (None, None),
        ("SBF02", "sbf02"),  # a discount code by that name comes first
        ("UANNA01", "UBEN001"),  # one's own code
    ],
)
def test_no_reward_without_somebody_else_s_code(
    source_url: str, code: str | None, referred_by: str | None
) -> None:
    rows(source_url, "insert into discount_codes (code, product_type) values ('SBF02', 'x')")
    sign_up(source_url, ANNA, code=code, referred_by=None)
    sign_up(source_url, BEN, code="UBEN001", referred_by=referred_by)
    rows(source_url, "insert into subscriptions (user_id, plan) values (%s, 'premium')", BEN)
    assert rows(source_url, REWARDS) == []


def test_the_reader_sees_all_and_writes_nothing(source_url: str) -> None:
    fill(source_url)
    reader = login_as(source_url, "hypnomart_reader")
    with psycopg.connect(reader, autocommit=True) as con:
        for table in TABLES:
            (count,) = con.execute(f"select count(*) from {table.name}".encode()).fetchone() or (0,)
            assert count >= 1, table.name
            for statement in (
                insertion(table, ANNA),
                f"update {table.name} set {table.columns[-1].name} = null",
                f"delete from {table.name}",
                f"truncate {table.name} cascade",
            ):
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    con.execute(statement.encode())
                with pytest.raises(psycopg.errors.InsufficientPrivilege), con.transaction():
                    con.execute("set transaction read write")
                    con.execute(statement.encode())


def test_where_rls_may_not_be_bypassed_the_reader_has_policies(
    source_url: str, fresh_database: Callable[[], str]
) -> None:
    url, owner = fresh_database(), "limited_owner"
    rows(source_url, "alter role hypnomart_reader nobypassrls")
    try:
        rows(url, f"drop role if exists {owner}")
        rows(url, f"create role {owner} login createrole")
        rows(url, f"grant create on schema public to {owner}")
        rows(
            url,
            "do $$ begin execute format("
            f"'grant create on database %I to {owner}', current_database()); end $$",
        )
        limited = login_as(url, owner)
        created = apply_schema(limited)
        assert "policy hypnomart_reader_select on courses" in created
        assert compare_schema(limited) == []  # such a policy is no difference
        rows(url, "insert into courses (course_code, title) values ('H01ENB', 'x')")
        with psycopg.connect(login_as(url, "hypnomart_reader")) as con:
            assert con.execute("select count(*) from courses").fetchone() == (1,)
    finally:
        rows(source_url, "alter role hypnomart_reader bypassrls")
        rows(url, f"drop owned by {owner} cascade; drop role {owner}")


@pytest.mark.skipif("HYPNOMART_TEST_DSN" in os.environ, reason="reads the embedded server's log")
def test_the_reader_s_password_is_set_and_never_travels(source_url: str) -> None:
    password = "s'ecret \\ 密"
    configure(source_url, "alter system set log_statement = 'all'")
    try:
        apply_schema(source_url, reader_password=password)
        (stored,) = rows(
            source_url, "select rolpassword from pg_authid where rolname = 'hypnomart_reader'"
        )
        assert str(stored[0]).startswith("SCRAM-SHA-256$")
        log = rows(source_url, "select pg_read_file('log')")[0][0]
        assert "alter role" in str(log) and password not in str(log)
    finally:
        configure(source_url, "alter system reset log_statement")
        rows(source_url, "alter role hypnomart_reader password null")


def test_two_at_once_apply_the_schema_once(empty_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        counts = sorted(map(len, pool.map(apply_schema, [empty_url, empty_url])))
    assert counts[0] == 0 and counts[1] > 60
