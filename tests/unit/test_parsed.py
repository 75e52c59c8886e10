"""The project is parsed once for each content of its files and variables."""

from __future__ import annotations

import copy
import os
import re
import shutil
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SeedNode

from pipelines.transform import parsed
from tests.warehouse import parsed_manifest, settings_at

VARIABLE = re.compile(r"(?<!env_)\bvar\(")
CONFIG = re.compile(r"\bconfig\([^}]*")


class Parser:
    """Answers with a project of one seed, and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0
        nodes = parsed_manifest().nodes
        name = next(one for one, node in nodes.items() if isinstance(node, SeedNode))
        self.manifest = Manifest(nodes={name: copy.copy(nodes[name])})

    def __call__(self) -> Manifest:
        self.calls += 1
        return self.manifest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parsed_manifest()  # of the real project, before another one takes its place
    folder = tmp_path / "dbt_project"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "revenue.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(parsed, "DBT_PROJECT", folder)
    return folder


def test_another_home_with_the_same_project_parses_nothing(project: Path, tmp_path: Path) -> None:
    parse = Parser()
    first = parsed.parsed(settings_at(tmp_path / "a"), project, parse=parse)
    second = parsed.parsed(settings_at(tmp_path / "b"), project, parse=parse)
    assert parse.calls == 1
    assert first.nodes.keys() == second.nodes.keys() == parse.manifest.nodes.keys()
    # dbt writes into the manifest while it compiles, so that each caller has one of its own.
    assert first is not second


def test_what_killed_processes_left_is_swept_and_living_ones_go_on(project: Path) -> None:
    kept = project / "target" / "compiled-1.json"
    left, living = (kept.with_name(f"compiled-0.json.{name}") for name in ("4711", "4712"))
    kept.parent.mkdir()
    left.touch()
    os.utime(left, (1, 1))
    living.touch()
    parsed.write_kept(kept, b"{}")
    assert sorted(kept.parent.iterdir()) == [living, kept]


def test_a_copy_of_the_project_parses_nothing_and_reads_its_own_seeds(
    project: Path, tmp_path: Path
) -> None:
    parse, other = Parser(), tmp_path / "copy"
    parsed.parsed(settings_at(tmp_path / "a"), project, parse=parse)
    shutil.copytree(project, other, ignore=shutil.ignore_patterns("target"))
    manifest = parsed.parsed(settings_at(tmp_path / "b"), other, parse=parse)
    assert parse.calls == 1
    seeds = [node for node in manifest.nodes.values() if isinstance(node, SeedNode)]
    assert seeds and {node.root_path for node in seeds} == {str(other)}


def test_rows_of_a_seed_are_no_code_and_its_name_is(project: Path) -> None:
    seed = project / "price_book.csv"
    seed.write_text("price_usd\n4.95\n", encoding="utf-8")
    word = parsed.code_of_project(project)
    seed.write_text("price_usd\n5.95\n", encoding="utf-8")
    assert parsed.code_of_project(project) == word
    seed.rename(project / "prices.csv")
    assert parsed.code_of_project(project) != word


def test_what_is_read_is_kept_longer_than_what_is_not(project: Path, tmp_path: Path) -> None:
    settings, parse = settings_at(tmp_path), Parser()
    parsed.parsed(settings, project, parse=parse)
    (path,) = (project / "target").glob("parsed-*.msgpack")
    os.utime(path, (0, 0))
    parsed.parsed(settings, project, parse=parse)
    for number in range(parsed.KEPT - 1):
        parsed.write_kept(path.with_name(f"parsed-{number}.msgpack"), b"")
    assert path.exists() and parse.calls == 1
    parsed.write_kept(path.with_name("parsed-another.msgpack"), b"")
    assert not path.exists()


def test_a_change_of_a_file_is_parsed_anew_and_a_variable_is_none(
    project: Path, tmp_path: Path
) -> None:
    parse = Parser()
    settings = settings_at(tmp_path)
    parsed.parsed(settings, project, parse=parse)
    (project / "target" / "run_results.json").write_text("{}", encoding="utf-8")
    parsed.parsed(settings, project, parse=parse)
    assert parse.calls == 1
    (project / "models" / "revenue.sql").write_text("select 2", encoding="utf-8")
    parsed.parsed(settings, project, parse=parse)
    assert parse.calls == 2
    (project / "models" / "revenue.sql").rename(project / "models" / "income.sql")
    parsed.parsed(settings, project, parse=parse)
    assert parse.calls == 3
    with_variable = settings_at(tmp_path, dbt_vars={"grace_days": 3})
    parsed.parsed(with_variable, project, parse=parse)
    assert parse.calls == 3


def test_no_variable_decides_what_is_parsed() -> None:
    """Models and macros write a variable into SQL; no description, setting or reference asks it."""
    files = [path for path in parsed.project_files(parsed.DBT_PROJECT) if path.suffix != ".csv"]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    in_yaml = {path for path in files if path.suffix == ".yml" and VARIABLE.search(texts[path])}
    assert not in_yaml
    assert any(VARIABLE.search(text) for text in texts.values())
    for path, text in texts.items():
        for setting in CONFIG.findall(text):
            assert not VARIABLE.search(setting), path


@pytest.mark.parametrize("left", [b"", b"\x81", b"\xc1 no message at all"])
def test_what_a_killed_program_left_is_parsed_anew(
    project: Path, tmp_path: Path, left: bytes
) -> None:
    parse = Parser()
    settings = settings_at(tmp_path)
    parsed.parsed(settings, project, parse=parse)
    (path,) = (project / "target").glob("parsed-*.msgpack")
    path.write_bytes(left)
    parsed.parsed(settings, project, parse=parse)
    assert parse.calls == 2
    parsed.parsed(settings, project, parse=parse)
    assert parse.calls == 2


def test_a_project_that_may_not_be_written_is_kept_below_home(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsed.os, "access", lambda *_: False)
    settings = settings_at(tmp_path)
    parsed.parsed(settings, project, parse=Parser())
    assert not (project / "target").exists()
    assert len(list((settings.home / "dbt").glob("parsed-*.msgpack"))) == 1


def test_the_oldest_are_forgotten(project: Path, tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    (project / "target").mkdir()
    for number in range(parsed.KEPT + 3):
        (project / "target" / f"parsed-{number}.msgpack").write_bytes(b"")
    parsed.parsed(settings, project, parse=Parser())
    assert len(list((project / "target").glob("parsed-*.msgpack"))) == parsed.KEPT


def test_what_editors_keep_beside_a_file_is_not_of_the_project(tmp_path: Path) -> None:
    """A file open in an editor stopped a build that was compiled meanwhile."""
    (tmp_path / "models").mkdir()
    for name in ("a.sql", ".a.sql.swp", "a.sql~", ".DS_Store"):
        (tmp_path / "models" / name).touch()
    assert [path.name for path in parsed.project_files(tmp_path)] == ["a.sql"]
