"""The word of a node changes with what would be built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.transform.content import Code
from tests.warehouse import settings_at

MANIFEST: dict[str, Any] = {"macros": {}, "metadata": {"dbt_version": "1"}, "nodes": {}}


@pytest.fixture
def seed(tmp_path: Path) -> dict[str, Any]:
    """A seed's node whose file is larger than what dbt reads for its checksum."""
    (tmp_path / "rates.csv").write_text("day,rate\n" + "2026-01-01,1.1\n" * 80_000)
    return {
        "unique_id": "seed.rates", "resource_type": "seed", "columns": {}, "raw_code": "",
        "root_path": str(tmp_path), "original_file_path": "rates.csv",
        "checksum": {"name": "path", "checksum": "rates.csv"},
        "config": {"column_types": {"rate": "decimal(18,4)"}}, "depends_on": {"macros": []},
    }  # fmt: skip


def word(seed: dict[str, Any], tmp_path: Path) -> str:
    return Code(MANIFEST, settings_at(tmp_path)).word(seed)


def test_one_digit_of_a_large_seed_is_another_seed(seed: dict[str, Any], tmp_path: Path) -> None:
    before = word(seed, tmp_path)
    assert word(seed, tmp_path) == before
    path = tmp_path / "rates.csv"
    path.write_text(path.read_text()[:-3] + ".2\n")
    assert word(seed, tmp_path) != before


def test_a_seed_of_other_types_is_another_seed(seed: dict[str, Any], tmp_path: Path) -> None:
    before = word(seed, tmp_path)
    seed["config"]["column_types"]["rate"] = "decimal(18,2)"
    assert word(seed, tmp_path) != before


def test_a_file_saved_while_a_build_runs_is_entered_as_it_was(
    seed: dict[str, Any], tmp_path: Path
) -> None:
    code = Code(MANIFEST, settings_at(tmp_path))
    before = code.word(seed)
    (tmp_path / "rates.csv").write_text("day,rate\n")
    assert code.word(seed) == before
    assert word(seed, tmp_path) != before
