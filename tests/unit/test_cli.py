"""The command line as a newcomer meets it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import duckdb
import pytest
import typer.main
from typer.testing import CliRunner

from models.errors import BadConfiguration
from pipelines.cli import app

PROJECT = Path(__file__).resolve().parents[2]


def commands(group: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    for child_name, child in getattr(group, "commands", {}).items():
        full = f"{name} {child_name}".strip()
        if hasattr(child, "commands"):
            yield from commands(child, full)
        else:
            yield full, child


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_the_commands_are_those_of_the_interface() -> None:
    assert set(COMMANDS) == {
        "run", "simulate", "schema apply", "schema check", "schema docs", "extract", "build",
        "check", "publish", "report", "query", "status", "erase", "serve",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_of_its_command(name: str) -> None:
    text = (COMMANDS[name].help or "").strip().splitlines()
    assert text[-1].startswith("Example: ")
    assert f"hypnomart {name}" in text[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert f"`hypnomart {name}" in (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_can_be_shown(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0, result.output


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.output == f"hypnomart {version('hypnomart')}\n"
    assert "credit marts" in CliRunner().invoke(app, ["--help"]).output


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published file with nothing in it, for what `query` computes by itself."""
    published = tmp_path / "published" / "hypnomart.duckdb"
    published.parent.mkdir()
    duckdb.connect(str(published)).close()
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path))
    return published


@pytest.mark.usefixtures("asked")
def test_a_table_of_many_columns_shows_every_value() -> None:
    columns = ", ".join(f"{n}.5 as a_rather_long_name_{n}" for n in range(40))
    result = CliRunner().invoke(app, ["query", f"select {columns}"])
    assert "a_rather_long_name_39" in result.output and "39.5" in result.output
    assert "…" not in result.output


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("sql", ["", " ; "])
def test_an_empty_query_is_refused_in_words(sql: str) -> None:
    error = CliRunner().invoke(app, ["query", sql]).exception
    assert isinstance(error, BadConfiguration) and "empty" in str(error)
