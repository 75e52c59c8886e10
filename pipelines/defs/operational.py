"""operational/<table>: the 21 tables at the source, as the contract wants them."""

from collections.abc import Iterator

import dagster as dg
import psycopg

from models.counting import counted
from models.drift import compare_schema
from models.tables import TABLES
from pipelines.defs.resources import Writer, say
from pipelines.demo import fill_if_empty
from pipelines.settings import Settings
from pipelines.steps import source_url

OWNER = "team:analytics"

SPECS = [
    dg.AssetSpec(
        dg.AssetKey(["operational", table.name]),
        description=f"public.{table.name} at the source: {counted(len(table.columns), 'column')}, "
        f"key {', '.join(table.key)}, row-level security on.",
        group_name="operational",
        kinds={"postgres"},
        owners=[OWNER],
    )
    for table in TABLES
]


@dg.multi_asset(specs=SPECS, name="operational", can_subset=False)
def operational(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
) -> Iterator[dg.MaterializeResult[None]]:
    """Create the tables on the embedded server; at any other source only compare them."""
    fill_if_empty(settings, context.run.run_id, progress=say("source"))
    url = source_url(settings)
    differences = compare_schema(url)
    for difference in differences:
        context.log.warning(str(difference))
    with psycopg.connect(url) as con:
        size: dict[str, int] = dict(
            con.execute(
                "select relname, pg_total_relation_size(oid) from pg_class "
                "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            ).fetchall()
        )
    for spec, table in zip(SPECS, TABLES, strict=True):
        named = [str(d) for d in differences if d.table == table.name]
        metadata = {"dagster/size_bytes": size.get(table.name, 0), "differences": len(named)}
        yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)
