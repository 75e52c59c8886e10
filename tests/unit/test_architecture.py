"""Imports point one way, and what is said to happen in one place happens there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from models.tables import TABLES_BY_NAME

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "pipelines", "checks", "reports")
FILES = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """First names of the modules that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    allowed = {
        "models": {"models"},
        "checks": {"models", "checks"},
        "reports": {"models", "reports"},
        "pipelines": {"models", "checks", "reports", "pipelines"},
    }[relative(path).split("/")[0]]
    ours = imported(path) & {*PACKAGES, "tests"}
    assert ours <= allowed


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_only_pipelines_knows_dagster(path: Path) -> None:
    if not relative(path).startswith("pipelines/"):
        assert not {name for name in imported(path) if name.startswith("dagster")}


def test_only_settings_and_dagster_and_dbt_commands_touch_the_environment() -> None:
    readers = {relative(path) for path in FILES if "os.environ" in path.read_text(encoding="utf-8")}
    for_programs = {
        f"pipelines/{name}.py" for name in ("embedded", "environment", "job", "serve", "transform")
    }
    for_programs.add("checks/expectations.py")  # switches telemetry off
    assert readers - for_programs == {"pipelines/settings.py"}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_each_seed_is_read_by_the_one_model_that_cleans_it() -> None:
    seeds = {path.stem for path in (PROJECT / "dbt_project" / "seeds").glob("*.csv")}
    readers: dict[str, set[str]] = {seed: set() for seed in seeds}
    for path in (PROJECT / "dbt_project").rglob("*.sql"):
        for name in re.findall(r"ref\(\s*['\"](\w+)['\"]\s*\)", path.read_text(encoding="utf-8")):
            if name in seeds and "target" not in path.parts:
                readers[name].add(path.stem)
    assert readers == {seed: {f"int_{seed}"} for seed in seeds}


def test_each_operational_table_is_read_with_its_deleted_rows() -> None:
    """Who reads today's rows alone forgets: what stands is for the reader to choose."""
    staging = PROJECT / "dbt_project" / "models" / "staging"
    forgetful = [
        name
        for name, table in TABLES_BY_NAME.items()
        if table.has_history
        and f'last_known("{name}"' not in (staging / f"stg_{name}.sql").read_text()
    ]
    assert forgetful == []


def test_names_and_strings_are_quoted_in_one_module() -> None:
    doubled = re.compile(r"""replace\((?:'"', '""'|"'", "''")\)""")
    found = {relative(path) for path in FILES if doubled.search(path.read_text(encoding="utf-8"))}
    assert found == {"models/quoting.py"}
