"""MetricFlow in this process: from metrics and dimensions to SQL on the published marts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import (
    PydanticSemanticManifest,
)
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class Renderer:
    """What MetricFlow asks of a client that only compiles: DuckDB's SQL, and no connection."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, key: str) -> str:
        """How a bound parameter is written."""
        return f"${key}"


def compiled(
    semantics: str,
    *,
    metrics: Sequence[str],
    by: Sequence[str],
    where: str | None,
    since: datetime | None,
    until: datetime | None,
) -> str:
    """The SQL of a question whose names are MetricFlow's."""
    request = MetricFlowQueryRequest.create(
        metric_names=metrics,
        group_by_names=by,
        where_constraints=[where] if where else None,
        time_constraint_start=since,
        time_constraint_end=until,
    )
    return str(engine(semantics).explain(request).sql_statement.sql)


@lru_cache(maxsize=1)
def engine(semantics: str) -> MetricFlowEngine:
    """MetricFlow on a semantic manifest whose models are the published tables; kept for the next
    question of this process."""
    manifest: Any = PydanticSemanticManifestTransformer.transform(
        PydanticSemanticManifest.parse_raw(semantics)
    )
    relations = [model.node_relation for model in manifest.semantic_models]
    relations += [spine.node_relation for spine in manifest.project_configuration.time_spines]
    for relation in relations:
        relation.relation_name = f'main."{relation.alias}"'
    lookup = SemanticManifestLookup(manifest)
    client: Any = Renderer()
    return MetricFlowEngine(semantic_manifest_lookup=lookup, sql_client=client)
