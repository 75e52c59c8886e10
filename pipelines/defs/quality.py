"""quality/<table>: what the checks found; a failed check of severity error stops the run here."""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.defs.operational import OWNER
from pipelines.defs.resources import say
from pipelines.settings import Settings
from pipelines.steps import check_step, refuse_errors

RESULTS_KEY = dg.AssetKey(["quality", "quality_results"])
FINDINGS_KEY = dg.AssetKey(["quality", "quality_findings"])


def quality_definitions(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The quality tables, which wait for every mart."""
    specs = [
        dg.AssetSpec(
            key,
            deps=marts,
            description=description,
            group_name="quality",
            kinds={"duckdb"},
            owners=[OWNER],
        )
        for key, description in (
            (RESULTS_KEY, "One row per run and check: what was observed and expected."),
            (FINDINGS_KEY, "One row per fault of the source, with the money at stake."),
        )
    ]

    @dg.multi_asset(specs=specs, name="quality", can_subset=False)
    def quality(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> Iterator[dg.MaterializeResult[None]]:
        results = check_step(settings, context.run_id, progress=say("check"))
        failed = [result for result in results if result.status != "passed"]
        for key in (RESULTS_KEY, FINDINGS_KEY):
            metadata = {"checks": len(results), "not_passed": len(failed)}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        refuse_errors(results)

    return quality
