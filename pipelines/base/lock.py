"""One run at a time holds the warehouse: an advisory lock on a file below home."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import WarehouseLocked
from pipelines.base.private import private_home

_held: set[Path] = set()


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
