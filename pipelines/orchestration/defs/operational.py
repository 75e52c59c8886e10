"""operational/<table>: the 21 tables at the source, as the contract wants them."""

from collections.abc import Iterator
from contextlib import suppress

import dagster as dg
import psycopg

from models.counting import counted
from models.drift import compare_schema
from models.tables import TABLES
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.resources import Writer, say
from pipelines.orchestration.defs.retries import tried_again
from pipelines.orchestration.instance import POOL
from pipelines.run.demo import create_tables, refuse_empty
from pipelines.run.steps import source_url

SPECS = [
    dg.AssetSpec(
        dg.AssetKey(["operational", table.name]),
        description=f"public.{table.name} at the source: {counted(len(table.columns), 'column')}, "
        f"key {', '.join(table.key)}, row-level security on.",
        group_name="operational",
        kinds={"postgres"},
    )
    for table in TABLES
]


@dg.multi_asset(specs=SPECS, name="operational", pool=POOL, can_subset=False)
def operational(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    *,
    writer: dg.ResourceParam[Writer],
) -> Iterator[dg.MaterializeResult[None]]:
    """Create the tables on the embedded server; at any other source only compare them."""
    with tried_again(context), recorded_step(settings, context.run.run_id, step="source"):
        create_tables(settings, progress=say("source"))
        refuse_empty(settings)
        url = source_url(settings)
        differences = compare_schema(url)
    for difference in differences:
        context.log.warning(str(difference))
    sizes = _sizes(url)
    for spec, table in zip(SPECS, TABLES, strict=True):
        named = [str(d) for d in differences if d.table == table.name]
        metadata = {"differences": len(named)}
        if table.name in sizes:
            metadata["dagster/size_bytes"] = sizes[table.name]
        yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)


def _sizes(url: str) -> dict[str, int]:
    """Bytes of each table; none where the source went away, which the extraction will say."""
    with suppress(psycopg.Error), psycopg.connect(url) as con:
        return dict(
            con.execute(
                "select relname, pg_total_relation_size(oid) from pg_class "
                "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            ).fetchall()
        )
    return {}
