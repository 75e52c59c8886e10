"""Run dbt in this process on the working file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult

from models.errors import BadConfiguration
from pipelines.settings import PROJECT, Settings

DBT_PROJECT = PROJECT / "dbt_project"


def project_dir(settings: Settings) -> Path:
    """The dbt project to run: the shipped one, or a copy under home with other seeds laid over.

    Raises BadConfiguration for a file in HYPNOMART_SEEDS that replaces no shipped seed.
    """
    if settings.seeds_dir is None:
        return DBT_PROJECT
    shipped = {path.name for path in (DBT_PROJECT / "seeds").glob("*.csv")}
    replaced = sorted(settings.seeds_dir.glob("*.csv"))
    if unknown := [path.name for path in replaced if path.name not in shipped]:
        raise BadConfiguration(
            f"HYPNOMART_SEEDS holds {', '.join(unknown)}, which replaces no seed; "
            f"the seeds are {', '.join(sorted(shipped))}."
        )
    copy = settings.home / "dbt_project"
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, copy, ignore=ignored)
    for path in replaced:
        shutil.copy(path, copy / "seeds" / path.name)
    return copy


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What the dbt project reads from the environment (see profiles.yml)."""
    return {
        "HYPNOMART_WAREHOUSE": str(settings.warehouse),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def dbt_arguments(settings: Settings, command: Sequence[str]) -> list[str]:
    """The command line of dbt for this home: project, profile, target folder and variables."""
    folder = str(project_dir(settings))
    return [
        *command,
        "--project-dir",
        folder,
        "--profiles-dir",
        folder,
        "--target-path",
        str(settings.home / "dbt" / "target"),
        "--log-path",
        str(settings.home / "dbt" / "logs"),
        "--vars",
        json.dumps(dict(settings.dbt_vars)),
    ]


def run_dbt(settings: Settings, *command: str, manifest: Any = None) -> dbtRunnerResult:
    """Run a dbt command, such as `build`, and return its result; dbt prints its own progress.

    `manifest`: one that an earlier `parse` of the same project returned, to save parsing again.
    """
    with environment(dbt_environment(settings)):
        return dbtRunner(manifest=manifest).invoke(dbt_arguments(settings, command))


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
