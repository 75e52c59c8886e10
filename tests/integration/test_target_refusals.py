"""A target that cannot or must not take the marts is refused in a sentence, and left as it is."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest

from pipelines.base.settings import Settings
from tests.conftest import login_as, new_database
from tests.target_sample import everything_at, publish_odd, target_rows

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def settings(published_home: Settings) -> Settings:
    """A home in which something is published, and which the environment names."""
    return published_home


@pytest.fixture
def publish_to(publish_by_command: Call) -> Call:
    """`hypnomart publish --to postgres` for a URL: its exit code, and its last words."""
    return lambda url, **variables: publish_by_command(
        "postgres", HYPNOMART_TARGET_URL=url, **variables
    )


def login(url: str, name: str, *statements: str) -> str:
    """The URL of a new login that may do what the statements give it; {} is its name."""
    with psycopg.connect(url) as conn:
        conn.execute(f"drop role if exists {name}".encode())
        for statement in ("create role {} login", *statements):
            conn.execute(statement.format(name).encode())
    return login_as(url, name)


@pytest.mark.usefixtures("settings")
def test_a_server_that_is_down(publish_to: Call) -> None:
    code, words = publish_to("postgresql://me:s3cret@127.0.0.1:9/bi")
    assert code == 3 and "s3cret" not in words
    assert "Cannot connect to the target at 127.0.0.1:9, database bi" in words
    assert "HYPNOMART_TARGET_URL" in words


@pytest.mark.usefixtures("settings")
def test_no_url_and_a_bad_one(publish_to: Call) -> None:
    assert publish_to("") == (2, "hypnomart: HYPNOMART_TARGET_URL names no server; set it to "
                              "postgresql://user:password@host:port/database.")  # fmt: skip
    code, words = publish_to("mysql://me:s3cret@db/bi")
    assert code == 2 and words.startswith("hypnomart: HYPNOMART_TARGET_URL does not start with")
    assert "s3cret" not in words


@pytest.mark.usefixtures("settings")
def test_a_login_without_rights(publish_to: Call, empty_url: str) -> None:
    own = login(empty_url, "no_rights")
    before = everything_at(empty_url)
    code, words = publish_to(own)
    assert code == 3 and "may not create schemas" in words
    assert "grant create on database" in words and everything_at(empty_url) == before


def test_a_login_that_may_not_create_the_role(
    settings: Settings, publish_to: Call, second_major_url: str
) -> None:
    with psycopg.connect(second_major_url) as conn:
        conn.execute("drop role if exists hypnomart_analyst")
        database = urlsplit(second_major_url).path[1:]
    own = login(second_major_url, "no_roles", f"grant create on database {database} to {{}}")
    before = everything_at(second_major_url)
    code, words = publish_to(own)
    assert code == 3 and "run: create role hypnomart_analyst" in words
    assert everything_at(second_major_url) == before
    with psycopg.connect(second_major_url) as conn:
        conn.execute("create role hypnomart_analyst")
    assert publish_to(own)[0] == 0
    assert len(target_rows(own, "fct_odd")) == 2
    with psycopg.connect(second_major_url) as conn:  # for the tests that follow
        conn.execute("drop owned by hypnomart_analyst; drop owned by no_roles cascade")
        conn.execute("drop role hypnomart_analyst, no_roles")


def test_the_source_itself(settings: Settings, publish_to: Call, empty_url: str) -> None:
    """By another address too: cluster and database are those that the last extraction read."""
    with psycopg.connect(empty_url) as conn:
        found = conn.execute(
            "select system_identifier::text, oid::bigint from pg_control_system(), pg_database "
            "where datname = current_database()"
        ).fetchone()
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("create schema if not exists meta")
        con.execute(
            "create table meta.extraction_marks (system_identifier text, database_oid int8)"
        )
        con.execute("insert into meta.extraction_marks values (?, ?)", list(found or ()))
    before = everything_at(empty_url)
    code, words = publish_to(empty_url)
    assert code == 2 and "leads to the source itself" in words
    assert everything_at(empty_url) == before


@pytest.mark.usefixtures("settings")
def test_the_address_of_the_source(
    publish_to: Call, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", empty_url)
    code, words = publish_to(empty_url)
    assert code == 2 and "leads to the source itself" in words


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("schema", ["hypnomart", "hypnomart_building"])
def test_a_schema_of_somebody_else(publish_to: Call, empty_url: str, schema: str) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute(f"create schema {schema}; create table {schema}.t as select 1 as i".encode())
    before = everything_at(empty_url)
    code, words = publish_to(empty_url)
    assert code == 2 and f"has a schema {schema} of" in words
    assert "HYPNOMART_TARGET_SCHEMA" in words and everything_at(empty_url) == before
    assert publish_to(empty_url, HYPNOMART_TARGET_SCHEMA="marts_of_the_app")[0] == 0
    assert len(target_rows(empty_url, "fct_odd", "marts_of_the_app")) == 2


def test_marts_of_another_home(settings: Settings, publish_to: Call, empty_url: str) -> None:
    """Two homes that name one schema would take turns."""
    assert publish_to(empty_url)[0] == 0
    before = everything_at(empty_url)
    shutil.rmtree(settings.home)
    publish_odd(settings, run_id="run-2")
    code, words = publish_to(empty_url)
    assert code == 2 and "of run run-1, which this home never made" in words
    assert "HYPNOMART_TARGET_SCHEMA" in words and everything_at(empty_url) == before
    assert publish_to(empty_url, HYPNOMART_TARGET_SCHEMA="of_this_home")[0] == 0


@pytest.mark.usefixtures("settings")
def test_marts_that_another_login_put_there(publish_to: Call, empty_url: str) -> None:
    assert publish_to(empty_url)[0] == 0
    database = urlsplit(empty_url).path[1:]
    own = login(empty_url, "other_owner", f"grant create on database {database} to {{}}")
    before = everything_at(empty_url)
    code, words = publish_to(own)
    assert code == 3 and "may not replace it" in words and everything_at(empty_url) == before


@pytest.mark.usefixtures("settings")
def test_a_database_of_another_encoding(publish_to: Call, postgres_url: str) -> None:
    name = "hypnomart_latin"
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"drop database if exists {name}".encode())
        conn.execute(
            f"create database {name} template template0 encoding 'LATIN1' "
            "locale_provider libc locale 'C'".encode()
        )
    try:
        code, words = publish_to(urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}")))
        assert code == 3 and "keeps text as LATIN1" in words
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as conn:
            conn.execute(f"drop database {name} with (force)".encode())


@pytest.mark.usefixtures("settings")
def test_a_database_that_takes_no_writes(publish_to: Call, postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        database = urlsplit(url).path[1:]
        with psycopg.connect(url) as conn:
            conn.execute(
                f"alter database {database} set default_transaction_read_only = on".encode()
            )
        code, words = publish_to(url)
    assert code == 3 and "takes no writes" in words


@pytest.mark.usefixtures("settings")
def test_a_killed_publication_leaves_the_marts_of_before(publish_to: Call, empty_url: str) -> None:
    """Killed once the next marts are being put together; the one after sweeps them up."""
    assert publish_to(empty_url)[0] == 0
    before = repr(target_rows(empty_url, "fct_odd"))  # NaN equals nothing
    process = subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "publish", "--to",
         "postgres"], cwd=Path(__file__).parents[2],
    )  # fmt: skip
    begun = "select 1 from pg_namespace where nspname = 'hypnomart_building'"
    end = time.monotonic() + 120
    with psycopg.connect(empty_url, autocommit=True) as conn:
        while not conn.execute(begun).fetchone():
            assert process.poll() is None and time.monotonic() < end
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert repr(target_rows(empty_url, "fct_odd")) == before
        while conn.execute(
            "select 1 from pg_stat_activity where application_name = 'hypnomart' "
            "and datname = current_database()"
        ).fetchone():
            assert time.monotonic() < end
        assert publish_to(empty_url)[0] == 0
        assert not conn.execute(begun).fetchone()
