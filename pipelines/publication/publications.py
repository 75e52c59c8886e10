"""The publications of a home: the current one, and the last ones before it, to return to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, WarehouseLocked
from pipelines.base.files import take_place
from pipelines.base.lock import warehouse_lock
from pipelines.base.private import shared_folder
from pipelines.base.settings import Settings
from pipelines.publication.places import everywhere, kept_folder, publishing, remember
from pipelines.publication.readable import (
    READING,
    Published,
    is_damaged_file,
    is_later,
    read_published,
)

# What is not whole yet: a publication's folder, and files beside the one that they will be.
BUILDING, ERASING, UNFINISHED = ".building-", ".erasing", ".unfinished"


def kept_files(settings: Settings) -> list[Path]:
    """Every earlier publication that is kept."""
    return sorted(kept_folder(settings).glob("*.duckdb"))


def publication_files(settings: Settings) -> list[Path]:
    """The current publication, which the next one will keep, and those that are kept: who erases
    a person rewrites all."""
    return [settings.published, *kept_files(settings)]


def current(settings: Settings) -> Published | None:
    """What is published now; none before the first publication."""
    return read_published(settings.published)


def before_the_next(settings: Settings) -> Published | None:
    """What the next publication goes on from: the current one; where there is none, or it is
    damaged, the newest that this home can read anywhere."""
    if now := current(settings):
        return now
    found: list[Published] = []
    for place in everywhere(settings):
        with suppress(OSError, WarehouseLocked):  # a folder of before that is away
            found += [one for one in (current(place), *earlier(place)) if one]
    return _newest(found)


def moment_after(settings: Settings, now: datetime) -> datetime:
    """The time of the next publication: now, or just after the newest where the clock was put back,
    since publications go by their times."""
    newest = _newest(one for one in (current(settings), *earlier(settings)) if one)
    return max(now, newest.published_at + timedelta(microseconds=1)) if newest else now


def later_version(settings: Settings) -> str:
    """Why a current file that a later version wrote is not replaced."""
    return (
        f"{settings.published} was written by a later version of DuckDB, which this one cannot "
        "read; install the version of hypnomart that published it, or a later one"
    )


def _newest(found: Iterable[Published]) -> Published | None:
    return max(found, key=lambda one: one.published_at, default=None)


def earlier(settings: Settings) -> list[Published]:
    """The publications to which one can return, the newest first."""
    found = [one for path in kept_files(settings) if (one := read_published(path))]
    now = current(settings)
    others = [one for one in found if now is None or one.published_at != now.published_at]
    return sorted(others, key=lambda one: one.published_at, reverse=True)


def publication_of(settings: Settings, run_id: str) -> Path | None:
    """The file that a run published, if it is the current one or still kept."""
    for path in publication_files(settings):
        one = read_published(path)
        if one and one.run_id == run_id:
            return path
    return None


def is_known(settings: Settings, run_id: str) -> bool:
    """Whether a run is of this home: extracted into it, or among its publications."""
    if publication_of(settings, run_id):
        return True
    if not settings.warehouse.exists():
        return False
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        try:
            extracted = "select 1 from meta.run_manifest where run_id = ? limit 1"
            return con.execute(extracted, [run_id]).fetchone() is not None
        except duckdb.CatalogException:
            return False


def keep_current(settings: Settings) -> None:
    """Give the current publication a second name, under which it stays when another replaces it."""
    now = current(settings)
    if now is None or settings.keep == 0:
        return
    folder = kept_folder(settings)
    if settings.published_dir:
        shared_folder(folder)
    folder.mkdir(exist_ok=True)
    kept = folder / f"{now.published_at:%Y%m%dT%H%M%S%f}.duckdb"
    if kept.exists():
        return
    try:
        os.link(settings.published, kept)
    except OSError:  # a file system without links
        unfinished = kept.with_suffix(UNFINISHED)
        shutil.copy2(settings.published, unfinished)
        unfinished.replace(kept)


def remove_leftovers(settings: Settings) -> None:
    """Delete what killed publications and erasures left behind; the run lock keeps living ones
    away."""
    folder, kept = settings.published.parent, kept_folder(settings)
    for leftover in (
        *folder.glob(f"{BUILDING}*"),
        *folder.glob(f"{READING}*"),
        *kept.glob(f"{READING}*"),
        *folder.glob(f"{settings.published.name}{ERASING}*"),
        *kept.glob(f"*.duckdb{ERASING}*"),
        *kept.glob(f"*{UNFINISHED}"),
    ):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def drop_oldest(settings: Settings) -> None:
    """Delete what is beyond the number that is kept, and what is damaged."""
    beyond = {one.path for one in earlier(settings)[settings.keep :]}
    for path in kept_files(settings):
        if path in beyond or is_damaged_file(path):
            path.unlink()


def roll_back(settings: Settings, run: str | None = None) -> Published:
    """Put an earlier publication in the current one's place, which is kept in turn.

    `run`: the first letters of its run id; the one before the current where none is given. Raises
    BadConfiguration that names what there is.
    """
    with warehouse_lock(settings.home), publishing(settings):
        chosen = _chosen(settings, run)
        if is_later(settings.published):
            raise BadConfiguration(later_version(settings))
        keep_current(settings)
        remember(settings)
        take_place(chosen.path, settings.published)
        drop_oldest(settings)
    return chosen


def _chosen(settings: Settings, run: str | None) -> Published:
    kept, now = earlier(settings), current(settings)
    if run is None:
        kept = [one for one in kept if now is None or one.published_at < now.published_at]
    found = [one for one in kept if run is None or one.run_id.startswith(run)]
    if not found:
        names = ", ".join(one.run_id for one in kept) or "none"
        wanted = f"of run {run} " if run else "before the current one "
        raise BadConfiguration(f"No publication {wanted}is kept; there are: {names}.")
    if len({one.run_id for one in found}) > 1 and run is not None:
        names = ", ".join(one.run_id for one in found)
        raise BadConfiguration(f"{run} begins several run ids: {names}; write more of it.")
    return found[0]
