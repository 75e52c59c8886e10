"""Run dbt in this process on the working file."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.events.base_types import EventMsg

from models.errors import ChecksFailed, HypnomartError
from pipelines.lineage import table as lineage
from pipelines.parsed import DBT_PROJECT, parsed
from pipelines.seeds.faults import own_seeds, refuse_faulty_seeds
from pipelines.seeds.files import lay_over
from pipelines.settings import Settings

# dbt says only what went wrong; progress comes from its events.
QUIET = ("--quiet", "--no-use-colors", "--log-level-file", "none")
RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


class BuildFailed(HypnomartError):
    """dbt could not build a model, a seed or run a test; the message names each."""

    exit_code = 2


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node. status: success, pass, warn, fail, error, skipped.

    `failing_rows` counts what a data test found, 0 for a model or seed.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    severity: str
    failing_rows: int
    seconds: float
    message: str
    failing_sql: str = ""


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
        str(target_dir(settings)),
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
    callbacks: Sequence[Callable[[EventMsg], None]] = (),
) -> dbtRunnerResult:
    """Run a dbt command, such as `build`, and return its result; dbt prints its own progress.

    `manifest`: by default what `parse` returns.
    """
    if manifest is None and command[0] != "parse":
        manifest = parse(settings)
    with environment(dbt_environment(settings)), bare_command_line():
        runner = dbtRunner(manifest=manifest, callbacks=list(callbacks))
        try:
            return runner.invoke(dbt_arguments(settings, command))
        finally:
            # dbt keeps the working file open for its process; checks and publication follow in it.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def parse(settings: Settings) -> Any:
    """The project as dbt parses it: kept where it was parsed before. Raises BuildFailed."""
    if settings.seeds_dir:
        return _parse(settings)
    return parsed(settings, lambda: _parse(settings))


def _parse(settings: Settings) -> Any:
    result = run_dbt(settings, "parse", "--no-write-json", *QUIET)
    if not result.success:
        raise BuildFailed(f"dbt cannot read the project {DBT_PROJECT}: {result.exception}")
    return result.result


def build(
    settings: Settings,
    *,
    progress: Callable[[str], None],
    select: Sequence[str] = (),
    only_selected: bool = False,
) -> list[NodeResult]:
    """Build seeds, models and data tests, all or the selected ones; one result per node.

    A node that fails is a result, not an exception. `only_selected`: no test that merely touches
    what is selected. Raises BuildFailed where dbt built nothing at all.
    """
    for warning in refuse_faulty_seeds(settings):
        progress(warning)
    command = ["build", "--no-write-json", *QUIET, "--exclude-resource-type", "unit_test"]
    if select:
        command += ["--select", *select]
    if only_selected:
        command += ["--indirect-selection", "empty"]
    lineage.ensure_table(settings.warehouse)
    result = run_dbt(settings, *command, callbacks=[_reporter(progress)])
    nodes = [_node_result(run) for run in getattr(result.result, "results", [])]
    if not result.success and not nodes:
        raise BuildFailed(
            f"dbt could not build: {result.exception}. The previous publication stands."
        )
    if any(node.name == "lineage" for node in nodes):
        lineage.refresh(settings.warehouse, target_dir(settings))
    return nodes


def refuse_unbuilt(nodes: Sequence[NodeResult]) -> None:
    """Raise BuildFailed where a node could not be built, ChecksFailed where models were skipped,
    since a test of what they read failed."""
    if broken := [node for node in nodes if node.status == "error"]:
        details = "; ".join(f"{node.name}: {node.message}" for node in broken[:5])
        raise BuildFailed(
            f"dbt could not build {len(broken)} nodes: {details}. The previous publication stands."
        )
    skipped = [n.name for n in nodes if n.status == "skipped" and n.resource_type != "test"]
    if skipped:
        failed = [node.name for node in nodes if node.status == "fail"]
        raise ChecksFailed(
            f"dbt skipped {len(skipped)} models ({_first(skipped)}), since tests of what they read "
            f"failed: {_first(failed)}. Nothing was published, the previous publication stands."
        )


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _node_result(run: Any) -> NodeResult:
    return NodeResult(
        unique_id=run.node.unique_id,
        name=run.node.name,
        resource_type=str(run.node.resource_type),
        status=str(run.status),
        severity=str(getattr(run.node.config, "severity", "error")).lower(),
        failing_rows=int(run.failures or 0),
        seconds=float(run.execution_time),
        message=" ".join(str(run.message or "").split()),
        failing_sql=str(run.node.compiled_code) if run.failures else "",
    )


def _reporter(progress: Callable[[str], None]) -> Callable[[EventMsg], None]:
    """Turn dbt's result events into lines: every fiftieth node, and whatever is not well."""

    def report(event: EventMsg) -> None:
        if event.info.name not in RESULT_EVENTS:
            return
        data: Any = event.data
        if data.status.lower() not in ("pass", "ok", "success", "insert", "create") and (
            event.info.level in ("warn", "error")
        ):
            progress(f"{data.node_info.node_name}: {data.status}")
            return
        total = data.num_models if event.info.name == "LogTestResult" else data.total
        if data.index % 50 == 0 or data.index == total:
            progress(f"{data.index} of {total} models and tests")

    return report


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
