"""What Dagster is told of the dbt project: an asset for each model and seed, a check for each test.

dagster-dbt would tell the same, but imports dbt, sqlglot and gRPC for it: 2 s of a run in which dbt
compiles nothing.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from models.marts import is_mart
from pipelines.base.settings import PROJECT
from pipelines.orchestration.defs.raw import RUN_MANIFEST_KEY
from pipelines.publication.results import about
from pipelines.transform.data_tests import demanded
from pipelines.transform.ledger import is_built
from pipelines.transform.nodes import NodeResult

Props = Mapping[str, Any]


def asset_key(props: Props) -> dg.AssetKey:
    """staging/<model>, marts/<model>, seeds/<seed>, and raw/<table> for any source table."""
    name = props["name"]
    if props["resource_type"] == "source":
        is_manifest = props["source_name"] == "meta"
        return RUN_MANIFEST_KEY if is_manifest else dg.AssetKey(["raw", name])
    return dg.AssetKey([_layer(props), name])


def check_key(manifest: Props, test: Props) -> dg.AssetCheckKey:
    """The check that a data test is, on the table that it is about."""
    attached = test.get("attached_node")
    asset = about(manifest, test)[0].split("/")
    key = asset_key(manifest["nodes"][attached]) if attached else dg.AssetKey(asset)
    return dg.AssetCheckKey(key, test["name"])


def asset_specs(manifest: Props) -> list[dg.AssetSpec]:
    """Every model and seed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # references to code are new in Dagster
        return [_asset_spec(manifest, n) for n in manifest["nodes"].values() if is_built(n)]


def check_specs(manifest: Props) -> list[dg.AssetCheckSpec]:
    """Every data test, as a check that never blocks: a failed one is judged by checks/, which come
    after, and the publication refuses."""
    return [_check_spec(manifest, test) for test in data_tests(manifest)]


def data_tests(manifest: Props) -> Iterator[Props]:
    """The nodes of data tests."""
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "test")


def column_schema(props: Props, columns: Sequence[tuple[str, str]]) -> dg.TableSchema:
    """Columns by name and type, each with what the project says of it."""
    said = {name: column["description"] for name, column in props["columns"].items()}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, kind.lower(), description=said.get(name) or None)
            for name, kind in columns
        ]
    )


def made(props: Props, node: NodeResult) -> dict[str, Any]:
    """What is told of a model or seed that was just made."""
    metadata: dict[str, Any] = {"seconds": round(node.seconds, 3)}
    if node.rows is not None:
        metadata["dagster/row_count"] = node.rows
    if node.columns:
        metadata["dagster/column_schema"] = column_schema(props, node.columns)
    return metadata


def _layer(props: Props) -> str:
    return "seeds" if props["resource_type"] == "seed" else str(props["fqn"][1])


def _asset_spec(manifest: Props, node: Props) -> dg.AssetSpec:
    """Grouped by the mart's area, else the layer; described as the project does, with the file that
    makes it."""
    path = PROJECT / "dbt_project" / node["original_file_path"]
    code = dg.CodeReferencesMetadataValue(
        code_references=[dg.LocalFileCodeReference(file_path=str(path))]
    )
    metadata: dict[str, Any] = {
        "materialized": node["config"]["materialized"],
        "dagster/table_name": f"{node['database']}.{node['schema']}.{node['alias']}",
        "dagster/code_references": code,
    }
    types = [(name, column["data_type"]) for name, column in node["columns"].items()]
    if types and all(kind for _, kind in types):
        metadata["dagster/column_schema"] = column_schema(node, types)
    return dg.AssetSpec(
        asset_key(node),
        deps=sorted({asset_key(parent) for parent in _parents(manifest, node)}),
        description=" ".join(node["description"].split()),
        group_name=str(node["fqn"][2] if is_mart(node) else _layer(node)),
        kinds={"dbt", "duckdb"},
        code_version=_code_version(node),
        metadata=metadata,
        skippable=True,
    )


def _check_spec(manifest: Props, test: Props) -> dg.AssetCheckSpec:
    key = check_key(manifest, test)
    read = {asset_key(parent) for parent in _parents(manifest, test)}
    return dg.AssetCheckSpec(
        name=key.name,
        asset=key.asset_key,
        additional_deps=sorted(read - {key.asset_key}),
        description=demanded(test),
        metadata={"suite": "dbt", "area": about(manifest, test)[1]},
        blocking=False,
    )


def _parents(manifest: Props, node: Props) -> list[Props]:
    known = {**manifest["nodes"], **manifest["sources"]}
    return [known[one] for one in node["depends_on"].get("nodes", [])]


def _code_version(node: Props) -> str:
    code = node.get("raw_code")
    return hashlib.sha256(code.encode()).hexdigest() if code else node["checksum"]["checksum"]
