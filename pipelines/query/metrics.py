"""Questions in metrics: what may be asked of which metric, by which dimensions, over which time."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from models.errors import BadConfiguration
from pipelines.query.ask import Answer, ask

GRAINS = ("day", "week", "month", "quarter", "year")
SEMANTICS = "select content from meta.semantic_manifest"
EXPLAINED = """
    select metric, description, formula, mart, unit, is_additive, dimensions, final_when
    from metrics where metric = $name
"""
LISTED = "select metric, unit, mart, dimensions from metrics order by metric"


@dataclass(frozen=True)
class Question:
    """Metrics by dimensions and grains, where a condition holds, from one day through another."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Metric:
    """What a metric may be split by: grains of time, and attributes by their full names."""

    name: str
    model: str
    grains: tuple[str, ...]
    attributes: Mapping[str, str]


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

    return {name: _metric(name, model_of(metric)) for name, metric in sorted(raw.items())}


def _metric(name: str, model: Mapping[str, Any]) -> Metric:
    times = [d for d in model["dimensions"] if d["type"] == "time"]
    finest = times[0]["type_params"]["time_granularity"]
    attributes = {
        d["name"]: f"{model['primary_entity']}__{d['name']}"
        for d in model["dimensions"]
        if d["type"] != "time"
    }
    return Metric(name, model["name"], GRAINS[GRAINS.index(finest) :], attributes)


def answer(published: Path, question: Question) -> Answer:
    """The rows of a question, each value under its metric's name, ordered by what splits them.

    Raises BadConfiguration for an unknown metric or dimension and for what cannot be combined.
    """
    from pipelines.query.semantics import compiled

    semantics = semantic_manifest(published)
    metrics = chosen(known_metrics(semantics), question.metrics)
    names = full_names(metrics, question.by)
    start, end = day_of(question.since), day_of(question.until, is_end=True)
    sql = compiled(
        semantics,
        metrics=[metric.name for metric in metrics],
        by=list(names.values()),
        where=condition(metrics, question.where),
        since=start,
        until=end,
    )
    return ask(published, renamed(sql, names, [metric.name for metric in metrics]))


def semantic_manifest(published: Path) -> str:
    """The semantic manifest that came with the publication."""
    try:
        return str(ask(published, SEMANTICS).rows[0][0])
    except (BadConfiguration, IndexError) as error:
        if not published.exists():
            raise
        raise BadConfiguration(
            f"{published} was published without its metrics; run `hypnomart publish` again."
        ) from error


def explained(published: Path, name: str | None) -> Answer:
    """Every metric in a line, or all that is known of one. Raises for an unknown one."""
    if name is None:
        return ask(published, LISTED)
    found = ask(published, EXPLAINED, {"name": name})
    if not found.rows:
        chosen(known_metrics(semantic_manifest(published)), (name,))
    rows = list(zip(found.names, (str(value) for value in found.rows[0]), strict=True))
    return Answer(("about", "says"), ("VARCHAR", "VARCHAR"), rows)


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
    close = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else ""


def condition(metrics: Sequence[Metric], where: str | None) -> str | None:
    """A condition on attributes in MetricFlow's words. Raises for anything but a plain one."""
    if where is None:
        return None
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(f"({where})", read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise BadConfiguration(f"--where {where!r} is no condition.") from error
    plain = (exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple)
    tests = (exp.Predicate, exp.Connector, exp.Not, exp.Neg)
    if "{" in where or not all(isinstance(node, (*plain, *tests)) for node in tree.walk()):
        raise BadConfiguration(
            f"--where {where!r} may compare attributes with values, as: store = 'app_store'."
        )
    columns = list(tree.find_all(exp.Column))
    names = full_names(metrics, (column.name for column in columns))
    if any(name.startswith("metric_time") for name in names.values()):
        raise BadConfiguration("Time is narrowed by --since and --until, not by --where.")
    for column in columns:
        column.set("this", exp.to_identifier(f"dimension__{names[column.name]}"))
    text = tree.sql(dialect="duckdb")
    for name in sorted(names.values(), key=len, reverse=True):
        text = text.replace(f"dimension__{name}", "{{ Dimension('" + name + "') }}")
    return text


def day_of(text: str | None, *, is_end: bool = False) -> datetime | None:
    """The first or last day of a year, month or day, as 2026, 2026-01 or 2026-01-31."""
    if text is None:
        return None
    try:
        year, *rest = (int(part) for part in text.split("-"))
        month = rest[0] if rest else 12 if is_end else 1
        last = calendar.monthrange(year, month)[1]
        (day,) = rest[1:] or [last if is_end else 1]
        return datetime(year, month, day)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise BadConfiguration(f"{text!r} is no day; write 2026, 2026-01 or 2026-01-31.") from error


def renamed(sql: str, by: Mapping[str, str], metrics: Sequence[str]) -> str:
    """The compiled SQL with the names that were asked for, times as dates, in their order."""
    columns = [
        f'cast({full} as date) as "{name}"' if name in GRAINS else f'{full} as "{name}"'
        for name, full in by.items()
    ]
    columns += [f'"{name}"' for name in metrics]
    order = f" order by {', '.join(str(n) for n in range(1, len(by) + 1))}" if by else ""
    return f"select {', '.join(columns)} from ({sql}) as answered{order}"
