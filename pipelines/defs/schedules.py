"""When the jobs run by themselves; both are off until somebody switches them on."""

from __future__ import annotations

import dagster as dg

everything = dg.AssetSelection.all()
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
weekly_report = dg.ScheduleDefinition(
    name="weekly_report",
    job=report_job,
    cron_schedule="0 6 * * 1",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every Monday at 06:00 UTC.",
)
