"""What is known of metrics: their names, grains and attributes, out of the semantic manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from models.errors import BadConfiguration

GRAINS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Metric:
    """What a metric may be split by: grains of time, and attributes by their full names. What it
    needs are attributes of which each row is one value: over several it would count users twice."""

    name: str
    model: str
    grains: tuple[str, ...]
    attributes: Mapping[str, str]
    needs: tuple[str, ...] = ()


def known_metrics(semantics: str) -> dict[str, Metric]:
    """Every metric of a semantic manifest, by name."""
    manifest: dict[str, Any] = json.loads(semantics)
    models = {
        measure["name"]: model
        for model in manifest["semantic_models"]
        for measure in model["measures"]
    }
    raw = {metric["name"]: metric for metric in manifest["metrics"]}

    def model_of(metric: Mapping[str, Any]) -> Mapping[str, Any]:
        params = metric["type_params"]
        if metric["type"] == "simple":
            found: Mapping[str, Any] = models[params["measure"]["name"]]
            return found
        first = params["numerator"] if metric["type"] == "ratio" else params["metrics"][0]
        return model_of(raw[first["name"]])

    return {name: _metric(metric, model_of(metric)) for name, metric in sorted(raw.items())}


def _metric(metric: Mapping[str, Any], model: Mapping[str, Any]) -> Metric:
    times = [d for d in model["dimensions"] if d["type"] == "time"]
    finest = times[0]["type_params"]["time_granularity"]
    attributes = {
        d["name"]: f"{model['primary_entity']}__{d['name']}"
        for d in model["dimensions"]
        if d["type"] != "time"
    }
    needs = tuple(metric["config"]["meta"].get("needs", ()))
    return Metric(metric["name"], model["name"], GRAINS[GRAINS.index(finest) :], attributes, needs)


def chosen(known: Mapping[str, Metric], names: Sequence[str]) -> list[Metric]:
    """The metrics of these names, each once. Raises with the nearest names for an unknown one."""
    for name in names:
        if name not in known:
            hint = f" {guess}" if (guess := nearest(name, known)) else ""
            raise BadConfiguration(
                f"There is no metric {name!r};{hint} `hypnomart metrics` lists them all."
            )
    return [known[name] for name in dict.fromkeys(names)]


def full_names(metrics: Sequence[Metric], names: Iterable[str]) -> dict[str, str]:
    """MetricFlow's name of each grain and attribute. Raises where a metric does not have one."""
    return {name: _full_name(metrics, name) for name in dict.fromkeys(names)}


def _full_name(metrics: Sequence[Metric], name: str) -> str:
    grains = [grain for grain in GRAINS if all(grain in metric.grains for metric in metrics)]
    if name in grains:
        return f"metric_time__{name}"
    is_one_model = len({metric.model for metric in metrics}) == 1
    attributes = metrics[0].attributes if is_one_model else {}
    if name in attributes:
        return attributes[name]
    asked = " and ".join(metric.name for metric in metrics)
    allowed = [*grains, *attributes]
    hint = f" {guess}" if (guess := nearest(name, allowed)) else ""
    together = "" if is_one_model else "together "
    raise BadConfiguration(
        f"{asked} cannot be split by {name!r};{hint} {together}allowed: {', '.join(allowed)}."
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """A half sentence that names what is spelled like a word, empty without any."""
    close = get_close_matches(name.lower(), list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else ""
