"""The checks that are models of the dbt project: those of models/quality whose rows are faults."""

from __future__ import annotations

from checks.catalogue import FINDINGS, RECONCILIATION, KnownCheck
from pipelines.transform.marts import Manifest

LAYER = "quality"  # the folder below models/


def is_of_checks(node: Manifest) -> bool:
    """Whether a model is read by checks, and by no mart: it asks what DuckDB holds."""
    return bool(node["resource_type"] == "model" and node["fqn"][1] == LAYER)


def check_models(manifest: Manifest) -> list[KnownCheck]:
    """By folder and name, the order in which their results are kept: a model lies in
    models/quality/<suite>/<area>, and its meta says what it is about."""
    nodes = [
        node
        for node in manifest["nodes"].values()
        if is_of_checks(node) and node["fqn"][2] in (FINDINGS, RECONCILIATION)
    ]
    return [_check(node) for node in sorted(nodes, key=lambda node: node["fqn"])]


def _check(node: Manifest) -> KnownCheck:
    suite, area = node["fqn"][2:4]
    meta = node["config"]["meta"]
    return KnownCheck(
        check_name=node["name"],
        suite=suite,
        area=area,
        asset=meta["asset"],
        severity="error" if meta.get("severity") == "error" else "warn",
        expected=" ".join(node["description"].split()),
        cause=meta.get("cause"),
    )
