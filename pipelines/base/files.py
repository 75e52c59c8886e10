"""Files that take another's place: readers see the old one or the new one, whatever happens."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.base.private import SHARED, SHARED_FILE


def take_place(new: Path, target: Path) -> None:
    """Bring the new file to disk and put it in the target's place, in one step for readers."""
    synchronise(new)
    # A log that someone's writing session left beside the old file belongs to that file alone.
    target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
    new.replace(target)
    synchronise(target.parent)


def hand_over(folder: Path) -> None:
    """Bring a folder's files to disk, before something names them, and let others read them,
    whatever the umask."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(SHARED if path.is_dir() else SHARED_FILE)
        synchronise(path)
    synchronise(folder.parent)


def synchronise(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
