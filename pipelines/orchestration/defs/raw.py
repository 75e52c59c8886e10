"""raw/<table>: the newest snapshot of each operational table in the working file."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from models.tables import TABLES, Table
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import raw_columns
from pipelines.orchestration.defs.resources import Writer, say, tag
from pipelines.orchestration.defs.retries import tried_again
from pipelines.orchestration.instance import POOL
from pipelines.run.steps import extract_step

RUN_MANIFEST_KEY = dg.AssetKey(["raw", "run_manifest"])


class ExtractConfig(dg.Config):
    """Config of the extraction."""

    full_refresh: bool = Field(
        default=False,
        description="Read every row of the source again; the history stays as it is.",
    )


def _spec(table: Table) -> dg.AssetSpec:
    columns = [dg.TableColumn(column.name, column.type) for column in raw_columns(table)]
    history = "" if table.has_history else f" No history: {table.no_history}."
    return dg.AssetSpec(
        dg.AssetKey(["raw", table.name]),
        deps=[dg.AssetKey(["operational", table.name])],
        description=f"One row per row of {table.name} in the newest snapshot.{history}",
        group_name="raw",
        kinds={"duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


SPECS = [_spec(table) for table in TABLES]
MANIFEST_SPEC = dg.AssetSpec(
    RUN_MANIFEST_KEY,
    deps=[spec.key for spec in SPECS],
    description="One row per run and table: snapshot time, rows at the source and here.",
    group_name="raw",
    kinds={"duckdb"},
)


@dg.multi_asset(specs=[*SPECS, MANIFEST_SPEC], name="raw", pool=POOL, can_subset=False)
def raw(
    context: dg.AssetExecutionContext,
    config: ExtractConfig,
    *,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
) -> Iterator[dg.MaterializeResult[None]]:
    """All 21 tables in one snapshot and one transaction."""
    with tried_again(context):
        extraction = extract_step(
            settings, context.run.run_id, full_refresh=config.full_refresh, progress=say("extract")
        )
    tag(context, as_of=extraction.as_of_at.isoformat(timespec="seconds"))
    for note in extraction.notes:
        context.log.info(note)
    for count in extraction.tables:
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(["raw", count.table_name]),
            metadata={
                "dagster/row_count": count.warehouse_rows,
                "source_rows": count.source_rows,
                "changed_rows": count.changed_rows,
                "deleted_rows": count.deleted_rows,
                "seconds": round(count.seconds, 3),
            },
        )
    yield dg.MaterializeResult(
        asset_key=RUN_MANIFEST_KEY, metadata={"as_of_at": extraction.as_of_at.isoformat()}
    )
