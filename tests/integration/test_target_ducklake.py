"""What is published stands in the lake, version by version, as its readers find it."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from models.quoting import literal
from pipelines.base.settings import Settings
from pipelines.extract.source.connection import connection_string, extension_file
from pipelines.publication import publications
from pipelines.publication.targets.copies import Brought
from pipelines.publication.targets.ducklake import bring, brought_run
from tests.conftest import login_as
from tests.target_sample import (
    in_order,
    publish_all,
    publish_odd,
    published_rows,
    synchronised,
    traces_at,
    words_of,
)
from tests.warehouse import settings_at

CANARY = "GPA.3344-5566-LEAVER"
BRING = """
from pipelines.base.settings import load_settings
from pipelines.publication.targets.ducklake import bring
bring(load_settings())
"""
KILL = """
import os, signal
from pipelines.base.settings import load_settings
from pipelines.publication.targets import ducklake
ducklake.{name} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
ducklake.bring(load_settings())
"""


@pytest.fixture(params=["a file", "a server"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, empty_url: str) -> Settings:
    """A mart of odd values is published, and a lake named whose catalog is a file or a server's."""
    catalog = empty_url if request.param == "a server" else None
    settings = settings_at(tmp_path, lake=tmp_path / "lake", lake_catalog=catalog, keep=2)
    publish_odd(settings)
    return settings


def address(settings: Settings, url: str | None = None) -> tuple[str, str]:
    """What a reader attaches, as docs/engines.md says, and with which options."""
    if settings.lake_catalog is None:
        return f"ducklake:{settings.lake}/hypnomart.ducklake", "read_only"
    conninfo = connection_string(url or settings.lake_catalog)
    return f"ducklake:postgres:{conninfo}", "read_only, metadata_schema 'hypnomart_lake'"


@functools.cache
def loaded(_: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the extensions, loaded once: they are large."""
    con = duckdb.connect(":memory:")
    for name in ("postgres_scanner", "ducklake"):
        con.execute(f"load '{extension_file(name)}'")
    return con


@contextmanager
def reader(
    settings: Settings, url: str | None = None, name: str = "reader"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake as any program with DuckDB opens it; under another name beside one that is open."""
    con = loaded(name)
    place, options = address(settings, url)
    con.execute(f"attach {literal(place)} as lake ({options})")
    try:
        yield con
    finally:
        con.execute("detach lake")


def read(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with reader(settings, name="another reader") as con:
        return in_order(con.execute(query).fetchall())


def ids(settings: Settings, version: str = "") -> list[int]:
    """The keys of the mart, now or at a version."""
    return [row[0] for row in read(settings, f"select odd_id from lake.fct_odd {version}")]


def parquet(settings: Settings) -> set[Path]:
    assert settings.lake
    return set(settings.lake.rglob("*.parquet"))


def test_every_mart_arrives_as_it_is_published(tmp_path: Path) -> None:
    settings = settings_at(tmp_path, lake=tmp_path / "lake")
    marts = publish_all(settings)
    brought = bring(settings)
    assert (brought.run_id, brought.tables, brought.note) == ("run-1", len(marts) + 2, None)
    assert brought.place == f"the lake {settings.lake}, version 1"
    with reader(settings) as con:
        for name in [*(mart.name for mart in marts), "publication", "marts"]:
            found = in_order(con.execute(f'from lake."{name}"').fetchall())
            assert found == published_rows(settings.published, name), name
            assert found or name == "restatements"
        columns = """
            select table_name, column_name, data_type, comment from duckdb_columns()
            where database_name = '{}' and schema_name = 'main' order by all
        """
        con.execute(f"attach '{settings.published}' as published (read_only)")
        published = con.execute(columns.format("published")).fetchall()
        there = con.execute(columns.format("lake")).fetchall()
        con.execute("detach published")
        assert [row for row in there if row[0] not in ("publication", "marts")] == published
    others = settings.lake.stat().st_mode & 0o777 if settings.lake else 0
    assert others == 0o755 and {path.stat().st_mode & 0o777 for path in parquet(settings)} == {
        0o644
    }


def test_what_a_version_names_is_on_disk(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the power fails, no catalog names a file that is not there."""
    brought_to_disk = synchronised(monkeypatch)
    bring(lake)
    written = [*parquet(lake), *(path.parent for path in parquet(lake))]
    assert len(written) >= 6 and lake.lake
    assert {path.stat().st_ino for path in (*written, lake.lake)} <= {*brought_to_disk}


def test_odd_values_and_comments_arrive(lake: Settings) -> None:
    bring(lake)
    with duckdb.connect(str(lake.published), read_only=True) as con:
        exactly = "* replace (huge::varchar as huge, choice::varchar as choice)"
        published = con.execute(f"select {exactly} from fct_odd order by odd_id").fetchall()
    with reader(lake) as con:
        there = con.execute(f"select {exactly} from lake.fct_odd order by odd_id").fetchall()
        assert repr(there) == repr(published)  # NaN equals nothing, and 0.0 equals -0.0
        told = con.execute(
            "select t.comment, c.comment from duckdb_tables() t join duckdb_columns() c "
            "using (database_name, table_name) where database_name = 'lake' "
            "and table_name = 'fct_odd' and column_name = 'amount_usd'"
        ).fetchone()
    assert told == ("One row per oddity, and nobody's business.", 'What it cost, "US dollars".')
    assert brought_run(lake) == "run-1"


@pytest.mark.parametrize("lake", ["a file"], indirect=True)
def test_readers_return_to_the_publications_that_are_kept(lake: Settings) -> None:
    """Two earlier ones; the files of those before go with the next publication."""
    for number in (1, 2, 3, 4):
        other_id = f"update marts.fct_odd set odd_id = {number} where odd_id = 1"
        publish_odd(lake, run_id=f"run-{number}", extra=other_id)
        assert bring(lake).place.endswith(f"version {number}")
    assert ids(lake) == [2, 4]
    assert ids(lake, "at (version => 3)") == [2, 3] and ids(lake, "at (version => 2)") == [2, 2]
    with pytest.raises(duckdb.Error, match="version"):
        ids(lake, "at (version => 1)")
    told = read(lake, "select snapshot_id, commit_message from ducklake_snapshots('lake')")
    assert told == [(2, "run run-2"), (3, "run run-3"), (4, "run run-4")]
    of_four = parquet(lake)
    other = "select 5::bigint as odd_id, 'new' as more, now()::timestamp as happened_at"
    publish_odd(lake, run_id="run-5", extra=f"create or replace table marts.fct_odd as {other}")
    bring(lake)
    assert read(lake, "select odd_id, more from lake.fct_odd") == [(5, "new")]
    assert ids(lake, "at (version => 4)") == [2, 4]
    assert of_four - parquet(lake), "the files of version 1"


@pytest.mark.parametrize("lake", ["a file"], indirect=True)
def test_a_rollback_is_a_publication_too(lake: Settings) -> None:
    publish_odd(lake, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
    bring(lake)
    publications.roll_back(lake)
    assert bring(lake).run_id == "run-1" and ids(lake) == [1, 2]
    assert ids(lake, "at (version => 1)") == [2]


def test_a_reader_finds_the_old_snapshot_or_the_new_one(lake: Settings) -> None:
    """Who is reading keeps all tables of one publication, while the next one takes its place."""
    bring(lake)
    runs = """
        select (select run_id from lake.publication), list(odd_id order by odd_id) from lake.fct_odd
    """
    with reader(lake) as con:
        con.begin()
        assert con.execute(runs).fetchone() == ("run-1", [1, 2])
        publish_odd(lake, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
        process = subprocess.run([sys.executable, "-c", BRING], env=environment(lake))
        assert process.returncode == 0
        assert con.execute(runs).fetchone() == ("run-1", [1, 2])
        assert read(lake, runs) == [("run-2", [2])]
        con.rollback()


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings."""
    return {
        **os.environ,
        "HYPNOMART_HOME": str(settings.home),
        "HYPNOMART_LAKE": str(settings.lake),
        "HYPNOMART_LAKE_CATALOG": settings.lake_catalog or "",
    }


def test_a_killed_publication_leaves_the_old_snapshot_or_the_new_one(lake: Settings) -> None:
    """Killed before the snapshot stands, with all files written, and once it does."""
    bring(lake)
    before = parquet(lake)
    publish_odd(lake, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
    assert killed_at("hand_over", lake)
    left_behind = parquet(lake) - before
    assert left_behind and ids(lake) == [1, 2]
    assert killed_at("_forgotten", lake)
    assert ids(lake) == [2] and ids(lake, "at (version => 1)") == [1, 2]
    assert not left_behind & parquet(lake)
    assert brought_run(lake) == "run-2" and bring(lake).place.endswith("version 3")


def killed_at(name: str, settings: Settings) -> bool:
    """Whether a process that publishes was killed where it calls a function of ducklake.py."""
    command = [sys.executable, "-c", KILL.format(name=name)]
    return subprocess.run(command, env=environment(settings)).returncode == -signal.SIGKILL


def everything_in(settings: Settings) -> str:
    """Each value of the catalog and of every Parquet file."""
    with duckdb.connect(":memory:") as con:
        con.execute(f"load '{extension_file()}'")
        if settings.lake_catalog:
            server = literal(connection_string(settings.lake_catalog))
            con.execute(f"attach {server} as c (type postgres, schema 'hypnomart_lake')")
        else:
            con.execute(f"attach '{settings.lake}/hypnomart.ducklake' as c (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'c'"
        ).fetchall()
        words = [str(con.execute(f'from c."{s}"."{t}"').fetchall()) for s, t in tables]
    assert settings.lake
    return "\n".join([*words, words_of(settings.lake)])


def bytes_with_canary(settings: Settings) -> set[str]:
    """Files of the lake, and of its catalog's server, that hold CANARY as bytes."""
    assert settings.lake
    files = [path for path in settings.lake.rglob("*") if path.is_file()]
    found = {path.name for path in files if CANARY.encode() in path.read_bytes()}
    return found | (traces_at(settings.lake_catalog, CANARY) if settings.lake_catalog else set())


def test_who_is_erased_is_in_no_file_no_version_and_no_catalog(lake: Settings) -> None:
    if lake.lake_catalog and "HYPNOMART_TEST_DSN" in os.environ:
        pytest.skip("the files of a server elsewhere cannot be read")
    with_person = f"update marts.fct_odd set text = '{CANARY}'"
    for number in (1, 2):
        publish_odd(lake, run_id=f"run-{number}", extra=with_person)
        bring(lake)
    assert ids(lake, "at (version => 1)") == [1, 2]
    assert CANARY in everything_in(lake) and bytes_with_canary(lake)
    publish_odd(
        lake, run_id="run-3", extra="create schema meta; create table meta.erased (user_id uuid); "
        "insert into meta.erased values (uuid()); update marts.fct_odd set text = 'ERASED-1'",
    )  # fmt: skip
    brought = bring(lake)
    assert brought.note is None
    assert CANARY not in everything_in(lake) and bytes_with_canary(lake) == set()
    assert read(lake, "select snapshot_id from ducklake_snapshots('lake')") == [(3,)]
    assert ids(lake) == [1, 2]


def test_a_login_that_may_only_select_reads_the_lake(tmp_path: Path, empty_url: str) -> None:
    settings = settings_at(tmp_path, lake=tmp_path / "lake", lake_catalog=empty_url)
    publish_odd(settings)
    bring(settings)
    with psycopg.connect(empty_url) as conn:
        conn.execute(
            "drop role if exists lake_reader; create role lake_reader login; "
            "grant usage on schema hypnomart_lake to lake_reader; "
            "grant select on all tables in schema hypnomart_lake to lake_reader"
        )
    with reader(settings, login_as(empty_url, "lake_reader")) as con:
        assert con.execute("select count(*) from lake.fct_odd").fetchall() == [(2,)]
    publish_odd(settings, run_id="run-2", extra="delete from marts.fct_odd where odd_id = 1")
    assert isinstance(bring(settings), Brought)
    with reader(settings, login_as(empty_url, "lake_reader")) as con:
        assert con.execute("select count(*) from lake.fct_odd").fetchall() == [(1,)]
    with psycopg.connect(empty_url) as conn:
        conn.execute("drop owned by lake_reader; drop role lake_reader")
