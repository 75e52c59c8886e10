"""Dagster finds its configuration in any folder: it takes the path for a pattern, in which [ and *
stand for other letters, and then runs by its own defaults without a word."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

config: Any = import_module("dagster._core.instance.config")
compute_logs: Any = import_module("dagster._core.execution.compute_logs")
_load = config.load_yaml_from_globs


def take_paths_literally() -> None:
    """Have this process read dagster.yaml of exactly the folder that is named; the processes that
    Dagster starts are handed what was read."""
    config.load_yaml_from_globs = _load_one


def _load_one(path: str) -> Any:
    return _load(glob.escape(path))


def keep_output_in_the_log() -> None:
    """Have what steps of this process print stand in Dagster's log alone. Four programs would copy
    it to the terminal, and each shows a traceback there at Ctrl-C."""
    compute_logs.tail_to_stream = _not_copied


@contextmanager
def _not_copied(path: str, stream: object) -> Iterator[tuple[None, None]]:
    yield None, None
