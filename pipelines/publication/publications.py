"""The publications of a home: the current one, and the last ones before it, to return to."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from models.errors import BadConfiguration
from pipelines.base.files import take_place
from pipelines.base.lock import warehouse_lock
from pipelines.base.private import shared_folder
from pipelines.base.settings import Settings

# What is not whole yet: a publication's folder, and files beside the one that they will be.
BUILDING, ERASING, UNFINISHED = ".building-", ".erasing", ".unfinished"


@dataclass(frozen=True)
class Published:
    """A published file: its run, when it was published, the time of its snapshot, and how many
    people were erased by then, none of earlier versions. UTC, naive."""

    path: Path
    run_id: str
    published_at: datetime
    as_of_at: datetime | None
    erased: int | None = None


def kept_folder(settings: Settings) -> Path:
    """Where earlier publications lie."""
    return settings.published.parent / "earlier"


def kept_files(settings: Settings) -> list[Path]:
    """Every earlier publication that is kept."""
    return sorted(kept_folder(settings).glob("*.duckdb"))


def everywhere(settings: Settings) -> list[Settings]:
    """The settings, and those by which home's own folder holds the publications: what was published
    there before HYPNOMART_PUBLISHED was set stays, and is what one returns to once it is not."""
    return [settings, *([replace(settings, published_dir=None)] if settings.published_dir else [])]


def publication_files(settings: Settings) -> list[Path]:
    """The current publication, which the next one will keep, and those that are kept: who erases
    a person rewrites all."""
    return [settings.published, *kept_files(settings)]


def current(settings: Settings) -> Published | None:
    """What is published now; none before the first publication."""
    return read_published(settings.published)


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


def read_published(path: Path) -> Published | None:
    """What a published file says of itself; none where there is none, or it cannot be read."""
    if not path.is_file():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            cursor = con.execute("select run_id, published_at, * from meta.publication")
            names = [name for name, *_ in cursor.description or ()]
            found = cursor.fetchone()
            has_runs = con.execute(
                "select 1 from duckdb_tables() where table_name = 'run_manifest'"
            ).fetchone()
            newest = "select max(as_of_at) from run_manifest" if has_runs else "select null"
            as_of = con.execute(newest).fetchone()
    except duckdb.Error:
        return None
    if found is None:
        return None
    erased = dict(zip(names, found, strict=True)).get("erased")
    return Published(path, found[0], found[1], as_of[0] if as_of else None, erased)


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
        *folder.glob(f"{settings.published.name}{ERASING}*"),
        *kept.glob(f"*.duckdb{ERASING}*"),
        *kept.glob(f"*{UNFINISHED}"),
    ):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def drop_oldest(settings: Settings) -> None:
    """Delete what is beyond the number that is kept, and what cannot be read."""
    readable = earlier(settings)
    keep = {one.path for one in readable[: settings.keep]}
    for path in kept_files(settings):
        if path not in keep:
            path.unlink()


def roll_back(settings: Settings, run: str | None = None) -> Published:
    """Put an earlier publication in the current one's place, which is kept in turn.

    `run`: the first letters of its run id; the one before the current where none is given. Raises
    BadConfiguration that names what there is.
    """
    with warehouse_lock(settings.home):
        chosen = _chosen(settings, run)
        keep_current(settings)
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
