"""The command line as a newcomer meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main
from typer.testing import CliRunner

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
