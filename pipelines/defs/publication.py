"""publication/hypnomart: the file that analysts open."""

import dagster as dg

from pipelines.defs.operational import OWNER
from pipelines.defs.quality import FINDINGS_KEY, RESULTS_KEY
from pipelines.defs.resources import Writer, run_of
from pipelines.settings import Settings
from pipelines.steps import publish_step

KEY = dg.AssetKey(["publication", "hypnomart"])


@dg.asset(
    key=KEY,
    deps=[RESULTS_KEY, FINDINGS_KEY],
    group_name="publication",
    kinds={"duckdb"},
    owners=[OWNER],
    description="published/hypnomart.duckdb: every mart, as the last run that passed left it.",
)
def publication(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
) -> dg.MaterializeResult[None]:
    """Replace the published file atomically."""
    published = publish_step(settings, run_of(settings, context.run))
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(settings.published)),
            "tables": published.tables,
            "dagster/row_count": published.rows,
        }
    )
