"""`hypnomart run`: the main job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.cli.steps import FullRefresh
from pipelines.cli.terminal import tell


def run(
    full_refresh: FullRefresh = False,
    reports: Annotated[bool, typer.Option(help="Write the reports at the end.")] = True,
) -> None:
    """Extract, build, check, publish and report: the main job.

    Example: hypnomart run --no-reports
    """
    from pipelines.job import run_job
    from pipelines.settings import load_settings

    settings = load_settings()
    started = datetime.now(UTC)
    run_id = run_job(settings, full_refresh=full_refresh, with_reports=reports)
    seconds = (datetime.now(UTC) - started).total_seconds()
    tell(f"Run {run_id} published in {seconds:.0f} s.")
    tell(f"  marts    {settings.published}")
    if reports:
        tell(f"  reports  {settings.reports_dir}")
    columns = "movement_month, closing_mrr_usd, closing_customers, customer_churn_rate"
    tell(f'  ask      hypnomart query "select {columns} from mrr_bridge_monthly"')
