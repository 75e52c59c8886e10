"""Where Dagster's own way is not ours: it takes the path of its configuration for a pattern, in
which [ and * stand for other letters; it copies what steps print to the terminal; and it makes the
set of a step's assets anew for each output, which of 730 takes a second and a half."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from dagster._core.execution.context.system import StepExecutionContext

config: Any = import_module("dagster._core.instance.config")
compute_logs: Any = import_module("dagster._core.execution.compute_logs")
_load = config.load_yaml_from_globs
_keys = StepExecutionContext.get_output_asset_keys


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


def keep_keys_of_steps() -> None:
    """Have a step's assets, which stay the same, looked up once."""
    setattr(StepExecutionContext, _keys.__name__, _kept_keys)


def _kept_keys(context: StepExecutionContext) -> Any:
    if (found := context.__dict__.get("kept_keys")) is None:
        found = context.__dict__["kept_keys"] = _keys(context)
    return found
