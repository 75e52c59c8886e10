"""One run at a time holds the warehouse: an advisory lock on a file below home."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import WarehouseLocked
from pipelines.private import private_home

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
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise WarehouseLocked(
                f"Another run (process {holder}) holds the warehouse {home}; "
                "wait for it to end, nothing was written."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
