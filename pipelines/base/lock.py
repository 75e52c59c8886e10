"""One run at a time holds the warehouse, by an advisory lock on a file below home; and one home the
folder that it publishes to."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import WarehouseLocked
from pipelines.base.private import private_home

_held: set[Path] = set()
_folders: set[tuple[int, int]] = set()  # by device and inode: a folder may have two names
PUBLISHES = 60.0  # seconds that another home is waited for


@contextmanager
def warehouse_lock(home: Path) -> Iterator[None]:
    """Hold the warehouse for a block; steps within a run that already holds it pass through.

    The operating system releases the lock of a process that dies. Raises WarehouseLocked that
    names the holder's process.
    """
    path = home / "warehouse.lock"
    if path in _held:
        yield
        return
    private_home(home)
    with file_lock(path, "Another run", what=f"the warehouse {home}"):
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)


@contextmanager
def file_lock(path: Path, holder: str, *, what: str) -> Iterator[None]:
    """Hold a lock file for a block. Raises WarehouseLocked, which says who holds what."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            process = file.read().strip() or "unknown"
            raise WarehouseLocked(
                f"{holder} (process {process}) holds {what}; "
                "wait for it to end, nothing was written."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold a folder that other homes may publish to for a block, once none of them does; blocks
    within pass through. By the folder itself: a file in it might be another login's.

    Raises WarehouseLocked where another goes on.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        found = os.fstat(descriptor)
        key = found.st_dev, found.st_ino
        if key in _folders:
            yield
            return
        _wait_for(descriptor, folder)
        _folders.add(key)
        try:
            yield
        finally:
            _folders.discard(key)
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + PUBLISHES
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise WarehouseLocked(
                    f"Another home is publishing to {folder}; wait for it to end, nothing was "
                    "written."
                ) from error
            time.sleep(0.1)
        except OSError:  # a file system without such locks
            return
        else:
            return
