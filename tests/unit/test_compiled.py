"""Compiled SQL is kept for each content of the project, and believed only as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.base.settings import Settings
from pipelines.transform import build, compiled, manifest
from pipelines.transform.dbt import BuildFailed
from tests.warehouse import quiet, settings_at

MODEL = "model.hypnomart.int_clock"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What dbt is asked to compile; it answers with SQL that names the question."""
    asked: list[list[str]] = []

    def compile_(_: Settings, ids: list[str]) -> Mapping[str, str]:
        asked.append(list(ids))
        return {one: f"select '{one}'" for one in ids}

    monkeypatch.setattr(compiled, "_compile", compile_)
    monkeypatch.setattr(compiled, "kept_folder", lambda _: tmp_path)
    return asked


def test_what_was_compiled_once_is_not_asked_again(tmp_path: Path, asked: list[list[str]]) -> None:
    settings = settings_at(tmp_path)
    assert compiled.compiled(settings, [MODEL]) == {MODEL: f"select '{MODEL}'"}
    compiled.compiled(settings, [MODEL, "test.one"])
    compiled.compiled(settings, [MODEL, "test.one"])
    assert asked == [[MODEL], ["test.one"]]


def test_other_variables_are_compiled_apart(tmp_path: Path, asked: list[list[str]]) -> None:
    compiled.compiled(settings_at(tmp_path), [MODEL])
    compiled.compiled(settings_at(tmp_path, dbt_vars={"grace_days": 3}), [MODEL])
    assert len(asked) == 2


def edited(kept: dict[str, Any]) -> str:
    return json.dumps(kept | {"sql": {MODEL: "select 1"}})


@pytest.mark.parametrize(
    "damage",
    [edited, lambda kept: json.dumps(kept)[:-9], lambda _: "", lambda _: "[1]", lambda _: "{}"],
    ids=["edited", "cut", "empty", "a list", "without anything"],
)
def test_a_file_that_is_not_as_it_was_written_is_made_anew(
    tmp_path: Path, asked: list[list[str]], damage: Any
) -> None:
    settings = settings_at(tmp_path)
    compiled.compiled(settings, [MODEL])
    (path,) = tmp_path.glob("compiled-*.json")
    path.write_text(damage(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert compiled.compiled(settings, [MODEL]) == {MODEL: f"select '{MODEL}'"}
    assert len(asked) == 2


def test_what_was_saved_while_dbt_compiled_is_not_kept_under_the_old_name(
    tmp_path: Path, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = iter(["before", "after", "after", "after"])
    monkeypatch.setattr(compiled, "code_of", lambda _: next(contents))
    compiled.compiled(settings_at(tmp_path), [MODEL])
    assert not list(tmp_path.glob("compiled-*"))
    compiled.compiled(settings_at(tmp_path), [MODEL])
    assert [path.name for path in tmp_path.glob("compiled-*")] == ["compiled-after.json"]


@pytest.mark.parametrize("edit", ["written to", "deleted", "new"])
@pytest.mark.parametrize("fails", [True, False], ids=["dbt stumbles", "dbt compiles"])
def test_a_file_that_changes_while_dbt_compiles_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str, *, fails: bool
) -> None:
    """What is built would be entered as the code of before, and approved once that is back."""
    project = tmp_path / "dbt_project"
    (project / "models").mkdir(parents=True)
    model = project / "models" / ("new.sql" if edit == "new" else "one.sql")
    (project / "models" / "one.sql").write_text("select 1 as one", encoding="utf-8")
    monkeypatch.setattr(manifest, "DBT_PROJECT", project)

    def edited_meanwhile(*_: object) -> Mapping[str, str]:
        if edit == "deleted":
            model.unlink()
        else:
            model.write_text("select 22 as one", encoding="utf-8")
        if fails:
            raise BuildFailed("dbt cannot compile nothing for one.")
        return {}

    monkeypatch.setattr(build, "compiled", edited_meanwhile)
    settings = settings_at(tmp_path)
    files = manifest.files_of_project(settings)
    with pytest.raises(BuildFailed, match=rf"^{model.name} changed while dbt compiled"):
        list(build.build(settings, {"nodes": {}, "sources": {}}, progress=quiet, files=files))
