"""reports/<name>: the files people open."""

from collections.abc import Collection

import dagster as dg
from pydantic import Field

from pipelines.base.settings import Settings
from pipelines.orchestration.defs.publication import KEY as PUBLICATION_KEY
from pipelines.orchestration.defs.resources import say
from pipelines.run.delivery import deliver_step
from pipelines.run.steps import report_step
from reports.index import DBT_PAGE, DOCUMENTATION, GX_PAGE
from reports.run import available_reports

FIRST = ("exports", "dictionary")


class ReportConfig(dg.Config):
    """Config of a report."""

    period: str | None = Field(
        default=None,
        description="A month or week, such as 2026-10 or 2026-W44, in a folder of its own; "
        "the newest day's folder where unset.",
    )


def report_key(name: str) -> dg.AssetKey:
    """The asset of a report."""
    return dg.AssetKey(["reports", name])


def _report(name: str, description: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=report_key(name),
        # pages link to the CSV files and the dictionary, where these are there
        deps=[PUBLICATION_KEY] if name in FIRST else [PUBLICATION_KEY, *map(report_key, FIRST)],
        group_name="reports",
        kinds={"file"},
        description=description,
    )
    def report(
        context: dg.AssetExecutionContext,
        config: ReportConfig,
        *,
        settings: dg.ResourceParam[Settings],
    ) -> dg.MaterializeResult[None]:
        paths = report_step(
            settings,
            context.run.run_id,
            names=[name],
            together=reports_of(context.run.asset_selection),
            period=config.period,
            progress=say("report"),
        )
        pages = [path for path in paths if path.suffix == ".html"]
        opened = pages[0] if pages else settings.reports_dir
        documents = settings.reports_dir / DOCUMENTATION
        links = {"open": opened, "dbt_docs": documents / DBT_PAGE, "data_docs": documents / GX_PAGE}
        there = {
            name: dg.MetadataValue.path(str(path)) for name, path in links.items() if path.exists()
        }
        return dg.MaterializeResult(metadata={"files": len(paths), **there})

    return report


def reports_of(selection: Collection[dg.AssetKey] | None) -> list[str]:
    """The reports that a run writes: all, where it selects no assets."""
    return [name for name in available_reports() if not selection or report_key(name) in selection]


@dg.asset(
    key=report_key("delivery"),
    deps=[report_key(name) for name in available_reports()],
    group_name="reports",
    kinds={"file"},
    description="The newest day's reports, where the settings send them; a failure stops nothing.",
)
def delivery(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Copy to the store, mail, tell the webhook."""
    outcomes = deliver_step(settings, context.run.run_id, progress=say("report"))
    return dg.MaterializeResult(metadata={one.channel: one.error or one.detail for one in outcomes})


def report_definitions() -> list[dg.AssetsDefinition]:
    """One asset for every report that exists, and their delivery."""
    reports = [_report(name, description) for name, description in available_reports().items()]
    return [*reports, delivery]
