"""The jobs, and when the daily one runs by itself: never, until somebody switches it on. Reports of
weeks and months follow what it publishes (periods.py)."""

from __future__ import annotations

import dagster as dg

from pipelines.orchestration.defs.documentation import PREFIX as DOCUMENTATION
from pipelines.orchestration.defs.periods import PREFIX as PERIODS

everything = (
    dg.AssetSelection.all()
    - dg.AssetSelection.key_prefixes(PERIODS)
    - dg.AssetSelection.key_prefixes(DOCUMENTATION)
)
reports = dg.AssetSelection.key_prefixes("reports")

refresh_job = dg.define_asset_job(
    "refresh",
    selection=everything,
    executor_def=dg.in_process_executor,
    description="The whole way: source, extraction, marts, checks, publication, reports.",
)
report_job = dg.define_asset_job(
    "report",
    selection=reports,
    executor_def=dg.in_process_executor,
    description="Reports from what is published.",
)
daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule="15 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every day at 03:15 UTC.",
)
