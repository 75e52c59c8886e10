"""What becomes of the nodes of a dbt project: a model, a seed, a data test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks.result import Severity
from pipelines.transform.marts import Manifest

Sql = Mapping[str, str]


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
        " ".join(str(message or "").split()),
    )
