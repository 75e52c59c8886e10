"""A refresh that failed is told where the settings say, as reports are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from models import errors
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.schedules import refresh_job
from reports.deliver.message import Message
from reports.deliver.run import tell

# Their messages are written for people; those of other errors may quote anything.
TELLING = {name for name, kind in vars(errors).items() if isinstance(kind, type)}


@dg.run_failure_sensor(
    name="failed_refresh",
    monitored_jobs=[refresh_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A refresh that failed is told by mail and webhook, where these are set.",
)
def failed_refresh(
    context: dg.RunFailureSensorContext, settings: dg.ResourceParam[Settings]
) -> None:
    """Tell each channel once; one that cannot be reached is named in the sensor's log."""
    steps = [event.step_failure_data.error for event in context.get_step_failure_events()]
    for outcome in tell(settings.channels, failure(context.dagster_run.run_id, steps)):
        context.log.info(f"{outcome.channel}: {outcome.error or outcome.detail}")


def failure(run_id: str, steps: list[SerializableErrorInfo | None]) -> Message:
    """What is said of a run that failed, by the errors of its steps."""
    now = datetime.now(UTC)
    reasons = [sentence(error) for error in steps if error] or ["It ended before a step failed."]
    return Message(
        now.date(), run_id, "The refresh failed", (*dict.fromkeys(reasons), f"Run {run_id}.")
    )


def sentence(error: SerializableErrorInfo) -> str:
    """The message of the error that was meant for people, else its name alone."""
    for cause in _causes(error):
        if cause.cls_name in TELLING:
            return cause.message.partition(": ")[2].strip()
    return f"{[*_causes(error)][-1].cls_name}; the run's log has the rest."


def _causes(error: SerializableErrorInfo | None) -> Iterator[SerializableErrorInfo]:
    while error is not None:
        yield error
        error = error.cause
