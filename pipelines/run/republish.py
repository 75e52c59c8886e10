"""An erasure that reaches every file at once: erase, build, check, publish, bring to the target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from models.counting import counted
from models.errors import ChecksFailed, HypnomartError
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.base.target_settings import places
from pipelines.publication.erasure.erase import erase
from pipelines.publication.native.postgres import forget_built
from pipelines.run import steps
from pipelines.transform.build import refuse_unbuilt
from reports.folders import only_writer


def erase_and_republish(
    settings: Settings, user_id: UUID | str, *, progress: Callable[[str], None]
) -> None:
    """Erase, then build, check and publish, so that the person is gone from every file at once.

    Raises ChecksFailed where the newest data cannot be published: the person is then gone from
    the files, and still at an engine that holds a copy. Reports written before are files of their
    own, handed on perhaps: they are named, not changed; one that is being written is waited for.
    """
    with warehouse_lock(settings.home):
        done = erase(settings, user_id)
        progress(
            f"random words in {counted(sum(done.raw.values()), 'row')} and "
            f"{counted(sum(done.history.values()), 'version')}"
        )
        run_id = steps.newest_run_id(settings)
        refuse_unbuilt(steps.build_step(settings, run_id, progress=progress))
        results = steps.check_step(settings, run_id, progress=progress)
        try:
            steps.refuse_errors(results)
            steps.publish_step(settings, run_id)
        except ChecksFailed as error:
            raise ChecksFailed(
                f"{error} The person is gone from the files; an engine that holds a copy gets one "
                "without the person by the next publication."
            ) from error
        if days := earlier_reports(settings.reports_dir):
            progress(
                f"{settings.reports_dir} holds reports of {', '.join(days)}, written before, which "
                "may still name the person: delete them, then run `hypnomart report`"
            )
        _reach_engines(settings, run_id, progress=progress)


def _reach_engines(settings: Settings, run_id: str, *, progress: Callable[[str], None]) -> None:
    """Bring the publication without the person to every engine, also where others are brought by
    hand: one that names the person stands there perhaps."""
    engines = places(settings)
    if "postgres" in engines:
        _forget_built(settings, progress)
    try:
        steps.reach(settings, run_id, engines=engines, progress=progress)
    except HypnomartError as error:
        raise type(error)(f"{error} The person is gone from the files, and still there.") from error


def _forget_built(settings: Settings, progress: Callable[[str], None]) -> None:
    """Drop what PostgreSQL built; what is in the way is said, and holds nothing else back."""
    try:
        if forget_built(settings):
            progress("what `hypnomart build --engine postgres` had built is dropped: build it anew")
    except HypnomartError as error:
        progress(f"{error} What PostgreSQL built, if it did, still names the person.")


def earlier_reports(folder: Path) -> list[str]:
    """The days whose reports hold exports by person, once nobody writes there."""
    if not folder.is_dir():
        return []
    with only_writer(folder):
        return sorted(path.parent.name for path in folder.glob("*/manifest.json"))
