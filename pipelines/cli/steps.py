"""`hypnomart extract`, `build`, `check`, `publish`: the steps of a run, one by one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.progress import built, contents
from pipelines.base.target_settings import TARGETS
from pipelines.cli.terminal import say, tell

if TYPE_CHECKING:
    from checks.result import CheckResult
    from pipelines.base.settings import Settings
    from pipelines.publication.targets.copies import Brought

FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Read every row again; the history stays.")
]


Engine = Annotated[
    str, typer.Option(help="Who builds: duckdb, spark, or postgres at HYPNOMART_TARGET_URL.")
]
ENGINES = ("duckdb", "postgres", "spark")


@contextmanager
def writing() -> Iterator[Settings]:
    """The settings, with the warehouse's lock held: taken before what takes seconds to import, so
    that who is refused is told at once."""
    from pipelines.base.lock import warehouse_lock
    from pipelines.base.settings import load_settings

    settings = load_settings()
    with warehouse_lock(settings.home):
        yield settings


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
    _known(engine)
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


def _known(engine: str) -> None:
    """Raise BadConfiguration for an engine that builds nothing."""
    if engine not in ENGINES:
        raise BadConfiguration(
            f"--engine {engine!r} builds nothing; choose {' or '.join(ENGINES)}."
        )


def check(engine: Engine = "duckdb") -> None:
    """Run the checks on what was built.

    Exit code 1 if one of severity error fails.

    Example: hypnomart check
    """
    _known(engine)
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


def publish(
    run: Annotated[
        str | None, typer.Argument(help="With --rollback: the run to return to.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Return to an earlier publication.")
    ] = False,
    *,
    to: Annotated[
        str | None,
        typer.Option("--to", help="postgres, ducklake or spark: bring what is published there."),
    ] = None,
    engine: Engine = "duckdb",
) -> None:
    """Replace the published file by what was built and checked.

    Refuses what is not approved, and names it. With --rollback return to the publication before
    the current one, or to that of RUN; `hypnomart publications` lists them. With --to bring the
    current publication to the server of HYPNOMART_TARGET_URL, the lake of HYPNOMART_LAKE or, as
    Parquet, to HYPNOMART_PARQUET, as each one is where HYPNOMART_TARGET says so. With --engine
    publish what that one built.

    Example: hypnomart publish --rollback
    """
    if run and not rollback:
        raise BadConfiguration(f"RUN goes with --rollback: hypnomart publish --rollback {run}")
    if to and to not in TARGETS:
        ways = " or ".join(f"--to {name}" for name in TARGETS)
        raise BadConfiguration(f"--to {to!r} is no engine to publish to; write {ways}.")
    if to and rollback:
        raise BadConfiguration("Choose --rollback or --to: roll back first, then publish --to.")
    _known(engine)
    if engine != "duckdb" and (to or rollback):
        raise BadConfiguration(f"--engine {engine} goes alone: it publishes what {engine} built.")
    with writing() as settings:
        if to:
            _bring(settings, to)
            return
        if engine != "duckdb":
            _publish_there(settings, engine)
            return
        from pipelines.run.steps import newest_run_id, publish_step, reach

        if rollback:
            from pipelines.publication.publications import roll_back

            back = roll_back(settings, run)
            tell(f"Back to run {back.run_id}, published {back.published_at:%Y-%m-%d %H:%M} UTC.")
            reach(settings, back.run_id, engines=settings.targets, progress=say)
            return
        run_id = newest_run_id(settings)
        publication = publish_step(settings, run_id)
        tell(f"{counted(publication.tables, 'table')} in {settings.published}")
        if publication.note:
            tell(publication.note)
        reach(settings, run_id, engines=settings.targets, progress=say)


def _publish_there(settings: Settings, engine: str) -> None:
    """What an engine built, where it built it, as the file, and to the other engines."""
    from pipelines.run.native import built_by, publish_there_step
    from pipelines.run.steps import newest_run_id, reach

    built = built_by(settings, engine)
    run_id = newest_run_id(built)
    publication, brought = publish_there_step(built, run_id)
    tell(f"{counted(publication.tables, 'table')} in {settings.published}")
    if brought:
        _say_brought(brought)
    others = [one for one in settings.targets if one != engine]
    reach(settings, run_id, engines=others, progress=say)


def _bring(settings: Settings, engine: str) -> None:
    """What is published to an engine."""
    from pipelines.publication.targets.engines import ENGINES

    _say_brought(ENGINES[engine].bring(settings))


def _say_brought(brought: Brought) -> None:
    held = contents(brought.tables, brought.rows)
    tell(f"{held} of run {brought.run_id} in {brought.place}.")
    if brought.note:
        tell(brought.note)


def publications() -> None:
    """The publications that are kept, the newest first.

    Example: hypnomart publications
    """
    from pipelines.base.settings import load_settings
    from pipelines.publication.publications import current, earlier

    settings = load_settings()
    now = current(settings)
    for one in [*([now] if now else []), *earlier(settings)]:
        mark = "current" if one is now else "earlier"
        as_of = f"{one.as_of_at:%Y-%m-%d %H:%M}" if one.as_of_at else "-"
        at = f"{one.published_at:%Y-%m-%d %H:%M}"
        tell(f"{mark}  {one.run_id:<36}  as of {as_of}  published {at} UTC")
    if now is None:
        tell("Nothing is published yet; run `hypnomart run`.")
