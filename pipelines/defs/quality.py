"""quality/<table>: what the checks found, and each check on the table it is about.

Checks of severity error do not stop the run here, so that every check's outcome is shown: the
publication refuses to publish them.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from checks.catalogue import known_checks
from checks.result import CheckResult
from pipelines.defs.resources import POOL, Writer, run_of, say
from pipelines.settings import Settings
from pipelines.steps import check_step, checked_results

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
        )
        for key, description in (
            (RESULTS_KEY, "One row per run and check: what was observed and expected."),
            (FINDINGS_KEY, "One row per fault of the source, with the money at stake."),
        )
    ]

    @dg.multi_asset(specs=specs, name="quality", pool=POOL, can_subset=False)
    def quality(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
    ) -> Iterator[dg.MaterializeResult[None]]:
        results = check_step(settings, run_of(settings, context.run), progress=say("check"))
        failed = [result for result in results if result.status != "passed"]
        for key in (RESULTS_KEY, FINDINGS_KEY):
            metadata = {"checks": len(results), "not_passed": len(failed)}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return quality


def check_specs() -> list[dg.AssetCheckSpec]:
    """Every check of checks/ on the table it is about; they are told once all have run."""
    return [
        dg.AssetCheckSpec(
            name=check.check_name,
            asset=dg.AssetKey(check.asset.split("/")),
            description=check.expected,
            additional_deps=[RESULTS_KEY],
            metadata={"suite": check.suite, "area": check.area},
        )
        for check in known_checks().values()
    ]


@dg.multi_asset_check(specs=check_specs(), name="checks", pool=POOL, can_subset=True)
def checks(
    context: dg.AssetCheckExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
) -> Iterator[dg.AssetCheckResult]:
    """Tell Dagster what the run's checks said; where the run checked nothing, run those asked."""
    names = {key.name for key in context.selected_asset_check_keys}
    run_id = run_of(settings, context.run)
    if RESULTS_KEY in context.job_def.asset_layer.executable_asset_keys:
        results = checked_results(settings, run_id)
    else:
        results = check_step(settings, run_id, progress=say("check"), names=names)
    for result in results:
        if result.check_name in names:
            yield check_result(result)


def check_result(result: CheckResult) -> dg.AssetCheckResult:
    """A check's outcome with its counts; offending keys stay in the working file."""
    is_error = result.severity == "error"
    return dg.AssetCheckResult(
        passed=result.status == "passed",
        asset_key=dg.AssetKey(result.asset.split("/")),
        check_name=result.check_name,
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        metadata={
            "status": result.status,
            "observed": result.observed_value,
            "expected": result.expected,
            "failing_rows": result.failing_rows,
            "money_at_stake_usd": str(result.money_at_stake_usd or 0),
        },
    )
