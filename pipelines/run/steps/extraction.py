"""The source read into the working file."""

from __future__ import annotations

from models.live import read_catalogue, save_catalogue
from pipelines.base.embedded import start_embedded
from pipelines.base.lock import warehouse_lock
from pipelines.base.progress import Progress, step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.extract.state.manifest import Extraction
from pipelines.publication.erasure.erase import erase_closed


def source_url(settings: Settings) -> str:
    """The source's URL; starts the embedded server where none is set."""
    return settings.source_url or start_embedded(settings.home)


def extract_step(
    settings: Settings, run_id: str, *, full_refresh: bool, progress: Progress
) -> Extraction:
    """Bring raw.* and history.* up to one snapshot of the source."""
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="extract") as details,
        step_told("extract", details),
    ):
        url = source_url(settings)
        extraction = extract(
            settings,
            source_url=url,
            run_id=run_id,
            full_refresh=full_refresh,
            progress=progress,
        )
        if erased := erase_closed(settings, as_of_at=extraction.as_of_at):
            progress(f"{erased} accounts closed long enough ago: erased")
        save_catalogue(read_catalogue(url), settings.source_catalogue)
        details["as_of_at"] = extraction.as_of_at
        details["changed_rows"] = sum(count.changed_rows for count in extraction.tables)
        details["deleted_rows"] = sum(count.deleted_rows for count in extraction.tables)
        details["notes"] = list(extraction.notes)
        return extraction
