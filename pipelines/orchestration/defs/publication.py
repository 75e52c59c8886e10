"""publication/hypnomart: the file that analysts open; publication/<engine>: a copy of it there."""

import dagster as dg

from models.errors import ChecksFailed
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.partitions import offer_past
from pipelines.orchestration.defs.quality import FINDINGS_KEY, RESULTS_KEY
from pipelines.orchestration.defs.resources import Writer, run_of, tag
from pipelines.orchestration.defs.retries import tried_again
from pipelines.orchestration.instance import POOL
from pipelines.run.steps import publish_step, target_step

KEY = dg.AssetKey(["publication", "hypnomart"])
PLACES = {
    "postgres": "Every mart in a schema of the target, as the published file holds it.",
    "ducklake": "Every mart in the lake, a snapshot for each publication.",
    "spark": "Every mart as Parquet, with a manifest of what stands.",
}


@dg.asset(
    key=KEY,
    deps=[RESULTS_KEY, FINDINGS_KEY],
    group_name="publication",
    kinds={"duckdb"},
    pool=POOL,
    description="published/hypnomart.duckdb: every mart, as the last run that passed left it.",
)
def publication(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    *,
    writer: dg.ResourceParam[Writer],
) -> dg.MaterializeResult[None]:
    """Replace the published file atomically."""
    try:
        published = publish_step(settings, run_of(settings, context.run))
    except ChecksFailed:
        tag(context, result="refused")
        raise
    tag(context, result="published")
    offer_past(context.instance, settings)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(settings.published)),
            "tables": published.tables,
            "dagster/row_count": published.rows,
            **({"note": published.note} if published.note else {}),
        }
    )


def at_engine(name: str) -> dg.AssetsDefinition:
    """The asset publication/<name>: what is published, as another engine holds it."""

    @dg.asset(
        key=dg.AssetKey(["publication", name]),
        deps=[KEY],
        group_name="publication",
        kinds={name},
        pool=POOL,
        description=PLACES[name],
    )
    def brought(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        *,
        writer: dg.ResourceParam[Writer],
    ) -> dg.MaterializeResult[None]:
        """Replace what the engine holds in one transaction."""
        with tried_again(context):
            result = target_step(settings, run_of(settings, context.run), engine=name)
        return dg.MaterializeResult(
            metadata={
                "place": result.place,
                "tables": result.tables,
                "dagster/row_count": result.rows,
                **({"note": result.note} if result.note else {}),
            }
        )

    return brought
