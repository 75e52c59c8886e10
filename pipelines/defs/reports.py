"""reports/<name>: the files people open."""

import dagster as dg

from pipelines.defs.operational import OWNER
from pipelines.defs.publication import KEY as PUBLICATION_KEY
from pipelines.defs.resources import say
from pipelines.settings import Settings
from pipelines.steps import report_step
from reports.run import available_reports


def _report(name: str, description: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey(["reports", name]),
        deps=[PUBLICATION_KEY],
        group_name="reports",
        kinds={"file"},
        owners=[OWNER],
        description=description,
    )
    def report(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> dg.MaterializeResult[None]:
        paths = report_step(settings, context.run.run_id, names=[name], progress=say("report"))
        return dg.MaterializeResult(
            metadata={
                "files": len(paths),
                "folder": dg.MetadataValue.path(str(settings.reports_dir)),
            }
        )

    return report


def report_definitions() -> list[dg.AssetsDefinition]:
    """One asset for every report that exists."""
    return [_report(name, description) for name, description in available_reports().items()]
