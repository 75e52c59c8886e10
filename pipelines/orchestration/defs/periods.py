"""periods/<monthly|weekly>: reports of past months and weeks, which may be filled back.

They stand in folders of their own beside the days. Sensors follow the publication: a month's
reports are written once it is complete, a week's once it is over.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.base.settings import Settings
from pipelines.orchestration.defs.kept import kept
from pipelines.orchestration.defs.partitions import MONTHS, WEEKS
from pipelines.orchestration.defs.publication import KEY as PUBLICATION_KEY
from pipelines.orchestration.defs.resources import say
from pipelines.run.steps import report_step
from reports.published import open_published
from reports.state import settled_periods

PREFIX = "periods"


def period_definitions() -> dg.Definitions:
    """Assets, jobs and sensors."""
    parts = _Part("monthly", MONTHS, is_week=False), _Part("weekly", WEEKS, is_week=True)
    return dg.Definitions(
        assets=list(dg.map_asset_specs(kept, [part.asset() for part in parts])),
        jobs=[part.job() for part in parts],
        sensors=[part.sensor() for part in parts],
    )


class _Part:
    """The asset, the job and the sensor of one length of period."""

    def __init__(self, name: str, partitions: str, *, is_week: bool) -> None:
        self.name, self.is_week = name, is_week
        self.partitions = dg.DynamicPartitionsDefinition(name=partitions)
        self.key = dg.AssetKey([PREFIX, name])

    def asset(self) -> dg.AssetsDefinition:
        @dg.asset(
            key=self.key,
            deps=[PUBLICATION_KEY],
            partitions_def=self.partitions,
            group_name="reports",
            kinds={"file"},
            description=f"The {self.name} pages, papers and exports, in a folder of their own.",
        )
        def write(
            context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
        ) -> dg.MaterializeResult[None]:
            period = context.partition_key
            paths = report_step(settings, context.run.run_id, period=period, progress=say("report"))
            return dg.MaterializeResult(
                metadata={
                    "files": len(paths),
                    "folder": dg.MetadataValue.path(str(settings.reports_dir / period)),
                }
            )

        return write

    def job(self) -> Any:
        return dg.define_asset_job(
            f"{self.name}_reports",
            selection=dg.AssetSelection.assets(self.key),
            executor_def=dg.in_process_executor,
            description=f"The {self.name} reports of one period, from what is published.",
        )

    def sensor(self) -> dg.SensorDefinition:
        @dg.asset_sensor(
            asset_key=PUBLICATION_KEY,
            name=f"{self.name}_reports",
            job_name=f"{self.name}_reports",
            default_status=dg.DefaultSensorStatus.STOPPED,
            description="After a publication: the newest period that is final, once.",
        )
        def follow(
            context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
        ) -> Iterator[dg.RunRequest | dg.SkipReason]:
            with open_published(settings.published) as published:
                month, week = settled_periods(published)
            newest = week if self.is_week else month
            if newest is None:
                yield dg.SkipReason("No period is final yet.")
            else:
                yield dg.RunRequest(run_key=str(newest), partition_key=str(newest))

        return follow
