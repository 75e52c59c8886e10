"""sqlfluff over all SQL: `python -m tests.sql_style lint`, or `fix`, and files where not all of it.

sqlfluff compiles every macro of the project twice for each file, 40 % of its time: here once.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment
from sqlfluff.cli.commands import cli

PROJECT = Path(__file__).parents[1]
# Folders, and what they have beside .sqlfluff; .sqlfluffignore names what sqlfluff cannot read.
FOLDERS = {
    "dbt_project/models": None,
    "dbt_project/tests": None,
    "reports/sql": "tests/lint/reports.cfg",
    "pipelines/publication": "tests/lint/reports.cfg",
    "models/catalogue": "tests/lint/postgres.cfg",
    "models/schema": "tests/lint/schema.cfg",
    "pipelines/extract": "tests/lint/postgres.cfg",
}

_compile = Environment.compile


@functools.cache
def _compiled(source: str, name: str | None, extensions: tuple[str, ...]) -> Any:
    return _compile(_environments[extensions], source, name)


_environments: dict[tuple[str, ...], Environment] = {}


def _compile_once(
    environment: Environment, source: Any, name: str | None = None, **more: Any
) -> Any:
    """What a source text compiles to depends on the environment's extensions alone."""
    if not isinstance(source, str) or more:
        return _compile(environment, source, name, **more)
    extensions = tuple(sorted(environment.extensions))
    _environments.setdefault(extensions, environment)
    return _compiled(source, name, extensions)


# sqlfluff's own processes import this module anew, and so have it too.
Environment.compile = _compile_once  # type: ignore[method-assign]


def runs(paths: list[str]) -> dict[str | None, list[str]]:
    """Configuration -> what is linted with it, of the paths or of all."""
    found: dict[str | None, list[str]] = {}
    for folder, configuration in FOLDERS.items():
        below = [path for path in paths if Path(path).is_relative_to(folder)]
        if wanted := below if paths else [folder]:
            found.setdefault(configuration, []).extend(wanted)
    return found


def main() -> int:
    """0 if nothing is left to say."""
    command, *paths = sys.argv[1:]
    os.chdir(PROJECT)
    failed = 0
    for configuration, wanted in runs(paths).items():
        given = ["--config", configuration] if configuration else []
        try:
            cli([command, "--processes", "2", *given, *wanted])
        except SystemExit as end:
            failed |= int(end.code or 0)
    return failed


if __name__ == "__main__":
    sys.exit(main())
