"""What the gate approves, published and brought to other engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from models.counting import counted
from models.errors import HypnomartError
from pipelines.base.lock import warehouse_lock
from pipelines.base.progress import Progress, step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.publication.gate import approve
from pipelines.publication.places import publishing
from pipelines.publication.publish import Publication, publish
from pipelines.publication.targets.copies import Brought
from pipelines.publication.targets.engines import ENGINES


def publish_step(settings: Settings, run_id: str) -> Publication:
    """Replace the published file by the marts as built, if the gate approves them as the run's.

    Raises ChecksFailed that names what is in the way.
    """
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="publish") as details,
        step_told("publish", details),
        publishing(settings),
    ):
        approval = approve(settings, run_id)
        publication = publish(
            settings,
            run_id=run_id,
            marts=approval.marts,
            contents=approval.contents,
            content_id=approval.content_id,
            semantics=approval.semantics,
        )
        details.update(asdict(publication))
    return publication


def target_step(
    settings: Settings,
    run_id: str,
    *,
    engine: str,
    bring: Callable[[Settings], Brought] | None = None,
) -> Brought:
    """Bring what is published, which is of run `run_id`, to an engine; `bring`: by other means
    than a copy.

    Raises what its `bring` does, with the way to do it again; the published file stands in each
    case.
    """
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step=engine) as details,
        step_told(engine, details),
    ):
        try:
            brought = (bring or ENGINES[engine].bring)(settings)
        except HypnomartError as error:
            raise type(error)(
                f"{error} The published file is of run {run_id}; once that is mended, "
                f"`hypnomart publish --to {engine}` brings it there."
            ) from error
        details.update(asdict(brought))
    return brought


def reach(settings: Settings, run_id: str, *, engines: Iterable[str], progress: Progress) -> None:
    """Have engines hold what is published, each whatever comes of another. Raises the first's
    error, in the words of all."""
    failed: list[HypnomartError] = []
    for engine in engines:
        try:
            brought = target_step(settings, run_id, engine=engine)
        except HypnomartError as error:
            failed.append(error)
            continue
        progress(f"{counted(brought.tables, 'table')} in {brought.place}")
        if brought.note:
            progress(brought.note)
    if failed:
        raise type(failed[0])(" ".join(map(str, failed))) from failed[0]
