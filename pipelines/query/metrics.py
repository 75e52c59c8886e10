"""Questions in metrics: what may be asked of which metric, by which dimensions, over which time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadConfiguration
from pipelines.query.ask import Answer, ask
from pipelines.query.conditions import condition, fixed, refuse_mixtures, span
from pipelines.query.forms import text
from pipelines.query.known import GRAINS, chosen, full_names, known_metrics

SEMANTICS = "select content from meta.semantic_manifest"
EXPLAINED = "select * from metrics where metric = $name"
LISTED = "select metric, unit, mart, dimensions from metrics order by metric"


@dataclass(frozen=True)
class Question:
    """Metrics by dimensions and grains, where a condition holds, from one day through another."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: str | None = None
    since: str | None = None
    until: str | None = None


def answer(published: Path, question: Question) -> Answer:
    """The rows of a question, each value under its metric's name, ordered by what splits them.

    Raises BadConfiguration for an unknown metric or dimension and for what cannot be combined.
    """
    sql = statement(published, question)
    try:
        return ask(published, sql)
    except BadConfiguration as error:
        if question.where is None:
            raise
        why = str(error).removeprefix("The query failed: ").split("\n")[0]
        raise BadConfiguration(f"--where {question.where!r} has no answer: {why}") from error


def statement(published: Path, question: Question) -> str:
    """The SQL of a question, on the published tables. Raises as `answer` does."""
    from pipelines.query.semantics import compiled

    semantics = semantic_manifest(published)
    metrics = chosen(known_metrics(semantics), question.metrics)
    names = full_names(metrics, question.by)
    where = condition(metrics, question.where)
    refuse_mixtures(metrics, {*names, *fixed(question.where)})
    start, end = span(question.since, question.until)
    sql = compiled(
        semantics,
        metrics=[metric.name for metric in metrics],
        by=list(names.values()),
        where=where,
        since=start,
        until=end,
    )
    return renamed(sql, names, metrics=[metric.name for metric in metrics])


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
    found = ask(published, EXPLAINED, values={"name": name})
    if not found.rows:
        chosen(known_metrics(semantic_manifest(published)), (name,))
    rows = list(zip(found.names, map(text, found.rows[0]), strict=True))
    return Answer(("about", "says"), ("VARCHAR", "VARCHAR"), rows)


def renamed(sql: str, by: Mapping[str, str], *, metrics: Sequence[str]) -> str:
    """The compiled SQL with the names that were asked for, times as dates, in their order."""
    columns = [
        f'cast({full} as date) as "{name}"' if name in GRAINS else f'{full} as "{name}"'
        for name, full in by.items()
    ]
    columns += [f'"{name}"' for name in metrics]
    order = f" order by {', '.join(str(n) for n in range(1, len(by) + 1))}" if by else ""
    return f"select {', '.join(columns)} from ({sql}) as answered{order}"
