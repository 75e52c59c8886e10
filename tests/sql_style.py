"""sqlfluff over all SQL: `python -m tests.sql_style lint` or `fix`, and files where not all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SQLFLUFF = Path(sys.executable).with_name("sqlfluff")
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


def runs(paths: Sequence[str]) -> dict[str | None, list[str]]:
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
    failed = 0
    for configuration, wanted in runs(paths).items():
        given = ["--config", configuration] if configuration else []
        words = [SQLFLUFF, command, "--processes", "2", *given, *wanted]
        failed |= subprocess.run(words, cwd=PROJECT, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
