"""publication/hypnomart: the file that analysts open; publication/postgres: a server's copy."""

import dagster as dg

from models.errors import ChecksFailed
from pipelines.defs.quality import FINDINGS_KEY, RESULTS_KEY
from pipelines.defs.resources import POOL, Writer, run_of, tag
from pipelines.defs.retries import tried_again
from pipelines.settings import Settings
from pipelines.steps import publish_step, target_step

KEY = dg.AssetKey(["publication", "hypnomart"])


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
    writer: dg.ResourceParam[Writer],
) -> dg.MaterializeResult[None]:
    """Replace the published file atomically."""
    try:
        published = publish_step(settings, run_of(settings, context.run))
    except ChecksFailed:
        tag(context, result="refused")
        raise
    tag(context, result="published")
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(settings.published)),
            "tables": published.tables,
            "dagster/row_count": published.rows,
        }
    )


@dg.asset(
    key=dg.AssetKey(["publication", "postgres"]),
    deps=[KEY],
    group_name="publication",
    kinds={"postgres"},
    pool=POOL,
    description="Every mart in a schema of the target, as the published file holds it.",
)
def at_target(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
) -> dg.MaterializeResult[None]:
    """Replace the target's schema in one transaction."""
    with tried_again(context):
        brought = target_step(settings, run_of(settings, context.run))
    return dg.MaterializeResult(
        metadata={
            "schema": brought.schema,
            "tables": brought.tables,
            "dagster/row_count": brought.rows,
            **({"note": brought.note} if brought.note else {}),
        }
    )
