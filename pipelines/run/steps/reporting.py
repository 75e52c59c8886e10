"""Reports written from what is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.base.progress import Progress, step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.transform import dbt
from reports.published import Documents
from reports.run import write_reports


def report_step(
    settings: Settings,
    run_id: str,
    *,
    progress: Progress,
    names: Sequence[str] = (),
    period: str | None = None,
    formats: Sequence[str] = (),
) -> list[Path]:
    """Write reports from the published file; those of a `period` into a folder of their own."""
    with recorded_step(settings, run_id, step="report") as details, step_told("report", details):
        paths = write_reports(
            settings.published,
            settings.reports_dir,
            names=names,
            period=period,
            formats=formats,
            documents=documents_of(settings),
            keep=settings.reports_keep,
            progress=progress,
        )
        details["files"] = len(paths)
        return paths


def documents_of(settings: Settings) -> Documents:
    """What runs keep for reports beside the published file."""
    return Documents(settings.source_catalogue, dbt.manifest_file(settings))
