"""What DuckDB makes of dbt's compiled SQL is what dbt itself would make."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.transform.compiled import compiled_meanwhile
from pipelines.transform.content import table_word
from pipelines.transform.dbt import KINDS, code_of, dbt_environment, run_dbt
from pipelines.transform.parsed import kept_folder
from tests.integration.conftest import Built
from tests.warehouse import (
    PRINTED_BY_DBT,
    build_nodes,
    parsed_manifest,
    parsed_project,
    quiet,
    settings_at,
)

COMMENTS = """
select schema_name, table_name, '', comment from duckdb_tables() where comment <> ''
union all
select schema_name, table_name, column_name, comment from duckdb_columns() where comment <> ''
order by all
"""


def made(warehouse: Path) -> tuple[dict[str, str], list[Any]]:
    """The word of each relation that dbt's project makes, and every comment."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        found = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('seeds', 'staging', 'intermediate', 'marts')"
        ).fetchall()
        return {name: table_word(con, name) for (name,) in found}, con.execute(COMMENTS).fetchall()


@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_build_equals_dbts_own(built: Built, tmp_path: Path) -> None:
    ours, theirs = (replace(built.settings, home=tmp_path / name) for name in ("ours", "theirs"))
    for settings in (ours, theirs):
        settings.home.mkdir()
        shutil.copy(built.settings.warehouse, settings.warehouse)
    results = list(build_nodes(ours, parsed_project(), progress=quiet))
    kinds = [word for kind in KINDS for word in ("--resource-type", kind)]
    command = ("build", *kinds, "--no-write-json", *PRINTED_BY_DBT)
    by_dbt = run_dbt(theirs, *command, manifest=parsed_manifest()).result.results
    said = {r.node.unique_id: (str(r.status), int(r.failures or 0)) for r in by_dbt}
    assert {r.unique_id: (r.status, r.failing_rows) for r in results} == said
    words, comments = made(ours.warehouse)
    words.pop("marts.lineage")  # which dbt leaves as it found it
    expected, expected_comments = made(theirs.warehouse)
    expected.pop("marts.lineage")
    assert words == expected
    assert comments == expected_comments
    assert len(words) > 180


@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_build_takes_the_room_of_the_one_before(built: Built, tmp_path: Path) -> None:
    """The working file of the second build, and of any later one, is as large as of the first;
    what was traced of the same SQL is not traced again for tables that no model reads."""
    settings = replace(built.settings, home=tmp_path)
    shutil.copy(built.settings.warehouse, settings.warehouse)
    sizes, traced = [], set()
    for _ in range(3):
        results = list(build_nodes(settings, parsed_project(), progress=quiet))
        assert {r.status for r in results} <= {"success", "pass", "warn"}
        sizes.append(settings.warehouse.stat().st_size)
        with duckdb.connect(str(settings.warehouse)) as con:
            traced |= {*con.execute("select distinct digest from meta.lineage").fetchall()}
            con.execute(f"create table meta.since_{len(sizes)} (x integer)")
    assert len(traced) == 1
    assert max(sizes) <= 1.15 * sizes[0], sizes


def test_the_other_process_imports_nothing_of_the_folder_where_somebody_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "socket.py").write_text("open('imported', 'w').close()\nraise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    with compiled_meanwhile(settings_at(tmp_path), []):
        pass
    assert not (tmp_path / "imported").exists()


def test_a_schema_prefix_of_the_environment_reaches_no_parse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPNOMART_SCHEMA_PREFIX", "other_")
    assert dbt_environment(settings_at(tmp_path))["HYPNOMART_SCHEMA_PREFIX"] == ""


def test_another_process_compiles_while_a_block_runs(tmp_path: Path) -> None:
    """What a first run does while it simulates; Ctrl-C and errors of the block end it."""
    model = "model.hypnomart.int_clock"
    settings = settings_at(tmp_path, dbt_vars={"grace_days": 4})
    kept = kept_folder(settings) / f"compiled-{code_of(settings)}.json"
    kept.unlink(missing_ok=True)
    with pytest.raises(KeyboardInterrupt), compiled_meanwhile(settings, [model]):
        raise KeyboardInterrupt
    assert not kept.exists() and not multiprocessing.active_children()
    with compiled_meanwhile(settings, [model]):
        pass
    assert list(json.loads(kept.read_text(encoding="utf-8"))["sql"]) == [model]
