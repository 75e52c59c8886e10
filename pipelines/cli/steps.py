"""`hypnomart extract`, `build`, `check`: the steps of a run up to its publication, one by one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.progress import built
from pipelines.cli.engines import Engine, known
from pipelines.cli.terminal import say, tell
from pipelines.cli.writing import writing

if TYPE_CHECKING:
    from checks.result import CheckResult
    from pipelines.base.settings import Settings

FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Read every row again; the history stays.")
]


def extract(full_refresh: FullRefresh = False) -> None:
    """Bring raw and history up to one snapshot of the source.

    Example: hypnomart extract --full-refresh
    """
    run_id = str(uuid.uuid4())
    with writing() as settings:
        from pipelines.run.steps import extract_step

        result = extract_step(settings, run_id, full_refresh=full_refresh, progress=say)
    for note in result.notes:
        tell(note)
    changed = sum(count.changed_rows for count in result.tables)
    deleted = sum(count.deleted_rows for count in result.tables)
    tell(f"As of {result.as_of_at:%Y-%m-%d %H:%M:%S} UTC: ", nl=False)
    tell(f"{counted(changed, 'row')} changed, {deleted:,} deleted. Run {run_id}.")


def build(
    select: Annotated[
        list[str] | None, typer.Option(help="A dbt selection, such as fct_receipts+.")
    ] = None,
    engine: Engine = "duckdb",
) -> None:
    """Build models and data tests from what was extracted.

    Example: hypnomart build --select +mrr_bridge_monthly
    """
    if flags := [one for one in select or [] if one.startswith("-")]:
        raise BadConfiguration(f"--select {flags[0]!r} is no selection; write +mrr_bridge_monthly.")
    known(engine)
    if select and engine != "duckdb":
        raise BadConfiguration(f"--engine {engine} builds nothing in part; leave --select out.")
    with writing() as settings:
        from pipelines.run.native import build_there_step
        from pipelines.run.steps import build_step, newest_run_id
        from pipelines.transform.build import refuse_unbuilt

        if engine == "duckdb":
            nodes = build_step(settings, newest_run_id(settings), progress=say, select=select or [])
        else:
            nodes = build_there_step(settings, engine, progress=say)
        failed = [node for node in nodes if node.status == "fail"]
        for node in failed:
            tell(f"failed: {node.name} ({counted(node.failing_rows, 'row')})")
        tell(f"{built(len(nodes))}, {len(failed)} failed.")
        if select:
            _say_what_is_missing(settings)
    refuse_unbuilt(nodes)
    if failed:
        raise typer.Exit(1)


def check(engine: Engine = "duckdb") -> None:
    """Run the checks on what was built.

    Exit code 1 if one of severity error fails.

    Example: hypnomart check
    """
    known(engine)
    with writing() as settings:
        from pipelines.run.native import built_by
        from pipelines.run.steps import check_step, newest_run_id, refuse_errors

        settings = built_by(settings, engine)
        results = check_step(settings, newest_run_id(settings), progress=say)
        _say_results(results)
        refuse_errors(results)
        _say_what_is_missing(settings)


def _say_results(results: Sequence[CheckResult]) -> None:
    for result in results:
        if result.status != "passed":
            tell(
                f"{result.severity:<6} {result.status:<7} {result.check_name}: "
                f"{counted(result.failing_rows, 'row')}, expected {result.expected}"
            )
    passed = sum(result.status == "passed" for result in results)
    tell(f"{passed} of {counted(len(results), 'check')} passed.")


def _say_what_is_missing(settings: Settings) -> None:
    from pipelines.publication.gate import in_words, missing

    if found := missing(settings):
        say(f"Cannot be published as it is. {in_words(found, settings.engine)}")
