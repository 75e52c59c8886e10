"""What Dagster loads: assets from the operational tables to the reports, jobs and schedules."""

from __future__ import annotations

import dagster as dg

from models.marts import MARTS
from pipelines.base.environment import isolate
from pipelines.base.interrupts import end_run_when_told
from pipelines.base.settings import Settings, load_settings
from pipelines.orchestration.defs.alerts import failed_refresh
from pipelines.orchestration.defs.demo import demo
from pipelines.orchestration.defs.documentation import documentation_job, documents
from pipelines.orchestration.defs.kept import kept
from pipelines.orchestration.defs.lineage import traced
from pipelines.orchestration.defs.operational import operational
from pipelines.orchestration.defs.periods import period_definitions
from pipelines.orchestration.defs.publication import at_engine, publication
from pipelines.orchestration.defs.quality import quality_definitions
from pipelines.orchestration.defs.raw import raw
from pipelines.orchestration.defs.reports import report_definitions
from pipelines.orchestration.defs.resources import writer
from pipelines.orchestration.defs.schedules import daily_refresh, refresh_job, report_job
from pipelines.orchestration.defs.warehouse import dbt_definitions
from pipelines.transform.check_models import LAYER, check_models
from pipelines.transform.manifest import read_manifest


def build_definitions(settings: Settings) -> dg.Definitions:
    """Everything Dagster needs, for one home."""
    warehouse = dbt_definitions(settings)
    read = sorted(key for key in warehouse.keys if key.path[0] in (MARTS, LAYER))
    quality, checks = quality_definitions(read, check_models(read_manifest(settings)))
    assets = [
        operational,
        raw,
        traced(warehouse, settings),
        quality,
        publication,
        *map(at_engine, settings.targets),
        *report_definitions(),
        *documents,
    ]
    days = dg.Definitions(
        assets=list(dg.map_asset_specs(kept, assets)),
        asset_checks=[checks],
        jobs=[refresh_job, report_job, documentation_job, demo],
        schedules=[daily_refresh],
        sensors=[failed_refresh],
        resources={"settings": settings, "writer": writer(settings)},
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(days, period_definitions())


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions for the home that the environment names."""
    isolate(in_dagster=True)
    end_run_when_told()
    return build_definitions(load_settings())
