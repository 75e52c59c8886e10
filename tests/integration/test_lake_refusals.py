"""A lake that cannot or must not take the marts is refused in a sentence, and left as it is."""

from __future__ import annotations

import fcntl
import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
import pytest

from models.errors import TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.base.target_settings import places
from pipelines.extract.source.connection import extension_file
from pipelines.publication.targets.ducklake import brought_run
from pipelines.run.steps import reach
from tests.conftest import login_as
from tests.target_sample import everything_at, publish_odd
from tests.warehouse import settings_at

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(published_home: Settings) -> Path:
    """The folder of a lake that is not there yet, beside a home that has published."""
    return published_home.home.parent / "lake"


@pytest.fixture
def publish_to(publish_by_command: Call) -> Call:
    """`hypnomart publish --to ducklake` for a folder, and the URL of a catalog perhaps."""
    return lambda folder, catalog="": publish_by_command(
        "ducklake", HYPNOMART_LAKE=str(folder), HYPNOMART_LAKE_CATALOG=catalog
    )


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder but the lock, and what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_no_folder_is_named(publish_to: Call, folder: Path) -> None:
    code, words = publish_to("")
    assert code == 2 and "HYPNOMART_LAKE names no folder; set it to one outside home" in words


def test_a_catalog_that_is_down(publish_to: Call, folder: Path) -> None:
    code, words = publish_to(folder, "postgresql://me:s3cret@127.0.0.1:9/lake")
    assert code == 3 and "s3cret" not in words
    assert "Cannot connect to the target at 127.0.0.1:9, database lake" in words
    assert "HYPNOMART_LAKE_CATALOG is right" in words and contents(folder) == {}


def test_a_folder_that_cannot_be_made_and_a_file_in_its_place(
    publish_to: Call, folder: Path
) -> None:
    code, words = publish_to("/proc/lake")
    assert code == 3 and "The lake's folder /proc/lake cannot be written to" in words
    folder.write_text("somebody's", encoding="utf-8")
    code, words = publish_to(folder)
    assert code == 3 and "it is no folder" in words and "HYPNOMART_LAKE" in words
    assert folder.read_text(encoding="utf-8") == "somebody's"


def test_the_extension_is_missing(
    publish_to: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb_extension_ducklake", None)
    code, words = publish_to(folder)
    wanted = f"pip install duckdb-extension-ducklake=={duckdb.__version__}"
    assert code == 2 and wanted in words and contents(folder) == {}


@pytest.mark.parametrize("kind", ["a text", "a database"])
def test_a_file_of_somebody_else(publish_to: Call, folder: Path, kind: str) -> None:
    folder.mkdir()
    catalog = folder / "hypnomart.ducklake"
    if kind == "a text":
        catalog.write_text("theirs", encoding="utf-8")
    else:
        with duckdb.connect(str(catalog)) as con:
            con.execute("create table theirs as select 1 as one")
    before = contents(folder)
    code, words = publish_to(folder)
    assert code == 2 and f"{catalog} is no catalog of a DuckLake" in words
    assert contents(folder) == before


def test_somebody_else_wrote_to_the_lake(publish_to: Call, folder: Path) -> None:
    assert publish_to(folder)[0] == 0
    with duckdb.connect(":memory:") as con:
        con.execute(f"load '{extension_file('ducklake')}'")
        con.execute(f"attach 'ducklake:{folder}/hypnomart.ducklake' as lake")
        con.execute("create table lake.theirs as select range as i from range(1000)")
    before = contents(folder)
    code, words = publish_to(folder)
    assert code == 2 and "Version 2 of the lake in" in words and "is of somebody else" in words
    assert contents(folder) == before


@pytest.mark.parametrize("catalog", ["a file", "a server"])
def test_another_home_publishes_there(
    publish_to: Call, folder: Path, catalog: str, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_url if catalog == "a server" else ""
    assert publish_to(folder, url)[0] == 0
    before, there = contents(folder), everything_at(empty_url)
    other = settings_at(folder.parent / "elsewhere")
    publish_odd(other, run_id="run-of-another-home")
    monkeypatch.setenv("HYPNOMART_HOME", str(other.home))
    code, words = publish_to(folder, url)
    assert code == 2 and "is of run run-1, which this home never made" in words
    assert contents(folder) == before and everything_at(empty_url) == there


def test_the_files_of_the_catalog_lie_elsewhere(
    publish_to: Call, folder: Path, empty_url: str
) -> None:
    assert publish_to(folder, empty_url)[0] == 0
    before = contents(folder)
    other = folder.parent / "other"
    code, words = publish_to(other, empty_url)
    assert code == 2 and f"set HYPNOMART_LAKE to {folder}" in words
    assert contents(folder) == before and contents(other) == {}


def test_a_schema_of_somebody_else(publish_to: Call, folder: Path, empty_url: str) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute("create schema hypnomart_lake; create table hypnomart_lake.theirs (i int)")
    before = everything_at(empty_url)
    code, words = publish_to(folder, empty_url)
    assert code == 2 and "a schema hypnomart_lake with theirs, which is no lake" in words
    assert everything_at(empty_url) == before and contents(folder) == {}


def test_the_source_itself(
    publish_to: Call, folder: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", empty_url)
    before = everything_at(empty_url)
    code, words = publish_to(folder, empty_url)
    assert code == 2 and "HYPNOMART_LAKE_CATALOG leads to the source itself" in words
    assert everything_at(empty_url) == before and contents(folder) == {}


def test_a_login_without_rights(publish_to: Call, folder: Path, empty_url: str) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute("drop role if exists no_lake; create role no_lake login")
    own = login_as(empty_url, "no_lake")
    before = everything_at(empty_url)
    code, words = publish_to(folder, own)
    assert code == 3 and "The login no_lake may not create schemas" in words
    assert everything_at(empty_url) == before and contents(folder) == {}


def test_another_publication_is_on_its_way(publish_to: Call, folder: Path, empty_url: str) -> None:
    assert publish_to(folder)[0] == 0
    before = contents(folder)
    with (folder / ".hypnomart.ducklake.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        code, words = publish_to(folder)
    assert code == 4 and f"holds the lake {folder}" in words and contents(folder) == before
    with psycopg.connect(empty_url) as conn:
        conn.execute("select pg_advisory_lock(hashtext('Marts of hypnomart hypnomart_lake'))")
        code, words = publish_to(folder.parent / "other", empty_url)
    assert code == 4 and "on its way to schema hypnomart_lake" in words


def test_an_engine_that_fails_does_not_hold_the_others_back(
    published_home: Settings, folder: Path
) -> None:
    """After an erasure above all: the person would stay in a lake since a server is down."""
    settings = replace(
        published_home, lake=folder, target_url="postgresql://me:s3cret@127.0.0.1:9/bi"
    )
    said: list[str] = []
    with pytest.raises(TargetUnavailable, match="hypnomart publish --to postgres"):
        reach(settings, "run-1", engines=places(settings), progress=said.append)
    assert brought_run(settings) == "run-1"
    assert said == [f"4 tables in the lake {folder}, version 1"]
