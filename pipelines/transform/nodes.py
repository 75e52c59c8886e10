"""What becomes of the nodes of a dbt project: a model, a seed, a data test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from checks.result import Severity
from pipelines.transform.marts import Manifest

Sql = Mapping[str, str]
# What DuckDB raises because of a value; those about SQL quote the project's own words.
ABOUT_ROWS = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
BEFORE_STATEMENT = re.compile(r"(.*) LINE [0-9]+: ")  # which it shows at the end
QUOTED = re.compile(r"""'.*'|".*"|['"].*""")


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node. status: success, pass, warn, fail, error, skipped.

    `rows`: of a table that was made; `columns`: their names and types, of a view too.
    `failing_rows` counts what a data test found, 0 for a model or seed; `failing_sql` gives them.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    severity: str = "error"
    failing_rows: int = 0
    seconds: float = 0.0
    message: str = ""
    failing_sql: str = ""
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] = ()


def severity_of(node: Manifest) -> Severity:
    """What a failed data test is."""
    return "warn" if str(node["config"].get("severity")).lower() == "warn" else "error"


def result_of(
    node: Manifest,
    status: str,
    *,
    seconds: float = 0.0,
    message: object = "",
    failing_rows: int = 0,
) -> NodeResult:
    """The result of a node of the manifest."""
    return NodeResult(
        node["unique_id"],
        node["name"],
        node["resource_type"],
        status,
        severity_of(node),
        failing_rows,
        seconds,
        _without_values(message),
    )


def _without_values(message: object) -> str:
    """On one line; of an error that rows brought about, without what it quotes of them: messages
    are logged, and outlive an erasure."""
    words = " ".join(str(message or "").split())
    if not isinstance(message, ABOUT_ROWS):
        return words
    found = BEFORE_STATEMENT.match(words)
    return QUOTED.sub("…", found[1] if found else words)
