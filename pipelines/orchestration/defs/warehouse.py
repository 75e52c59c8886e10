"""staging/, intermediate/, marts/<model>: what dbt builds, with its data tests as checks."""

from collections.abc import Iterator, Set

import dagster as dg

from checks.expectations import import_beside
from models.errors import BadConfiguration
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.dbt_specs import (
    Props,
    asset_key,
    asset_specs,
    check_key,
    check_specs,
    data_tests,
    made,
)
from pipelines.orchestration.defs.resources import Writer, run_of, say
from pipelines.orchestration.instance import POOL
from pipelines.run.steps import building
from pipelines.transform.build import refuse_unbuilt
from pipelines.transform.ledger import is_built
from pipelines.transform.manifest import read_manifest
from pipelines.transform.nodes import NodeResult


def dbt_definitions(settings: Settings) -> dg.AssetsDefinition:
    """The dbt project as Dagster assets."""
    manifest = read_manifest(settings)

    @dg.multi_asset(
        specs=asset_specs(manifest),
        check_specs=check_specs(manifest),
        name="dbt",
        pool=POOL,
        can_subset=True,
    )
    def dbt(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        *,
        writer: dg.ResourceParam[Writer],
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        checks = context.selected_asset_check_keys
        refuse_edited(manifest, read_manifest(settings))
        ids = _selection(manifest, context.selected_asset_keys, checks=checks)
        if not context.is_subset:
            import_beside()  # the checks come next
        nodes = []
        for node in building(
            settings,
            run_of(settings, context.run),
            progress=say("build"),
            ids=ids if context.is_subset else None,
        ):
            nodes.append(node)
            yield from _events(manifest, node, checks=checks)
        refuse_unbuilt(nodes)

    return dbt


def refuse_edited(loaded: Props, now: Props) -> None:
    """Raise BadConfiguration where models, seeds or data tests came or went since the definitions
    were loaded: Dagster knows no asset for them."""
    names = sorted(one.split(".")[2] for one in loaded["nodes"].keys() ^ now["nodes"].keys())
    if names:
        raise BadConfiguration(
            f"The dbt project was edited while the run was on its way: {', '.join(names[:5])} came "
            "or went. Start the run again."
        )


def _selection(
    manifest: Props, keys: Set[dg.AssetKey], *, checks: Set[dg.AssetCheckKey]
) -> set[str]:
    """The models, seeds and data tests that Dagster asks for."""
    asked = {id for id, n in manifest["nodes"].items() if is_built(n) and asset_key(n) in keys}
    tests = (test for test in data_tests(manifest) if check_key(manifest, test) in checks)
    return asked | {test["unique_id"] for test in tests}


def _events(
    manifest: Props,
    node: NodeResult,
    *,
    checks: Set[dg.AssetCheckKey],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """A materialization for each built model, a check result for each data test that ran."""
    if node.status in ("skipped", "error"):
        return
    props = manifest["nodes"][node.unique_id]
    if is_built(props):
        yield dg.MaterializeResult(asset_key=asset_key(props), metadata=made(props, node))
    elif (key := check_key(manifest, props)) in checks:
        is_warning = node.severity == "warn"
        yield dg.AssetCheckResult(
            passed=node.status == "pass",
            asset_key=key.asset_key,
            check_name=key.name,
            severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
            metadata={"failing_rows": node.failing_rows},
        )
