"""`hypnomart extract`, `build`, `check`, `publish`: the steps of a run, one by one."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from models.errors import BadConfiguration
from pipelines.cli.terminal import say, tell

FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Read every row again; the history stays.")
]


def extract(full_refresh: FullRefresh = False) -> None:
    """Bring raw and history up to one snapshot of the source.

    Example: hypnomart extract --full-refresh
    """
    from pipelines.settings import load_settings
    from pipelines.steps import extract_step

    run_id = str(uuid.uuid4())
    result = extract_step(load_settings(), run_id, full_refresh=full_refresh, progress=say)
    for note in result.notes:
        tell(note)
    changed = sum(count.changed_rows for count in result.tables)
    deleted = sum(count.deleted_rows for count in result.tables)
    tell(f"As of {result.as_of_at:%Y-%m-%d %H:%M:%S} UTC: {changed:,} rows changed, ", nl=False)
    tell(f"{deleted:,} deleted. Run {run_id}.")


def build(
    select: Annotated[
        list[str] | None, typer.Option(help="A dbt selection, such as fct_receipts+.")
    ] = None,
) -> None:
    """Build models and data tests from what was extracted.

    Example: hypnomart build --select +mrr_bridge_monthly
    """
    from pipelines.settings import load_settings
    from pipelines.steps import build_step, newest_run_id

    if flags := [one for one in select or [] if one.startswith("-")]:
        raise BadConfiguration(f"--select {flags[0]!r} is no selection; write +mrr_bridge_monthly.")
    settings = load_settings()
    nodes = build_step(settings, newest_run_id(settings), progress=say, select=select or [])
    failed = [node for node in nodes if node.status == "fail"]
    for node in failed:
        tell(f"failed: {node.name} ({node.failing_rows} rows)")
    tell(f"{len(nodes)} models, seeds and tests, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


def check() -> None:
    """Run the checks on what was built.

    Exit code 1 if one of severity error fails.

    Example: hypnomart check
    """
    from pipelines.settings import load_settings
    from pipelines.steps import check_step, newest_run_id, refuse_errors

    settings = load_settings()
    results = check_step(settings, newest_run_id(settings), progress=say)
    for result in results:
        if result.status != "passed":
            tell(
                f"{result.severity:<6} {result.status:<7} {result.check_name}: "
                f"{result.failing_rows} rows, expected {result.expected}"
            )
    passed = sum(result.status == "passed" for result in results)
    tell(f"{passed} of {len(results)} checks passed.")
    refuse_errors(results)


def publish() -> None:
    """Replace the published file by what was built and checked.

    Example: hypnomart publish
    """
    from pipelines.settings import load_settings
    from pipelines.steps import newest_run_id, publish_step

    settings = load_settings()
    publication = publish_step(settings, newest_run_id(settings))
    tell(f"{publication.tables} tables in {settings.published}")
