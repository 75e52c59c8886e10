"""quality/<table>: what the checks found, and each check on the table it is about.

Dagster takes a check of another step's asset only from a step of its own, and orders nothing after
checks that spares the tables they are about. So a run's checks are made by the assets that the
publication waits for, which log each result as it comes; the checks' own step makes those that are
asked for alone.

Checks of severity error do not stop the run here, so that every check's outcome is shown: the
publication refuses to publish them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

import dagster as dg

from checks.catalogue import KnownCheck, known_checks
from checks.result import CheckResult
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.resources import Writer, run_of, say
from pipelines.orchestration.instance import POOL
from pipelines.run.steps import check_step

RESULTS_KEY = dg.AssetKey(["quality", "quality_results"])
FINDINGS_KEY = dg.AssetKey(["quality", "quality_findings"])


def quality_definitions(
    read: Sequence[dg.AssetKey], models: Iterable[KnownCheck]
) -> tuple[dg.AssetsDefinition, dg.AssetChecksDefinition]:
    """The quality tables, which wait for every mart and every model of a check, and the checks'
    own step."""
    specs = check_specs(models)
    return _tables(read, {spec.key for spec in specs}), _checks(specs)


def _tables(read: Sequence[dg.AssetKey], told: Set[dg.AssetCheckKey]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            key,
            deps=read,
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
        *,
        writer: dg.ResourceParam[Writer],
    ) -> Iterator[dg.MaterializeResult[None]]:
        results = check_step(
            settings,
            run_of(settings, context.run),
            progress=say("check"),
            told=_logged(context, told),
        )
        failed = [result for result in results if result.status != "passed"]
        for key in (RESULTS_KEY, FINDINGS_KEY):
            metadata = {"checks": len(results), "not_passed": len(failed)}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return quality


def _logged(
    context: dg.AssetExecutionContext, told: Set[dg.AssetCheckKey]
) -> Callable[[CheckResult], None]:
    """Log each result at once, as a check of the table it is about, where the run is to tell it.
    What dbt's data tests said is told by their own step."""
    asked = told & context.job_def.asset_layer.asset_graph.asset_check_keys

    def log(result: CheckResult) -> None:
        if _key(result) in asked:
            context.log_event(dg.AssetCheckEvaluation(**_told(result)))

    return log


def check_specs(models: Iterable[KnownCheck]) -> list[dg.AssetCheckSpec]:
    """Every check, those that are models of the dbt project too, on the table it is about."""
    return [
        dg.AssetCheckSpec(
            name=check.check_name,
            asset=dg.AssetKey(check.asset.split("/")),
            description=check.expected,
            additional_deps=[RESULTS_KEY],
            metadata={"suite": check.suite, "area": check.area},
        )
        for check in known_checks(models).values()
    ]


def _checks(specs: Sequence[dg.AssetCheckSpec]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(specs=specs, name="checks", pool=POOL, can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext,
        settings: dg.ResourceParam[Settings],
        *,
        writer: dg.ResourceParam[Writer],
    ) -> Iterator[dg.AssetCheckResult]:
        """Run the checks that are asked for, unless the run has made all checks and told them."""
        if RESULTS_KEY in context.job_def.asset_layer.executable_asset_keys:
            return
        names = {key.name for key in context.selected_asset_check_keys}
        for result in check_step(
            settings, run_of(settings, context.run), progress=say("check"), names=names
        ):
            if result.check_name in names:
                yield dg.AssetCheckResult(**_told(result))

    return checks


def _key(result: CheckResult) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(result.asset.split("/")), result.check_name)


def _told(result: CheckResult) -> dict[str, Any]:
    """A check's outcome with its counts; offending keys stay in the working file."""
    is_error = result.severity == "error"
    key = _key(result)
    return {
        "asset_key": key.asset_key,
        "check_name": key.name,
        "passed": result.status == "passed",
        "severity": dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        "metadata": {
            "status": result.status,
            "observed": result.observed_value,
            "expected": result.expected,
            "failing_rows": result.failing_rows,
            "money_at_stake_usd": str(result.money_at_stake_usd or 0),
        },
    }
