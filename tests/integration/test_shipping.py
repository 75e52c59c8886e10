"""Of what models read a server is sent what changed, and then has what it would if all were."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
import pytest
from psycopg.rows import dict_row

from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.publication.gate import newest_run_id
from pipelines.publication.native.shipping import begin, ship
from pipelines.publication.targets.schema import target_server
from tests.integration.test_extraction_property import (
    do_delete,
    do_insert,
    do_nothing,
    do_rekey,
    do_update,
)
from tests.source_rows import fill, writer
from tests.warehouse import quiet, settings_at

CHANGES = (do_insert, do_insert, do_update, do_delete, do_nothing, do_rekey)


def shipped(settings: Settings) -> tuple[int, int]:
    """Ship to the settings' target: how many rows were sent, of how many."""
    server = target_server(settings)
    with psycopg.connect(server.conninfo, autocommit=True, row_factory=dict_row) as conn:
        begin(conn, server, run_id=newest_run_id(settings))
        return ship(conn, settings, server=server)


def rows_at(url: str) -> dict[str, list[str]]:
    """Every row of every table and view of a database's schemas of ours, as text."""
    relations = """
        select format('%I.%I', relnamespace::regnamespace::text, relname) as name
        from pg_class
        where relnamespace::regnamespace::text like 'hypnomart_%' and relkind in ('r', 'v')
    """
    with psycopg.connect(url) as conn:
        names = [name for (name,) in conn.execute(relations).fetchall()]
        rows = {name: conn.execute(f"select t::text from {name} t".encode()) for name in names}
        return {name: sorted(text for (text,) in found) for name, found in rows.items()}


@pytest.fixture
def home(tmp_path: Path, source_url: str, empty_url: str) -> Settings:
    """A source of random rows, extracted; its target is an empty database."""
    fill(source_url, 30)
    settings = settings_at(tmp_path, source_url=source_url, target_url=empty_url)
    extract(settings, source_url=source_url, run_id="run-0", progress=quiet, full_refresh=False)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("create schema seeds; create table seeds.prices as select 1.5 as price")
    return settings


@pytest.mark.parametrize("seed", range(3))
def test_what_changed_is_sent_and_all_of_it(
    home: Settings, fresh_database: Callable[[], str], seed: int
) -> None:
    chance = random.Random(seed)
    shipped(home)
    for number in range(1, 4):
        with writer(str(home.source_url)) as conn:
            for table in chance.sample(TABLES, 6):
                for _ in range(chance.randrange(1, 6)):
                    with conn.transaction():
                        chance.choice(CHANGES)(conn, table, chance)
        extract(
            home, source_url=str(home.source_url), run_id=f"run-{number}", progress=quiet,
            full_refresh=chance.random() < 0.2,
        )  # fmt: skip
        sent, of = shipped(home)
        assert 0 < sent < 100 < of, "run_manifest gains 21 rows"
    whole = replace(home, target_url=fresh_database())
    sent, of = shipped(whole)
    assert sent == of > 600
    assert rows_at(str(home.target_url)) == rows_at(str(whole.target_url))


def test_nothing_is_sent_twice(home: Settings) -> None:
    sent, of = shipped(home)
    assert sent == of
    before = rows_at(str(home.target_url))
    assert shipped(home) == (0, of) and rows_at(str(home.target_url)) == before


def test_what_is_lacking_there_is_sent_again(home: Settings) -> None:
    """Rows that somebody deleted, a table that is gone, and one that was emptied."""
    shipped(home)
    before = rows_at(str(home.target_url))
    with psycopg.connect(str(home.target_url)) as conn:
        one = "select min(id::text)::uuid from hypnomart_raw.app_logs"
        conn.execute(f"delete from hypnomart_raw.app_logs where id = ({one})".encode())
        conn.execute("drop table hypnomart_raw.user_profile cascade")
        conn.execute("truncate hypnomart_seeds.prices")
    assert shipped(home)[0] == 32 and rows_at(str(home.target_url)) == before


def test_after_an_erasure_all_is_sent_into_new_tables(home: Settings) -> None:
    """A deleted row would be in the file of its table still."""
    shipped(home)
    files = (
        "select relname, relfilenode from pg_class "
        "where relnamespace = 'hypnomart_raw'::regnamespace and relkind = 'r'"
    )
    with psycopg.connect(str(home.target_url)) as conn:
        before = set(conn.execute(files).fetchall())
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("insert into meta.erased values (uuid(), now()::timestamp)")
    sent, of = shipped(home)
    assert sent == of
    with psycopg.connect(str(home.target_url)) as conn:
        assert not before & set(conn.execute(files).fetchall())
