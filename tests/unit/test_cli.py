"""The command line as a newcomer meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
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
README = (PROJECT / "README.md").read_text(encoding="utf-8")


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
        "check", "publish", "publications", "report", "query", "metrics", "explain", "status",
        "config", "doctor", "erase", "serve", "seeds init", "rates import", "parity",
        "fetch",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_of_its_command(name: str) -> None:
    text = (COMMANDS[name].help or "").strip().splitlines()
    assert text[-1].startswith("Example: ")
    assert f"hypnomart {name}" in text[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert f"`hypnomart {name}" in README


def test_the_readme_stays_short_and_names_what_is_no_command_of_its_own() -> None:
    assert len(README.splitlines()) < 150, "move details to docs/"
    assert "`hypnomart report verify" in README
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = {*re.findall(r"^([a-z]+):.*## ", makefile, re.M)}
    assert {*re.findall(r"`make ([a-z]+)`", README)} <= targets
    assert targets == {*re.findall(r"^.PHONY: (.*)$", makefile, re.M)[0].split()}, "make help"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_can_be_shown(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0, result.output


def test_no_summary_is_cut_at_eighty_columns() -> None:
    """A terminal of 80 columns leaves 78 for text."""
    groups = {name.split()[0] for name in COMMANDS if " " in name}
    for group in ([], *([name] for name in groups)):
        text = CliRunner().invoke(app, [*group, "--help"], terminal_width=78).output
        assert "..." not in text.split("Commands:")[1], text


def test_help_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys\nfrom pipelines import cli\nsys.argv = ['hypnomart', '--help']\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "slow = {'dagster', 'dbt', 'duckdb', 'psycopg', 'polars', 'numpy', 'great_expectations'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_completion_names_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()"],
        capture_output=True, text=True, cwd=PROJECT,
        env={**os.environ, "_HYPNOMART_COMPLETE": "complete_bash", "COMP_WORDS": "hypnomart s",
             "COMP_CWORD": "1"},
    )  # fmt: skip
    assert {"simulate", "status", "serve", "schema"} <= set(done.stdout.split())


def test_config_shows_origins_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("HYPNOMART_HASH_KEY=k3y-s3cret\nHYPNOMART_REPORTS=/srv/r\n")
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", "postgresql://me:s3cret@db/app")
    monkeypatch.setenv("HYPNOMART_TARGET_URL", "postgresql://me:s3cret@bi/bi")
    monkeypatch.setenv("HYPNOMART_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("HYPNOMART_LAKE_CATALOG", "postgresql://me:s3cret@bi/lake")
    monkeypatch.setenv("HYPNOMART_PARQUET", "s3://me:s3cret@bucket/marts")
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path / "home"))
    output = CliRunner().invoke(app, ["config", "--json"]).output
    assert "s3cret" not in output + CliRunner().invoke(app, ["config"]).output
    lines = {line["name"]: line for line in json.loads(output)}
    assert lines["HYPNOMART_SOURCE_URL"]["value"] == "postgresql://me:***@db/app"
    assert lines["HYPNOMART_TARGET_URL"]["value"] == "postgresql://me:***@bi/bi"
    assert lines["HYPNOMART_LAKE"]["value"] == str(tmp_path / "lake")
    assert lines["HYPNOMART_LAKE_CATALOG"]["value"] == "postgresql://me:***@bi/lake"
    assert lines["HYPNOMART_SOURCE_URL"]["origin"] == "the environment"
    assert lines["HYPNOMART_REPORTS"]["origin"] == str(tmp_path / ".env")
    assert lines["HYPNOMART_HASH_KEY"]["value"] == "***"
    assert lines["HYPNOMART_TARGET"] == {
        "name": "HYPNOMART_TARGET", "value": "duckdb", "origin": "the default",
        "about": "engines that get the marts",
    }  # fmt: skip


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("build", "--engine", "oracle"), "--engine 'oracle' builds nothing; choose duckdb or po"),
        (("check", "--engine", "oracle"), "--engine 'oracle' builds nothing"),
        (("publish", "--engine", "oracle"), "--engine 'oracle' builds nothing"),
        (("build", "--engine", "postgres", "--select", "dim_dates"), "builds nothing in part"),
        (("publish", "--engine", "postgres", "--rollback"), "--engine postgres goes alone"),
        (("publish", "--engine", "spark", "--to", "ducklake"), "--engine spark goes alone"),
        (("parity", "--engine", "duckdb"), "--engine 'duckdb' is not compared; choose postgres"),
    ],
    ids=["build", "check", "publish", "a part", "back", "to", "parity"],
)
def test_an_engine_that_cannot_do_it_is_refused(arguments: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, [*arguments])
    assert isinstance(result.exception, BadConfiguration) and said in str(result.exception)
