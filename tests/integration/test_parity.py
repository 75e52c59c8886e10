"""PostgreSQL builds the marts that DuckDB builds: rows, keys, money and counts, doubles to 1e-9."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest
from psycopg.rows import dict_row

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.publication.native.parity import CLOSE, compared, difference_sql
from pipelines.publication.native.postgres import build_there, building_server, forget_built
from pipelines.publication.native.shipping import begin
from pipelines.publication.targets.schema import target
from pipelines.publication.targets.server import Server
from pipelines.publication.targets.swap import begin_schema
from pipelines.run.native import build_there_step, built_by, publish_there_step
from pipelines.run.steps import check_step, newest_run_id, refuse_errors
from pipelines.transform.build import refuse_unbuilt
from pipelines.transform.manifest import read_manifest
from pipelines.transform.marts import published_marts
from tests.bi_tools import analyst_url, assert_bi_tools_read
from tests.conftest import login_as, new_database
from tests.integration.conftest import Built
from tests.target_sample import published_rows, target_rows
from tests.warehouse import build, quiet, settings_at, write_raw


@pytest.fixture(scope="module")
def built_there(built: Built, postgres_url: str) -> Iterator[tuple[Settings, str]]:
    """A business with all faults, built by both engines, its data tests by PostgreSQL."""
    build(built.settings)
    with new_database(postgres_url) as url:
        settings = replace(built.settings, target_url=url)
        results = build_there_step(settings, "postgres", progress=quiet)
        refuse_unbuilt(results)
        assert {one.resource_type for one in results} == {"model", "test"}
        yield settings, url


def refused(settings: Settings) -> str:
    """How what PostgreSQL built is refused its publication."""
    built = built_by(settings, "postgres")
    with pytest.raises(HypnomartError) as caught:
        publish_there_step(built, newest_run_id(built))
    return str(caught.value)


def there(url: str) -> list[tuple[str, str]]:
    """Schemas and what their comments say."""
    with psycopg.connect(url) as conn:
        return conn.execute(
            "select nspname, obj_description(oid, 'pg_namespace') from pg_namespace "
            "where nspname !~ '^pg_' order by 1"
        ).fetchall()


ALL = pytest.mark.parametrize("built", ["all"], indirect=True, scope="module")


@ALL
def test_what_was_not_checked_is_not_published(built_there: tuple[Settings, str]) -> None:
    settings, url = built_there
    before = there(url)
    said = refused(settings)
    assert "has no result" in said and "`hypnomart check --engine postgres`" in said
    assert not settings.published.exists() and there(url) == before


@ALL
def test_a_target_that_cannot_take_what_it_built_is_refused(
    built_there: tuple[Settings, str],
) -> None:
    settings, url = built_there
    with psycopg.connect(url) as conn:
        conn.execute("create schema theirs; drop role if exists builds_nothing")
        conn.execute("create role builds_nothing login")
    before = there(url)
    for changes, said in (
        ({"target_url": "postgresql://me:s3cret@127.0.0.1:9/bi"}, "Cannot connect to the target"),
        ({"target_url": login_as(url, "builds_nothing")}, "may not create schemas"),
        ({"source_url": url}, "leads to the source itself"),
        ({"target_schema": "theirs"}, "a schema theirs of"),
    ):
        assert said in refused(replace(settings, **changes)), said
        assert not settings.published.exists() and there(url) == before
    with psycopg.connect(url) as conn:
        conn.execute("drop schema theirs")


@ALL
def test_what_was_checked_is_published_where_it_was_built(
    built_there: tuple[Settings, str],
) -> None:
    settings, url = built_there
    built = built_by(settings, "postgres")
    refuse_errors(check_step(built, "run-1", progress=quiet))
    publication, brought = publish_there_step(built, "run-1")
    assert brought.tables == publication.tables + 2 and brought.run_id == "run-1"
    marts = published_marts(read_manifest(settings))
    assert publication.tables == len(marts)
    for name in [*(mart.name for mart in marts), "publication", "marts"]:
        assert target_rows(url, name) == published_rows(settings.published, name), name
    assert_bi_tools_read(analyst_url(url, "of_native"), marts)


@ALL
def test_a_mart_written_to_since_it_was_checked_is_not_published(
    built_there: tuple[Settings, str],
) -> None:
    settings, url = built_there
    mart = "hypnomart_marts.revenue_monthly"
    before, file = target_rows(url, "publication"), settings.published.read_bytes()
    with psycopg.connect(url) as conn:
        conn.execute(f"update {mart} set net_usd = net_usd + 0.0001".encode())
    said = refused(settings)
    assert f"{mart} at the target is not what was built and checked" in said
    assert settings.published.read_bytes() == file, "compared once the file was replaced"
    with psycopg.connect(url) as conn:
        conn.execute(f"alter table {mart} rename to elsewhere".encode())
    assert f"The target has no {mart}" in refused(settings)
    with psycopg.connect(url) as conn:
        conn.execute("alter table hypnomart_marts.elsewhere rename to revenue_monthly")
        conn.execute(f"update {mart} set net_usd = net_usd - 0.0001".encode())
    with duckdb.connect(str(settings.warehouse)) as con:
        later = "(as_of_at + interval 1 hour as as_of_at, 'run-2' as run_id)"
        con.execute(
            f"insert into meta.run_manifest select * replace {later} from meta.run_manifest"
        )
    assert "built run run-1, and run run-2 was extracted since" in refused(settings)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("delete from meta.run_manifest where run_id = 'run-2'")
    assert target_rows(url, "publication") == before


@ALL
def test_both_engines_give_the_same_marts(built_there: tuple[Settings, str]) -> None:
    settings, url = built_there
    marts = list(compared(settings, "postgres"))
    assert [mart for mart in marts if not mart.is_equal] == []
    assert len(marts) > 70 and sum(mart.rows > 0 for mart in marts) > 60
    with psycopg.connect(url) as conn:
        conn.execute("update hypnomart_marts.revenue_monthly set net_usd = net_usd + 0.0001")
        conn.execute("delete from hypnomart_marts.dim_dates where date = '2026-02-28'")
    differing = {mart.mart: mart for mart in compared(settings, "postgres") if not mart.is_equal}
    assert set(differing) == {"dim_dates", "revenue_monthly"}
    assert differing["dim_dates"].missing == 1
    assert differing["revenue_monthly"].faults == ("net_usd",)
    with psycopg.connect(url) as conn:
        conn.execute("create view mine as select * from hypnomart_marts.dim_dates")
    kind, said = refusal(settings, url)
    assert kind is TargetUnavailable and "view public.mine depends on" in said
    with psycopg.connect(url) as conn:
        conn.execute("drop view mine")
    assert forget_built(settings) and not forget_built(settings)
    with psycopg.connect(url) as conn:
        names = conn.execute("select nspname from pg_namespace where nspname like 'hypno%'")
        assert names.fetchall() == [("hypnomart",)], "the copy is replaced by the next one"


@pytest.fixture
def extracted(tmp_path: Path) -> Settings:
    """A working file of a source without rows."""
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=datetime(2026, 10, 31))
    return settings


def refusal(settings: Settings, url: str) -> tuple[type[HypnomartError], str]:
    """How a build at the target is refused, with nothing made there."""
    with psycopg.connect(url) as conn:
        before = conn.execute("select nspname from pg_namespace order by 1").fetchall()
        with pytest.raises(HypnomartError) as caught:
            build_there(replace(settings, target_url=url), progress=quiet)
        assert conn.execute("select nspname from pg_namespace order by 1").fetchall() == before
    return type(caught.value), str(caught.value)


def test_a_schema_of_others_stays_as_it_is(extracted: Settings, empty_url: str) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute("create schema hypnomart_raw")
    kind, said = refusal(extracted, empty_url)
    assert kind is BadConfiguration and "a schema hypnomart_raw of" in said


def test_what_another_home_built_there_stays_as_it_is(
    extracted: Settings, empty_url: str, tmp_path: Path
) -> None:
    """Neither a build nor an erasure of one home takes the other's away; what it built itself it
    finds again after further extractions."""
    settings = replace(extracted, target_url=empty_url)
    with building_server(settings) as (conn, server):
        begin(conn, server, run_id=newest_run_id(settings))
    write_raw(settings, {}, as_of=datetime(2026, 11, 1), run_id="run-later")
    other = settings_at(tmp_path / "other")
    write_raw(other, {}, as_of=datetime(2026, 10, 31), run_id="run-there")
    kind, said = refusal(other, empty_url)
    assert kind is BadConfiguration and "which this home never made" in said
    assert "HYPNOMART_TARGET_SCHEMA" in said
    assert not forget_built(replace(other, target_url=empty_url)) and forget_built(settings)


def test_copies_and_what_was_built_there_replace_nothing_of_each_other(
    extracted: Settings, empty_url: str
) -> None:
    """`hypnomart_marts` may hold copies, or what was built for schema `hypnomart`."""
    with psycopg.connect(empty_url, autocommit=True, row_factory=dict_row) as conn:
        begin_schema(conn, "hypnomart_marts", run_id="run-1")
        conn.execute("alter schema hypnomart_marts_building rename to hypnomart_marts")
    kind, said = refusal(extracted, empty_url)
    assert kind is BadConfiguration and "a schema hypnomart_marts of" in said
    settings = replace(extracted, target_url=empty_url, target_schema="hypnomart_marts")
    assert not forget_built(replace(settings, target_schema="hypnomart"))
    with target(settings) as conn:
        conn.execute("drop schema hypnomart_marts")
        begin(conn, Server("HYPNOMART_TARGET_URL", empty_url, "hypnomart"), run_id="run-1")
        conn.commit()
    with pytest.raises(BadConfiguration, match="a schema hypnomart_marts of"), target(settings):
        pass


@pytest.mark.parametrize(
    ("one", "other", "is_close"),
    [
        ("nan", "1", False), ("infinity", "1", False), ("infinity", "-infinity", False),
        ("nan", None, False), ("infinity", "nan", False), ("1", "1.00001", False),
        ("nan", "nan", True), ("infinity", "infinity", True), (None, None, True),
        ("1", "1.0000000000001", True),
    ],
)  # fmt: skip
def test_what_is_no_number_equals_nothing_but_itself(
    one: str | None, other: str | None, is_close: bool
) -> None:
    query = (
        f"select {difference_sql('x', 'DOUBLE')} from (select ?::double as x, true as is_here) as "
        "here cross join (select ?::double as x, true as is_there) as there"
    )
    for pair in ([one, other], [other, one]):
        (found,) = duckdb.execute(query, pair).fetchall()[0]
        assert (found > CLOSE) != is_close


def test_a_database_of_another_language_is_refused(extracted: Settings, postgres_url: str) -> None:
    """Of C, which knows the lower case of A to Z alone; of a language is told so too."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute("create database of_c template template0 encoding 'UTF8' locale 'C'")
        try:
            url = urlunsplit(urlsplit(postgres_url)._replace(path="/of_c"))
            kind, said = refusal(extracted, url)
        finally:
            conn.execute("drop database of_c with (force)")
    assert kind is TargetUnavailable and "of_c follows C;" in said


def test_a_login_that_may_not_create_is_told_what_to_ask_for(
    extracted: Settings, empty_url: str
) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute("drop role if exists builder")
        conn.execute("create role builder login")
    kind, said = refusal(extracted, login_as(empty_url, "builder"))
    assert kind is TargetUnavailable and "grant create on database" in said


def test_before_the_first_extraction_there_is_nothing_to_ship(
    tmp_path: Path, empty_url: str
) -> None:
    kind, said = refusal(settings_at(tmp_path), empty_url)
    assert kind is BadConfiguration and "run `hypnomart extract` first" in said
