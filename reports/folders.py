"""The folders of reports: one writer at a time, each day replaced as a whole."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.exclusive import exclusive
from reports.index import INDEX, is_folder_of_ours
from reports.manifest import Entry, read_manifest


@contextmanager
def only_writer(out_dir: Path) -> Iterator[None]:
    """Hold the reports folder, created where absent; a second writer waits for the first."""
    out_dir.mkdir(parents=True, exist_ok=True)
    with exclusive(out_dir):
        yield


def sweep(out_dir: Path) -> None:
    """Delete what a killed writer left; a day that it had moved aside comes back."""
    for leftover in out_dir.glob(".*.*"):
        name = leftover.name[1:].partition(".")[0]
        if not is_folder_of_ours(name):
            continue
        day = out_dir / name
        if ".old" in leftover.name and not day.exists():
            leftover.rename(day)
        else:
            shutil.rmtree(leftover)


def as_its_folder(folder: Path, files: Path) -> None:
    """Let those read the files below `files` who may read the folder that they will lie in."""
    readers = folder.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    for path in (files, *files.rglob("*")):
        entering = readers >> 2 if path.is_dir() else 0
        path.chmod(path.stat().st_mode & stat.S_IRWXU | readers | entering)


def keep_others(day: Path, unfinished: Path, *, entries: Sequence[Entry]) -> list[Entry]:
    """Carry over the files of earlier reports that this run does not write anew."""
    written = {(entry.report, entry.format) for entry in entries}
    kept = [
        entry
        for entry in read_manifest(day)
        if (entry.report, entry.format) not in written
        and entry.file != INDEX
        and ".." not in Path(entry.file).parts
        and (day / entry.file).is_file()
    ]
    for entry in kept:
        target = unfinished / entry.file
        target.parent.mkdir(parents=True, exist_ok=True)
        _carry(day / entry.file, target)
    return kept


def _carry(file: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has none: nobody writes into a
    file of a day, and to copy the exports for each report took as long as to write them."""
    try:
        target.hardlink_to(file)
    except OSError:
        shutil.copy2(file, target)


def replace_folder(unfinished: Path, day: Path) -> None:
    """Put the new folder in the old one's place; a folder can only be renamed to an empty one."""
    old = day.with_name(f".{day.name}.old")
    if day.exists():
        day.rename(old)
    try:
        unfinished.rename(day)
    except OSError:
        if old.exists():
            old.rename(day)
        raise
    shutil.rmtree(old, ignore_errors=True)
