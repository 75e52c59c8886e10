"""reports/<name>: the files people open."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipelines.base.settings import Settings
from pipelines.orchestration.defs.publication import KEY as PUBLICATION_KEY
from pipelines.orchestration.defs.resources import say
from pipelines.run.delivery import deliver_step
from pipelines.run.steps import report_step
from reports.index import DBT_PAGE, DOCUMENTATION, GX_PAGE
from reports.manifest import read_manifest
from reports.run import available_reports


class ReportConfig(dg.Config):
    """Config of the reports."""

    period: str | None = Field(
        default=None,
        description="A month or week, such as 2026-10 or 2026-W44, in a folder of its own; "
        "the newest day's folder where unset.",
    )


def report_key(name: str) -> dg.AssetKey:
    """The asset of a report."""
    return dg.AssetKey(["reports", name])


# one step, so that a day's reports stand together or not at all, and no page leads to a missing one
@dg.multi_asset(
    name="reports",
    specs=[
        dg.AssetSpec(
            report_key(name),
            deps=[PUBLICATION_KEY],
            group_name="reports",
            kinds={"file"},
            description=description,
        )
        for name, description in available_reports().items()
    ],
    can_subset=True,
)
def reports(
    context: dg.AssetExecutionContext, config: ReportConfig, *, settings: dg.ResourceParam[Settings]
) -> Iterator[dg.MaterializeResult[None]]:
    """Write the reports that are asked for, and tell of each its files."""
    names = [
        name for name in available_reports() if report_key(name) in context.selected_asset_keys
    ]
    manifest = report_step(
        settings,
        context.run.run_id,
        names=names,
        period=config.period,
        progress=say("report"),
    )[-1]
    written = read_manifest(manifest.parent)
    for name in names:
        files = [manifest.parent / entry.file for entry in written if entry.report == name]
        yield dg.MaterializeResult(
            asset_key=report_key(name),
            metadata={"files": len(files), **_links(settings, files)},
        )


def _links(settings: Settings, files: Sequence[Path]) -> dict[str, dg.PathMetadataValue]:
    """Where a report opens, and the documentation beside it."""
    pages = [path for path in files if path.suffix == ".html"]
    documents = settings.reports_dir / DOCUMENTATION
    links = {
        "open": pages[0] if pages else settings.reports_dir,
        "dbt_docs": documents / DBT_PAGE,
        "data_docs": documents / GX_PAGE,
    }
    return {name: dg.MetadataValue.path(str(path)) for name, path in links.items() if path.exists()}


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
    return [reports, delivery]
