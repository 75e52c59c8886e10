"""The metrics for other tools: Open Semantic Interchange, as MetricFlow writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from metricflow.converters.models import OSIDocument
from metricflow.converters.msi_to_osi import MSIToOSIConverter
from metricflow_semantic_interfaces.implementations.semantic_manifest import (
    PydanticSemanticManifest,
)


def as_osi(semantics: str) -> str:
    """A semantic manifest as an OSI document in JSON, its datasets the published tables.

    OSI knows neither balances nor what a metric needs: these stand in custom extensions, as does
    the unit. Raises pydantic's error where the outcome is no OSI document.
    """
    manifest: Any = PydanticSemanticManifest.parse_raw(semantics)
    for model in manifest.semantic_models:
        model.node_relation.relation_name = f"hypnomart.main.{model.node_relation.alias}"
    found = MSIToOSIConverter().convert(manifest, osi_model_name="hypnomart").output
    text = found.json(by_alias=True, exclude_none=True)
    for model in manifest.semantic_models:  # filters come out with the entity's name
        text = text.replace(f"{model.primary_entity}__", f"{model.name}.")
    document = json.loads(text)
    extensions = dict(_extensions(json.loads(semantics)))
    for metric in document["semantic_model"][0]["metrics"]:
        data = json.dumps(extensions[metric["name"]])
        metric["custom_extensions"] = [{"vendor_name": "COMMON", "data": data}]
    OSIDocument.parse_obj(document)
    return json.dumps(document, indent=2)


def _extensions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    measures = {
        measure["name"]: measure
        for model in manifest["semantic_models"]
        for measure in model["measures"]
    }
    for metric in manifest["metrics"]:
        said = dict(metric["config"]["meta"])
        measure = metric["type_params"].get("measure")
        balance = measures[measure["name"]]["non_additive_dimension"] if measure else None
        if balance:
            choice = {"max": "last", "min": "first"}[balance["window_choice"]]
            said["balance_of"] = f"the period's {choice} {balance['name']}"
        yield metric["name"], said
