"""The job `demo`: a simulated business for those who have no database yet."""

import dagster as dg

from pipelines.base.settings import Settings
from pipelines.orchestration.defs.resources import Writer, say
from pipelines.orchestration.instance import POOL
from pipelines.run.demo import fill


@dg.op(pool=POOL, description="Simulate a business on the embedded server, seen on four weeks.")
def simulate(
    context: dg.OpExecutionContext,
    settings: dg.ResourceParam[Settings],
    *,
    writer: dg.ResourceParam[Writer],
) -> None:
    """Fill the embedded server, if it is the source and empty."""
    fill(settings, context.run_id, progress=say("source"))


@dg.job(
    executor_def=dg.in_process_executor,
    description="A simulated business on the empty embedded server; then launch `refresh`.",
)
def demo() -> None:
    """One step."""
    simulate()
