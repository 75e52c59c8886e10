"""`hypnomart publish`, `publications`: what is published, here and elsewhere, and what was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.progress import contents
from pipelines.base.target_settings import TARGETS
from pipelines.cli.engines import Engine, known
from pipelines.cli.terminal import say, tell
from pipelines.cli.writing import writing

if TYPE_CHECKING:
    from pipelines.base.settings import Settings
    from pipelines.publication.targets.copies import Brought


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
    known(engine)
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
