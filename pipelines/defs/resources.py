"""What assets are given: the settings, the lock, and a way to say where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dagster as dg

from pipelines import progress
from pipelines.event_log import forget_old_runs
from pipelines.gate import extracted_run
from pipelines.interrupts import before_the_end
from pipelines.lock import warehouse_lock
from pipelines.settings import Settings


@dataclass(frozen=True)
class Writer:
    """The right to write, which each asset that writes asks for as the resource `writer`.

    A run is one process and makes it once: the lock is held from its first step to its last.
    """

    home: Path


def writer(settings: Settings) -> dg.ResourceDefinition:
    """The warehouse's lock as a resource; who comes to hold it forgets what is old."""

    @dg.resource
    def hold(context: dg.InitResourceContext) -> Iterator[Writer]:
        run, instance = context.run, context.instance
        if run and instance:
            before_the_end(lambda: instance.report_run_canceled(run))
        with warehouse_lock(settings.home):
            if context.instance:
                forget_old_runs(context.instance)
            yield Writer(settings.home)

    return hold


def run_of(settings: Settings, run: dg.DagsterRun) -> str:
    """The run whose content a step works on: this one, where it extracted, else the newest that
    did. So a single asset works on what is there."""
    return extracted_run(settings, run.run_id)


def say(step: str) -> Callable[[str], None]:
    """A progress function whose lines are headed by the step's name."""
    return partial(progress.said, step)
