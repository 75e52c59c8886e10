"""Runs that are over: what killed processes left as running, and what is forgotten in time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import dagster as dg

from models.errors import WarehouseLocked
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.orchestration.instance import POOL, dagster_home

KEPT_RUNS = 30
RUNNING = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def end_dead_runs(
    instance: dg.DagsterInstance,
    is_dead: Callable[[dg.DagsterRun], bool],
    *,
    statuses: Sequence[dg.DagsterRunStatus] = RUNNING,
) -> None:
    """Mark as failed what a killed process left as running: it would take a place among the runs
    that may run at once for ever."""
    for run in filter(is_dead, instance.get_runs(dg.RunsFilter(statuses=list(statuses)))):
        instance.report_run_failed(run, "Its process ended before it did.")


def writes(run: dg.DagsterRun) -> bool:
    """Whether a run has steps that write: who holds the lock knows that no other of these lives.
    One that writes reports may live on."""
    pools = run.run_op_concurrency and run.run_op_concurrency.all_pools
    return POOL in (pools or ())


def forget_dead_runs(settings: Settings) -> None:
    """Before Dagster is served: end what killed processes left, unless a run holds the lock."""
    folder = dagster_home(settings)
    with (
        suppress(WarehouseLocked),
        warehouse_lock(settings.home),
        dg.DagsterInstance.from_config(str(folder)) as instance,
    ):
        launched = dg.DagsterRunStatus.STARTING  # by a server that is no more
        end_dead_runs(instance, lambda run: True, statuses=(*RUNNING, launched))


def forget_old_runs(instance: dg.DagsterInstance) -> None:
    """Keep what Dagster knows of the newest runs that ended; each takes about 5 MB."""
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    for run_id in instance.get_run_ids(dg.RunsFilter(statuses=ended))[KEPT_RUNS:]:
        instance.delete_run(run_id)
        shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
