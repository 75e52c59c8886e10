"""The kept manifest is whole or made anew."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.transform import manifest
from pipelines.transform.dbt import manifest_file
from tests.warehouse import settings_at

WHOLE = {"nodes": {}, "macros": {}, "sources": {}}


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts the times that the project is parsed."""
    done: list[str] = []

    def write(path: str) -> None:
        done.append(path)
        Path(path).write_text(json.dumps(WHOLE), encoding="utf-8")

    monkeypatch.setattr(manifest, "write_semantics", lambda _, path: path.write_text("{}"))
    monkeypatch.setattr(manifest, "parse", lambda _: SimpleNamespace(write=write))
    return done


def test_an_unchanged_project_is_parsed_once(tmp_path: Path, parses: list[str]) -> None:
    settings = settings_at(tmp_path)
    assert manifest.read_manifest(settings) == manifest.read_manifest(settings) == WHOLE
    assert len(parses) == 1


@pytest.mark.parametrize("left", ["", '{"nodes": {', "[]", '{"nodes": {}}', "\x00\x01"])
def test_what_a_killed_process_left_is_made_anew(
    tmp_path: Path, parses: list[str], left: str
) -> None:
    settings = settings_at(tmp_path)
    manifest.read_manifest(settings)
    manifest_file(settings).write_text(left, encoding="utf-8")
    assert manifest.read_manifest(settings) == WHOLE
    assert len(parses) == 2


def test_a_manifest_without_its_state_is_made_anew(tmp_path: Path, parses: list[str]) -> None:
    settings = settings_at(tmp_path)
    manifest.read_manifest(settings)
    manifest_file(settings).with_suffix(".state").unlink()
    manifest.read_manifest(settings)
    assert len(parses) == 2


def test_other_variables_are_another_project(tmp_path: Path, parses: list[str]) -> None:
    manifest.read_manifest(settings_at(tmp_path))
    manifest.read_manifest(settings_at(tmp_path, dbt_vars={"tax_rate": 0.19}))
    assert len(parses) == 2
