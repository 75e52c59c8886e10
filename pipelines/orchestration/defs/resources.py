"""What assets are given: the settings, the lock, and ways to say where they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dagster as dg

from models.errors import WarehouseLocked
from pipelines.base import progress
from pipelines.base.interrupts import before_the_end
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.retries import AT_TERMINAL, WAITS
from pipelines.orchestration.ended_runs import forget_old_runs
from pipelines.publication.gate import extracted_run

# Of two runs whose steps are in this pool, the second waits in Dagster's queue.


@dataclass(frozen=True)
class Writer:
    """The right to write, which each asset that writes asks for as the resource `writer`; such an
    asset is in POOL.

    A run is one process and makes it once: the lock is held from its first step to its last.
    """

    home: Path


def writer(settings: Settings) -> dg.ResourceDefinition:
    """The warehouse's lock as a resource; who comes to hold it forgets what is old.

    A run of the command line, which stands in no queue, is waited for.
    """

    @dg.resource
    def hold(context: dg.InitResourceContext) -> Iterator[Writer]:
        run, instance = context.run, context.instance
        if run and instance:
            before_the_end(lambda: instance.report_run_canceled(run))
        is_awaited = run is not None and AT_TERMINAL in run.tags
        with ExitStack() as stack:
            _lock(stack, settings.home, waits=() if is_awaited else WAITS)
            if context.instance:
                forget_old_runs(context.instance)
            yield Writer(settings.home)

    return hold


def _lock(stack: ExitStack, home: Path, *, waits: Sequence[float]) -> None:
    """Hold the warehouse, tried again after each wait. Raises WarehouseLocked."""
    for seconds in waits:
        try:
            stack.enter_context(warehouse_lock(home))
            return
        except WarehouseLocked as error:
            progress.said("source", f"{error} Trying again in {seconds:.0f} s.")
            time.sleep(seconds)
    stack.enter_context(warehouse_lock(home))


def run_of(settings: Settings, run: dg.DagsterRun) -> str:
    """The run whose content a step works on: this one, where it extracted, else the newest that
    did. So a single asset works on what is there."""
    return extracted_run(settings, run.run_id)


def tag(context: dg.AssetExecutionContext, **tags: str) -> None:
    """Tag the run, for the list of runs: `as_of` its snapshot, `result` published or refused."""
    named = {f"hypnomart/{name}": value for name, value in tags.items()}
    context.instance.add_run_tags(context.run.run_id, named)


def say(step: str) -> Callable[[str], None]:
    """A progress function whose lines are headed by the step's name."""
    return partial(progress.said, step)
