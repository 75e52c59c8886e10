"""Homes that earlier versions left, made by their own code (tests/homes): taken over as they are.

Each holds two extractions, between which rows changed and went; the sources are gone.
"""

from __future__ import annotations

import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.run import steps
from tests.e2e.pipeline import Business, quiet
from tests.faults.whole_runs import Command
from tests.warehouse import settings_at

HOMES = sorted((Path(__file__).parents[1] / "homes").glob("*.tar.xz"))
KEY = "a key of old"
Columns = dict[str, list[str]]


@pytest.fixture(params=HOMES, ids=lambda path: path.name)
def home(request: pytest.FixtureRequest, tmp_path: Path, source_url: str) -> Settings:
    """An old home; another server holds one subscriber in place of those it knows."""
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    business = Business(source_url)
    user_id = business.user("2026-01-10")
    business.event(user_id, "created", "2026-01-10")
    return settings_at(tmp_path, source_url=source_url, hash_key=KEY)


def versions(settings: Settings, named: Columns) -> dict[str, Counter[Any]]:
    """By table the named columns of its rows as text, in history.*."""
    return {table: rows_of(settings, f"history.{table}", names) for table, names in named.items()}


def rows_of(settings: Settings, relation: str, names: list[str]) -> Counter[Any]:
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        listed = ", ".join(f"{name}::varchar" for name in names)
        return Counter(con.execute(f"select {listed} from {relation}").fetchall())


def columns(settings: Settings, schema: str) -> Columns:
    """By table the columns of a schema, but for the extraction's own."""
    found: Columns = {}
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        for table, name in con.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = ?", [schema]
        ).fetchall():
            if schema == "history" or not name.startswith("_"):
                found.setdefault(table, []).append(name)
    return found


def test_no_version_of_a_row_is_lost(home: Settings) -> None:
    """What had a history keeps it; what had none keeps the rows that stood."""
    kept, stood = columns(home, "history"), columns(home, "raw")
    with_history = {table.name for table in TABLES if table.has_history}
    others = {table: names for table, names in stood.items() if table in with_history - set(kept)}
    before = versions(home, kept)
    before |= {table: rows_of(home, f"raw.{table}", names) for table, names in others.items()}
    assert set(before) == with_history
    assert sum(sum(found.values()) for found in before.values()) > 100
    steps.extract_step(home, "new", full_refresh=False, progress=quiet)
    after = versions(home, kept | others)
    assert [table for table, found in before.items() if not found <= after[table]] == []
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        assert con.execute("select count(*) from raw.user_profile").fetchone() == (1,)
        runs = con.execute("select distinct run_id from meta.run_manifest order by 1").fetchall()
    assert runs == [("new",), ("old-1",), ("old-2",)]


def test_status_answers(home: Settings) -> None:
    code, output = Command(home, "status").end()
    assert code == 0, output
