"""The documents of the tools themselves, beside the reports: dbt's, and Great Expectations'.

They take half a minute each and change with the project, not with the data: no run waits for them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from checks.catalogue import SUITES
from checks.documents import write_data_docs
from models.errors import BadConfiguration
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.transform.dbt import BuildFailed, manifest_file, run_dbt, target_dir
from reports.folders import as_its_folder, only_writer
from reports.index import DBT_PAGE, DOCUMENTATION, GX_PAGE, write_entry_points


def dbt_documents(settings: Settings) -> Path:
    """Write dbt's documentation as one page. Raises BuildFailed with what dbt said."""

    def write(unfinished: Path) -> None:
        # dbt writes its manifest anew; the gate and the reports read the one of the build
        manifest = manifest_file(settings)
        built = manifest.read_bytes() if manifest.exists() else None
        try:
            result = run_dbt(settings, "docs", "generate", "--static", "--no-compile", "--quiet")
        finally:
            if built is not None:
                restored = manifest.with_suffix(".restored")
                restored.write_bytes(built)
                restored.replace(manifest)
        if not result.success:
            raise BuildFailed(f"dbt cannot write its documentation: {result.exception}")
        shutil.copyfile(target_dir(settings) / "static_index.html", unfinished / DBT_PAGE)

    return _placed(settings, DBT_PAGE, write=write)


def data_docs(settings: Settings) -> Path:
    """Write Great Expectations' Data Docs of what the working file holds."""

    def write(unfinished: Path) -> None:
        rules = [rule for suite in SUITES for rule in suite.rules]
        write_data_docs(settings.warehouse, rules, folder=unfinished / Path(GX_PAGE).parent)

    return _placed(settings, GX_PAGE, write=write)


def _placed(settings: Settings, page: str, *, write: Callable[[Path], None]) -> Path:
    """Write into a folder aside, then put the first part of the page's path in its place."""
    if not settings.warehouse.exists():
        raise BadConfiguration(f"{settings.warehouse} does not exist; run `hypnomart run` first.")
    place, part = settings.reports_dir / DOCUMENTATION, Path(page).parts[0]
    with warehouse_lock(settings.home), only_writer(settings.reports_dir):
        unfinished = settings.reports_dir / f".{DOCUMENTATION}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            write(unfinished)
            as_its_folder(settings.reports_dir, unfinished)
            place.mkdir(exist_ok=True)
            as_its_folder(settings.reports_dir, place)
            if (place / part).is_dir():
                shutil.rmtree(place / part)
            (unfinished / part).replace(place / part)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        write_entry_points(settings.reports_dir)
    return place / page
