"""Run the main job in this process, as Dagster would from its UI."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.events import RunFailureReason
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG

from models.errors import ChecksFailed, HypnomartError, origins
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.orchestration.dagster_config import (
    keep_keys_of_steps,
    keep_output_in_the_log,
)
from pipelines.orchestration.defs.retries import AT_TERMINAL
from pipelines.orchestration.ended_runs import end_dead_runs, writes
from pipelines.orchestration.instance import dagster_home
from pipelines.publication.publish import published_run
from pipelines.run.demo import is_wanted
from pipelines.transform.build import compiled_nodes
from pipelines.transform.compiled import compiled_meanwhile
from pipelines.transform.manifest import read_manifest

# as pyproject.toml and workspace.yaml name it; by the label the interface counts a job's runs
LOCATION = "hypnomart"
LABEL = f"{SINGLETON_REPOSITORY_NAME}@{LOCATION}"


def run_job(settings: Settings, *, full_refresh: bool, with_reports: bool) -> str:
    """Run the job `refresh`, with or without reports, and return its run id; before it the job
    `demo`, where the source is the embedded server and empty.

    Published is what was read back: this run's id in the published file. Raises the HypnomartError
    that stopped a step, whatever Dagster wrapped around it, and ChecksFailed where Dagster skipped
    assets without an error.
    """
    from pipelines.definitions import build_definitions

    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = "1000"  # of the events that say what a run will make
    with warehouse_lock(settings.home), dg.DagsterInstance.get() as instance:
        end_dead_runs(instance, writes)
        definitions = build_definitions(settings)
        if is_wanted(settings):
            with compiled_meanwhile(settings, compiled_nodes(read_manifest(settings))):
                _executed(definitions.resolve_job_def("demo"), instance)
        job = definitions.resolve_job_def("refresh")
        keys = job.asset_layer.executable_asset_keys
        planned = {key for key in keys if with_reports or key.path[0] != "reports"}
        result = _executed(
            job,
            instance,
            config={"ops": {"raw": {"config": {"full_refresh": full_refresh}}}},
            assets=None if with_reports else sorted(planned),
        )
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    refuse_skipped(result.run_id, planned - made, published=published_run(settings.published))
    return result.run_id


def _executed(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    *,
    config: Mapping[str, Any] = MappingProxyType({}),
    assets: Sequence[dg.AssetKey] | None = None,
) -> dg.ExecuteInProcessResult:
    """A job as it ran in this process, silently. Raises what stopped a step, KeyboardInterrupt
    where the process was told to end."""
    keep_output_in_the_log()
    keep_keys_of_steps()
    errors: list[BaseException] = []

    @dg.failure_hook
    def remember(context: dg.HookContext) -> None:
        if context.op_exception is not None:
            errors.append(context.op_exception)

    result = job.with_hooks({remember}).execute_in_process(
        instance=instance,
        run_config={
            **config,
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
        asset_selection=assets,
        run_id=str(uuid.uuid4()),
        tags={AT_TERMINAL: "true", REPOSITORY_LABEL_TAG: LABEL},
        raise_on_error=False,
    )
    if not result.success:
        if not errors and _was_told_to_end(result):
            raise KeyboardInterrupt
        error = errors[0] if errors else HypnomartError("Dagster stopped the run without a reason.")
        raise (explained(error) or error) from error
    return result


def _was_told_to_end(result: dg.ExecuteInProcessResult) -> bool:
    return any(
        event.job_failure_data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
        for event in result.all_events
        if event.event_type is dg.DagsterEventType.RUN_FAILURE
    )


def refuse_skipped(run_id: str, skipped: Set[dg.AssetKey], *, published: str | None) -> None:
    """Raise ChecksFailed where assets of a run were skipped, or what is published is another."""
    names = sorted("/".join(key.path) for key in skipped)
    first = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    if published != run_id:
        raise ChecksFailed(
            f"Run {run_id} published nothing; skipped: {first or 'nothing'}. "
            "The previous publication stands."
        )
    if names:
        raise ChecksFailed(f"Run {run_id} is published, but these were skipped: {first}.")


def explained(error: BaseException) -> HypnomartError | None:
    """The HypnomartError among an exception and its causes, if there is one."""
    return next((one for one in origins(error) if isinstance(one, HypnomartError)), None)
