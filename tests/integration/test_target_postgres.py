"""What is published stands at the target value by value, as BI tools find it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

from models.errors import HypnomartError, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.publication import publications
from pipelines.publication.targets.postgres import Brought, bring
from pipelines.publication.targets.server import READER
from pipelines.transform.marts import Mart
from tests.bi_tools import analyst_url, assert_bi_tools_read
from tests.conftest import new_database
from tests.target_sample import publish_all, publish_odd, published_rows, target_rows, traces_at
from tests.warehouse import settings_at

CANARY = "GPA.3344-5566-LEAVER"


@pytest.fixture(scope="module")
def whole(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, list[Mart], Brought]]:
    """Every mart of the project, published and brought to a database of its own."""
    with new_database(postgres_url) as url:
        settings = settings_at(tmp_path_factory.mktemp("target"), target_url=url)
        marts = publish_all(settings)
        yield settings, marts, bring(settings)


@pytest.fixture
def odd(tmp_path: Path, empty_url: str) -> Settings:
    """A mart of odd values is published, its target empty."""
    settings = settings_at(tmp_path, target_url=empty_url)
    publish_odd(settings)
    return settings


def test_every_mart_arrives_as_it_is_published(
    whole: tuple[Settings, list[Mart], Brought],
) -> None:
    settings, marts, brought = whole
    assert settings.target_url and brought.tables == len(marts) + 2
    for name in [*(mart.name for mart in marts), "publication", "marts"]:
        found = target_rows(settings.target_url, name)
        assert found == published_rows(settings.published, name), name
        assert found or name == "restatements"


def test_a_bi_tool_reads_everything_finds_keys_and_comments_and_writes_nothing(
    whole: tuple[Settings, list[Mart], Brought],
) -> None:
    settings, marts, _ = whole
    assert settings.target_url
    with psycopg.connect(settings.target_url) as conn:
        about = conn.execute("select obj_description('hypnomart.fct_revenue'::regclass)")
        assert about.fetchone() == ("About fct_revenue.",)
    assert_bi_tools_read(analyst_url(settings.target_url, "bi_tool"), marts)


def test_odd_values_arrive_exactly(odd: Settings) -> None:
    bring(odd)
    assert odd.target_url
    one, two = sorted(target_rows(odd.target_url, "fct_odd"))
    assert one[1] == Decimal("123456789012345.6789") and two[1] == Decimal("-0.0001")
    assert math.isnan(one[2]) and one[3] == -math.inf and math.copysign(1, one[4]) == -1
    assert two[2:5] == (math.inf, 1e-320, 0.0)
    assert one[5] == Decimal("170141183460469231731687303715884") and two[5] == -1
    assert one[6:8] == (date(1, 1, 1), datetime(2026, 10, 31, 23, 59, 59, 999999))
    assert two[6:8] == (date(9999, 12, 31), datetime(1969, 12, 31, 23, 59, 59))
    assert one[8:12] == ("a", "", ["x", None, ""], 'Zoë\n"quoted", \\N \\. \t\'; drop table x --')
    assert two[8:] == ("b", None, None, None, None, None)
    with psycopg.connect(odd.target_url) as conn:
        told = conn.execute(
            "select obj_description('hypnomart.fct_odd'::regclass), "
            "col_description('hypnomart.fct_odd'::regclass, 2)"
        ).fetchone()
    assert told == ("One row per oddity, and nobody's business.", 'What it cost, "US dollars".')


def test_a_time_reads_the_same_in_every_session(odd: Settings) -> None:
    """A time with a zone would fall into November for who sits in Berlin."""
    bring(odd)
    assert odd.target_url
    with psycopg.connect(odd.target_url) as conn:
        for zone in ("Europe/Berlin", "America/Los_Angeles"):
            conn.execute(f"set timezone = '{zone}'".encode())
            months = conn.execute(
                "select date_trunc('month', happened_at)::text from hypnomart.fct_odd "
                "where odd_id = 1"
            ).fetchone()
            assert months == ("2026-10-01 00:00:00",)


def test_what_the_rows_do_not_bear_out_is_not_declared(tmp_path: Path, empty_url: str) -> None:
    settings = settings_at(tmp_path, target_url=empty_url)
    publish_odd(settings, extra="insert into marts.fct_odd select * from marts.fct_odd limit 1")
    bring(settings)
    with psycopg.connect(empty_url) as conn:
        keys = "select 1 from pg_constraint where conrelid = 'hypnomart.fct_odd'::regclass"
        assert conn.execute(keys + " and contype in ('p', 'u')").fetchone() is None


def test_a_row_that_the_server_alters_is_noticed(odd: Settings) -> None:
    """An event trigger of the server gives each new table a trigger that writes in capitals."""
    assert odd.target_url
    with psycopg.connect(odd.target_url) as conn:
        conn.execute(
            """
            create function public.louder() returns trigger language plpgsql as
                $$ begin new.amount_usd := new.amount_usd + 0.0001; return new; end $$;
            create function public.on_create() returns event_trigger language plpgsql as $$
            begin
                if to_regclass('hypnomart_building.fct_odd') is not null
                    and not exists (select 1 from pg_trigger where tgname = 'louder') then
                    create trigger louder before insert on hypnomart_building.fct_odd
                        for each row execute function public.louder();
                end if;
            end $$;
            create event trigger louder on ddl_command_end when tag in ('CREATE TABLE')
                execute function public.on_create();
            """
        )
    with pytest.raises(HypnomartError, match="fct_odd does not come back"):
        bring(odd)
    with psycopg.connect(odd.target_url) as conn:
        left = conn.execute("select 1 from pg_namespace where nspname like 'hypno%'").fetchone()
    assert left is None


def test_an_older_server_gets_the_same(tmp_path: Path, second_major_url: str) -> None:
    settings = settings_at(tmp_path, target_url=second_major_url)
    publish_all(settings)
    bring(settings)
    found = target_rows(second_major_url, "fct_revenue")
    assert found == published_rows(settings.published, "fct_revenue")
    engine = create_engine(second_major_url.replace("postgresql:", "postgresql+psycopg:"))
    assert inspect(engine).get_foreign_keys("fct_revenue", "hypnomart")
    engine.dispose()


def test_who_reads_goes_on_and_the_next_query_finds_the_new_rows(odd: Settings) -> None:
    bring(odd)
    assert odd.target_url
    with psycopg.connect(odd.target_url) as reader:
        reader.execute("set transaction isolation level repeatable read")
        reader.execute("declare c cursor for select odd_id from hypnomart.fct_odd order by 1")
        publish_odd(odd, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
        brought = bring(odd)
        assert brought.note and "still being read" in brought.note
        assert len(target_rows(odd.target_url, "fct_odd")) == 1
        assert reader.execute("fetch all from c").fetchall() == [(1,), (2,)]
    assert bring(odd).note is None
    with psycopg.connect(odd.target_url) as conn:
        names = conn.execute("select nspname from pg_namespace where nspname like 'hypno%'")
        assert names.fetchall() == [("hypnomart",)]


def test_a_rollback_is_brought_too(odd: Settings) -> None:
    publish_odd(odd, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
    bring(odd)
    assert odd.target_url and len(target_rows(odd.target_url, "fct_odd")) == 1
    publications.roll_back(odd)
    assert bring(odd).run_id == "run-1"
    assert len(target_rows(odd.target_url, "fct_odd")) == 2
    assert target_rows(odd.target_url, "publication")[0][0] == "run-1"


@pytest.mark.skipif(
    "HYPNOMART_TEST_DSN" in os.environ, reason="the files of a server elsewhere cannot be read"
)
def test_who_is_erased_is_gone_from_the_servers_files(odd: Settings) -> None:
    """Rows, indexes and the planner's samples; the log is the server's own, as docs say."""
    assert odd.target_url
    more = "insert into marts.fct_odd (odd_id, text) select i, {} from range(10, 400) as t(i)"
    publish_odd(odd, run_id="run-2", extra=more.format(f"'{CANARY}'"))
    bring(odd)
    with psycopg.connect(odd.target_url) as conn:
        sampled = conn.execute("select most_common_vals::text from pg_stats where attname = 'text'")
        assert CANARY in str(sampled.fetchall())
    assert traces_at(odd.target_url, CANARY)
    publish_odd(odd, run_id="run-3", extra=more.format("'ERASED-' || i"))
    bring(odd)
    assert traces_at(odd.target_url, CANARY) == set()


def test_a_view_of_others_follows_with_all_that_it_is(odd: Settings) -> None:
    bring(odd)
    assert odd.target_url
    with psycopg.connect(odd.target_url) as conn:
        conn.execute(
            "create schema reporting; create view reporting.ids with (security_barrier = true) as "
            "select odd_id, amount_usd from hypnomart.fct_odd where is_odd is not false; "
            "create view reporting.counted as select count(*) as n from reporting.ids; "
            "comment on view reporting.ids is 'Theirs.'; "
            f"grant usage on schema reporting to {READER}; "
            f"grant select on reporting.ids to {READER}".encode()
        )
        facts = (
            "select relacl::text, reloptions, obj_description(oid) from pg_class "
            "where oid = 'reporting.ids'::regclass"
        )
        before = conn.execute(facts).fetchone()
    publish_odd(odd, run_id="run-2", extra="update marts.fct_odd set odd_id = odd_id + 10")
    bring(odd)
    assert target_rows(odd.target_url, "ids", "reporting") == [
        (11, Decimal("123456789012345.6789")), (12, Decimal("-0.0001")),
    ]  # fmt: skip
    assert target_rows(odd.target_url, "counted", "reporting") == [(2,)]
    with psycopg.connect(odd.target_url) as conn:
        assert conn.execute(facts).fetchone() == before


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("create materialized view public.m as select * from hypnomart.fct_odd", "public.m of "),
        ("create table public.t (i bigint references hypnomart.fct_odd (odd_id))", "on table "),
        ("create table hypnomart.theirs as select 1 as one", "hypnomart.theirs"),
        ("create function hypnomart.f() returns int language sql as 'select 1'", "hypnomart.f()"),
    ],
)
def test_what_would_be_lost_stops_the_publication(
    odd: Settings, statement: str, named: str
) -> None:
    bring(odd)
    assert odd.target_url
    with psycopg.connect(odd.target_url) as conn:
        conn.execute(statement.encode())
    publish_odd(odd, run_id="run-2")
    with pytest.raises(TargetUnavailable, match="cannot be replaced without losing") as caught:
        bring(odd)
    assert named in str(caught.value)
    assert target_rows(odd.target_url, "publication")[0][0] == "run-1"


def test_a_view_that_does_not_fit_stops_the_swap(odd: Settings) -> None:
    bring(odd)
    assert odd.target_url
    with psycopg.connect(odd.target_url) as conn:
        conn.execute("create view public.v as select rate from hypnomart.fct_odd")
    publish_odd(odd, run_id="run-2", extra="alter table marts.fct_odd drop column rate")
    with pytest.raises(TargetUnavailable, match=r"View public\.v of \w+ does not fit"):
        bring(odd)
    assert target_rows(odd.target_url, "publication")[0][0] == "run-1"
    assert len(target_rows(odd.target_url, "v", "public")) == 2


def test_two_schemas_of_one_database_do_not_meet(odd: Settings) -> None:
    bring(odd)
    bring(replace(odd, target_schema="staging_marts"))
    assert odd.target_url and urlsplit(odd.target_url).path
    rows: Any = target_rows(odd.target_url, "publication", "staging_marts")
    assert rows == target_rows(odd.target_url, "publication")
