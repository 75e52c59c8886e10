"""Run dbt in this process on the working file."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import HypnomartError
from pipelines.base.settings import DUCKDB, Settings
from pipelines.transform.parsed import DBT_PROJECT, code_of_project, parsed
from pipelines.transform.seeds.faults import own_seeds, refuse_faulty_seeds
from pipelines.transform.seeds.files import lay_over

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

KINDS = ("seed", "model", "test")  # what a build makes, in this order
# dbt says only what went wrong.
QUIET = ("--quiet", "--no-use-colors", "--log-level-file", "none")


class BuildFailed(HypnomartError):
    """A model, a seed or a test could not be read or built; the message names each."""

    exit_code = 2


def project_dir(settings: Settings) -> Path:
    """The dbt project to run: the shipped one, or a copy under home with other seeds laid over.

    Raises BadConfiguration for a file in HYPNOMART_SEEDS that replaces no shipped seed, or whose
    rows cannot be right.
    """
    if settings.seeds_dir is None:
        return DBT_PROJECT
    refuse_faulty_seeds(settings)
    copy = settings.home / "dbt_project"
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, copy, ignore=ignored)
    for path in own_seeds(settings):
        lay_over(path, copy / "seeds" / path.name)
    return copy


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What the dbt project reads from the environment (see profiles.yml)."""
    return {
        "HYPNOMART_WAREHOUSE": str(settings.warehouse),
        "HYPNOMART_SCHEMA_PREFIX": "",  # the project is parsed for every home
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def dbt_arguments(settings: Settings, command: Sequence[str], *, engine: str = DUCKDB) -> list[str]:
    """The command line of dbt for this home: project, profile, target folder and variables."""
    target = target_dir(settings)
    folder = str(project_dir(settings))
    return [
        *command,
        "--project-dir",
        folder,
        "--profiles-dir",
        folder,
        "--target",
        engine,
        "--target-path",
        str(target if engine == DUCKDB else target.with_name(f"target_{engine}")),
        "--log-path",
        str(settings.home / "dbt" / "logs"),
        "--vars",
        json.dumps(dict(settings.dbt_vars)),
    ]


def target_dir(settings: Settings) -> Path:
    """Where dbt leaves its manifest and run results."""
    return settings.home / "dbt" / "target"


def manifest_file(settings: Settings) -> Path:
    """The manifest of the newest build or parse."""
    return target_dir(settings) / "manifest.json"


def run_dbt(
    settings: Settings,
    *command: str,
    manifest: Any = None,
    engine: str = DUCKDB,
    variables: Mapping[str, str] | None = None,
) -> dbtRunnerResult:
    """Run a dbt command, such as `build`, and return its result; dbt prints its own progress.

    `manifest`: by default what `parse` returns for DuckDB; another engine, a target of
    profiles.yml, is parsed anew. `variables`: what leads to it.
    """
    # a second of processor time, which a run whose project was compiled before does not need
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    if manifest is None and command[0] != "parse" and engine == DUCKDB:
        manifest = parse(settings)
    with environment({**dbt_environment(settings), **(variables or {})}), bare_command_line():
        runner = dbtRunner(manifest=manifest)
        try:
            result = runner.invoke(dbt_arguments(settings, command, engine=engine))
        finally:
            # dbt keeps the working file open for its process; checks and publication follow in it.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if isinstance(result.exception, KeyboardInterrupt):  # which dbt takes for an error of its own
        raise KeyboardInterrupt
    return result


def parse(settings: Settings) -> Any:
    """The project as dbt parses it: kept where it was parsed before. Raises BuildFailed."""
    return parsed(settings, project_dir(settings), parse=lambda: _parse(settings))


def code_of(settings: Settings) -> str:
    """A word that changes with what dbt compiles: files but the rows of seeds, variables,
    versions."""
    return code_of_project(project_dir(settings), settings.dbt_vars)


def _parse(settings: Settings) -> Any:
    result = run_dbt(replace(settings, dbt_vars={}), "parse", "--no-write-json", *QUIET)
    if not result.success:
        raise BuildFailed(f"dbt cannot read the project {DBT_PROJECT}: {result.exception}")
    return result.result


def selected(settings: Settings, select: Sequence[str]) -> set[str]:
    """The seeds, models and data tests that a dbt selection names, tests that touch them included.

    Raises BuildFailed where dbt cannot read the selection.
    """
    kinds = [word for kind in KINDS for word in ("--resource-type", kind)]
    with redirect_stdout(io.StringIO()):  # dbt shows what it lists, however quiet
        result = run_dbt(
            settings, "list", "--output", "json", "--output-keys", "unique_id", *kinds, *QUIET,
            "--select", *select,
        )  # fmt: skip
    if not result.success:
        raise BuildFailed(f"dbt cannot read the selection {' '.join(select)}: {result.exception}")
    lines: Any = result.result or []
    if not lines:
        raise BuildFailed(f"--select {' '.join(select)} names no model, seed or test.")
    return {json.loads(line)["unique_id"] for line in lines}


@contextmanager
def bare_command_line() -> Iterator[None]:
    """Hide the process's arguments for the time of a block: dbt writes them into its results, and
    those of `hypnomart erase` name the person."""
    before = sys.argv
    sys.argv = before[:1]
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the time of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
