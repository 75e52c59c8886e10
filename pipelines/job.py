"""Run the main job in this process, as Dagster would from its UI."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import dagster as dg

from models.errors import HypnomartError
from pipelines.lock import warehouse_lock
from pipelines.private import private_home
from pipelines.settings import Settings

INSTANCE_CONFIG = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"


def dagster_home(settings: Settings) -> Path:
    """The folder of the Dagster instance, created with telemetry off."""
    private_home(settings.home)
    folder = settings.home / "dagster"
    folder.mkdir(exist_ok=True)
    config = folder / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG, encoding="utf-8")
    return folder


def run_job(settings: Settings, *, full_refresh: bool, with_reports: bool) -> str:
    """Run the job `refresh`, with or without reports, and return its run id.

    Raises the HypnomartError that stopped a step, whatever Dagster wrapped around it.
    """
    from pipelines.definitions import build_definitions

    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    run_id = str(uuid.uuid4())
    errors: list[BaseException] = []

    @dg.failure_hook
    def remember(context: dg.HookContext) -> None:
        if context.op_exception is not None:
            errors.append(context.op_exception)

    job = build_definitions(settings).resolve_job_def("refresh").with_hooks({remember})
    keys = [key for key in job.asset_layer.executable_asset_keys if key.path[0] != "reports"]
    with warehouse_lock(settings.home), dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            run_config={
                "ops": {"raw": {"config": {"full_refresh": full_refresh}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            asset_selection=None if with_reports else keys,
            run_id=run_id,
            raise_on_error=False,
        )
    if result.success:
        return run_id
    error = errors[0] if errors else HypnomartError("Dagster stopped the run without a reason.")
    raise (explained(error) or error) from error


def explained(error: BaseException) -> HypnomartError | None:
    """The HypnomartError among an exception and its causes, if there is one."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, HypnomartError):
            return current
        current = current.__cause__ or current.__context__
    return None
