"""One process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path, flags: int = os.O_RDONLY) -> Iterator[None]:
    """Hold a file or folder for a block; another process waits for it. `flags`: how it is opened,
    0o600 where that creates it. The operating system lets go for a process that dies."""
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
