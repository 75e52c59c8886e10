"""staging/, intermediate/, marts/<model>: what dbt builds, with its data tests as checks."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    dbt_assets,
)
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from checks.expectations import import_beside
from models.errors import BadConfiguration
from pipelines.base.settings import PROJECT, Settings
from pipelines.orchestration.defs.raw import RUN_MANIFEST_KEY
from pipelines.orchestration.defs.resources import POOL, Writer, run_of, say
from pipelines.publication.gate import about
from pipelines.run.steps import building
from pipelines.transform.build import refuse_unbuilt
from pipelines.transform.data_tests import demanded
from pipelines.transform.ledger import is_built
from pipelines.transform.manifest import read_manifest
from pipelines.transform.nodes import NodeResult

PROPS = Mapping[str, Any]


class Translator(DagsterDbtTranslator):
    """Asset keys are folder and name; sources are the extraction's assets."""

    def get_asset_key(self, dbt_resource_props: PROPS) -> dg.AssetKey:
        """staging/<model>, marts/<model>, seeds/<seed>, and raw/<table> for any source table."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            is_manifest = dbt_resource_props["source_name"] == "meta"
            return RUN_MANIFEST_KEY if is_manifest else dg.AssetKey(["raw", name])
        return dg.AssetKey([_layer(dbt_resource_props), name])

    def get_group_name(self, dbt_resource_props: PROPS) -> str:
        """The mart's area, else the layer."""
        fqn = dbt_resource_props["fqn"]
        return str(fqn[2] if fqn[1] == "marts" else _layer(dbt_resource_props))

    def get_description(self, dbt_resource_props: PROPS) -> str:
        """As the project describes it; the SQL is one click away, by the code reference."""
        return " ".join(dbt_resource_props["description"].split())

    def get_metadata(self, dbt_resource_props: PROPS) -> PROPS:
        """With the file that makes it."""
        path = PROJECT / "dbt_project" / dbt_resource_props["original_file_path"]
        code = dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=str(path))]
        )
        found = super().get_metadata(dbt_resource_props)
        return {**found, "dagster/code_references": code}

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: PROPS,
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """A data test as a check that never blocks: a failed one is judged by checks/, which
        come after, and the publication refuses."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        test = manifest["nodes"][unique_id]
        group = {"suite": "dbt", "area": about(manifest, test)[1]}
        return spec._replace(
            blocking=False, description=demanded(test), metadata={**spec.metadata, **group}
        )


TRANSLATOR = Translator(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


def _layer(props: PROPS) -> str:
    return "seeds" if props["resource_type"] == "seed" else str(props["fqn"][1])


def dbt_definitions(settings: Settings) -> dg.AssetsDefinition:
    """The dbt project as Dagster assets."""
    manifest = with_tests_attached(read_manifest(settings))

    @dbt_assets(manifest=manifest, dagster_dbt_translator=TRANSLATOR, name="dbt", pool=POOL)
    def dbt(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        checks = context.selected_asset_check_keys
        refuse_edited(manifest, read_manifest(settings))
        ids = _selection(manifest, context.selected_asset_keys, checks)
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
            yield from _events(manifest, node, checks)
        refuse_unbuilt(nodes)

    return dbt


def with_tests_attached(manifest: PROPS) -> PROPS:
    """The manifest, where each data test of several models says which it is about: Dagster knows
    no check for it otherwise."""
    nodes = dict(manifest["nodes"])
    for unique_id, node in nodes.items():
        if node["resource_type"] == "test" and not node.get("attached_node"):
            asset, _ = about(manifest, node)
            meta = {
                **node["config"].get("meta", {}),
                "dagster": {"ref": {"name": asset.split("/")[1]}},
            }
            nodes[unique_id] = {**node, "config": {**node["config"], "meta": meta}}
    return {**manifest, "nodes": nodes}


def refuse_edited(loaded: PROPS, now: PROPS) -> None:
    """Raise BadConfiguration where models, seeds or data tests came or went since the definitions
    were loaded: Dagster knows no asset for them."""
    names = sorted(one.split(".")[2] for one in loaded["nodes"].keys() ^ now["nodes"].keys())
    if names:
        raise BadConfiguration(
            f"The dbt project was edited while the run was on its way: {', '.join(names[:5])} came "
            "or went. Start the run again."
        )


def _selection(manifest: PROPS, keys: Set[dg.AssetKey], checks: Set[dg.AssetCheckKey]) -> set[str]:
    """The models, seeds and data tests that Dagster asks for."""
    return {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if (is_built(node) and TRANSLATOR.get_asset_key(node) in keys)
        or (node["resource_type"] == "test" and _check_key(manifest, unique_id) in checks)
    }


def _check_key(manifest: PROPS, unique_id: str) -> dg.AssetCheckKey | None:
    return get_asset_check_key_for_test(manifest, TRANSLATOR, unique_id, project=None)


def _events(
    manifest: PROPS,
    node: NodeResult,
    checks: set[dg.AssetCheckKey],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """A materialization for each built model, a check result for each data test that ran."""
    if node.status in ("skipped", "error"):
        return
    if node.resource_type in ("model", "seed"):
        props = manifest["nodes"][node.unique_id]
        metadata: dict[str, Any] = {"seconds": round(node.seconds, 3)}
        if node.rows is not None:
            metadata["dagster/row_count"] = node.rows
        if node.columns:
            metadata["dagster/column_schema"] = _schema(props, node)
        yield dg.MaterializeResult(asset_key=TRANSLATOR.get_asset_key(props), metadata=metadata)
    elif node.resource_type == "test":
        key = _check_key(manifest, node.unique_id)
        if key is not None and key in checks:
            severity = dg.AssetCheckSeverity.WARN if node.severity == "warn" else None
            yield dg.AssetCheckResult(
                passed=node.status == "pass",
                asset_key=key.asset_key,
                check_name=key.name,
                severity=severity or dg.AssetCheckSeverity.ERROR,
                metadata={"failing_rows": node.failing_rows},
            )


def _schema(props: PROPS, node: NodeResult) -> dg.TableSchema:
    """The columns as they were made, each with what the project says of it."""
    said = {name: column["description"] for name, column in props["columns"].items()}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, kind.lower(), description=said.get(name) or None)
            for name, kind in node.columns
        ]
    )
