"""Have dbt build models and data tests at another engine than DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelines.base.settings import Settings
from pipelines.transform.dbt import QUIET, BuildFailed, run_dbt
from pipelines.transform.nodes import NodeResult, result_of

# Of an error of PostgreSQL's or Spark's, what rows hold: messages are logged, and outlive an
# erasure. Names of tables and columns are quoted too, but not after a colon.
VALUES = re.compile(r"""(?<=: )".*"|'.*'|\s*DETAIL:.*""", re.DOTALL)


def built(
    settings: Settings, engine: str, *, variables: Mapping[str, str], tests: bool
) -> Iterator[NodeResult]:
    """What dbt says of each model and data test that it builds. `variables`: what leads to the
    engine. Raises BuildFailed where dbt cannot read the project."""
    kinds = ["model", "test"] if tests else ["model"]
    chosen = [word for kind in kinds for word in ("--resource-type", kind)]
    result = run_dbt(
        settings, "build", "--no-write-json", *QUIET, *chosen, engine=engine, variables=variables
    )
    runs = getattr(result.result, "results", None)
    if not runs:
        raise BuildFailed(f"dbt cannot build with {engine}: {result.exception}")
    yield from map(told, runs)


def made(results: Iterable[NodeResult]) -> set[str]:
    """The models that were built, by unique_id."""
    return {
        one.unique_id for one in results if one.resource_type == "model" and one.status == "success"
    }


def told(run: Any) -> NodeResult:
    """What dbt says of a node, without values of rows."""
    status = str(run.status)
    return result_of(
        run.node.to_dict(),
        status,
        seconds=run.execution_time,
        message=VALUES.sub("…", run.message or "") if status in ("error", "fail") else "",
        failing_rows=run.failures or 0,
    )
