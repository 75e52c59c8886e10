"""A process that is told to end does so within two seconds: by its own way where it finds one, else
as if it were killed, which loses nothing (files are renamed, DuckDB commits, the lock is the
system's).

Dagster, dbt and DuckDB each have a way of their own with signals, and some wait for what they
began: a query of a minute, a pool of threads. So this rests on no handler, which they replace.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from models.errors import origins

SECONDS_TO_END = 1.5
SECONDS_TO_TELL = 0.3
ENDING = (signal.SIGINT, signal.SIGTERM)

_tell: list[Callable[[], object]] = []


def end_when_told() -> None:
    """From now on SIGINT and SIGTERM end this process in time, whatever handles them."""
    if threading.current_thread() is not threading.main_thread():
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    if (before := signal.set_wakeup_fd(writer, warn_on_full_buffer=False)) != -1:
        signal.set_wakeup_fd(before)  # somebody listens already
        return
    threading.Thread(target=_watch, args=(reader,), name="interrupts", daemon=True).start()


def end_run_when_told() -> None:
    """The same, where this process is Dagster's for one run; its servers end by their own way."""
    if multiprocessing.parent_process() is not None:
        end_when_told()


def stand_down() -> None:
    """Leave it to the process how it ends."""
    signal.set_wakeup_fd(-1)


def before_the_end(tell: Callable[[], object]) -> None:
    """What to do, in a fraction of a second, where the process does not end by its own way."""
    _tell.append(tell)


def _watch(reader: int) -> None:
    while True:
        number = os.read(reader, 1)[0]
        if number in ENDING:
            time.sleep(SECONDS_TO_END)
            teller = threading.Thread(target=_tell_all, daemon=True)
            teller.start()
            teller.join(SECONDS_TO_TELL)
            with suppress(OSError):
                os.write(2, b"Aborted.\n")
            os._exit(128 + number)


def _tell_all() -> None:
    for tell in _tell:
        with suppress(Exception):
            tell()


def was_interrupted(error: BaseException) -> bool:
    """Whether an error is what something made of Ctrl-C, as a module that was being imported."""
    if str(error) == "Query interrupted":  # what DuckDB makes of it
        return True
    return any(isinstance(one, KeyboardInterrupt) for one in origins(error))
