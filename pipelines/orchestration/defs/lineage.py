"""Which source columns each column of a mart is told from, as the published mart `lineage` says."""

from __future__ import annotations

import dagster as dg

from models.errors import BadConfiguration
from models.marts import MARTS
from models.tables import TABLES_BY_NAME
from pipelines.base.settings import Settings
from pipelines.transform.lineage.table import MART
from reports.published import open_published

ROWS = "*"  # a count of rows comes of no column


def traced(assets: dg.AssetsDefinition, settings: Settings) -> dg.AssetsDefinition:
    """The assets, marts with the lineage of their columns; without it before a publication."""
    known = column_lineage(settings)

    def told(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.key not in known:
            return spec
        return spec.merge_attributes(metadata={"dagster/column_lineage": known[spec.key]})

    (found,) = dg.map_asset_specs(told, [assets])
    return found


def column_lineage(settings: Settings) -> dict[dg.AssetKey, dg.TableColumnLineage]:
    """The lineage of each mart down to raw/<table> and seeds/<seed>; none before a publication."""
    try:
        with open_published(settings.published) as published:
            rows = published.con.execute(
                f"select mart, column_name, source_table, source_column from {MART}"
            ).fetchall()
    except BadConfiguration:
        return {}
    found: dict[str, dict[str, list[dg.TableColumnDep]]] = {}
    for mart, column, table, source in rows:
        deps = found.setdefault(mart, {}).setdefault(column, [])
        if source != ROWS:
            layer = "raw" if table in TABLES_BY_NAME else "seeds"
            deps.append(dg.TableColumnDep(dg.AssetKey([layer, table]), source))
    return {dg.AssetKey([MARTS, m]): dg.TableColumnLineage(deps) for m, deps in found.items()}
