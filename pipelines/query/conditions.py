"""What narrows a question: a condition on attributes, and a span of days."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import datetime

from models.errors import BadConfiguration
from pipelines.query.known import Metric, full_names

FIRST, LAST = datetime(2000, 1, 1), datetime(2040, 12, 31)


def condition(metrics: Sequence[Metric], where: str | None) -> str | None:
    """A condition on attributes in MetricFlow's words. Raises for anything but a plain one."""
    if where is None:
        return None
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(f"({where})", read="duckdb")
        is_condition = not isinstance(tree, exp.Tuple)
    except (sqlglot.errors.SqlglotError, RecursionError):
        is_condition = False
    if not is_condition:
        raise BadConfiguration(f"--where {where!r} is no condition.")
    plain = (exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple)
    tests = (exp.Predicate, exp.Connector, exp.Not, exp.Neg)
    if "{" in where or not all(isinstance(node, (*plain, *tests)) for node in tree.walk()):
        raise BadConfiguration(
            f"--where {where!r} may compare attributes with values, as: store = 'app_store'."
        )
    columns = list(tree.find_all(exp.Column))
    if qualified := [column.sql() for column in columns if column.table]:
        raise BadConfiguration(f"--where names {qualified[0]}; write the attribute alone.")
    names = full_names(metrics, (column.name for column in columns))
    if any(name.startswith("metric_time") for name in names.values()):
        raise BadConfiguration("Time is narrowed by --since and --until, not by --where.")
    for column in columns:
        word = "{{ Dimension('" + names[column.name] + "') }}"
        column.set("this", exp.Identifier(this=word, quoted=False))
    return str(tree.sql(dialect="duckdb"))


def fixed(where: str | None) -> set[str]:
    """The attributes that a condition holds to one value: column = literal, all joined by and."""
    if where is None:
        return set()
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(where, read="duckdb").unnest()
    parts = [part.unnest() for part in tree.flatten()] if isinstance(tree, exp.And) else [tree]
    return {
        part.this.name
        for part in parts
        if isinstance(part, exp.EQ)
        and isinstance(part.this, exp.Column)
        and isinstance(part.expression, exp.Literal)
    }


def refuse_mixtures(metrics: Sequence[Metric], given: set[str]) -> None:
    """Raise where a row would mix values of an attribute that a metric needs."""
    for metric in metrics:
        if missing := [name for name in metric.needs if name not in given]:
            raise BadConfiguration(
                f"{metric.name} counts users anew for each {' and '.join(metric.needs)}; name "
                f"{' and '.join(missing)} in --by, or in --where as {missing[0]} = '…'."
            )


def span(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """From the first day to the last. Raises BadConfiguration where they are none, or turned."""
    start, end = day_of(since), day_of(until, is_end=True)
    if start and end and end < start:
        raise BadConfiguration(f"--since {since} is after --until {until}.")
    if (start and start > LAST) or (end and end < FIRST):
        raise BadConfiguration(f"--since and --until lie within {FIRST:%Y} and {LAST:%Y}.")
    # MetricFlow knows no other days.
    return start if start and start > FIRST else None, end if end and end < LAST else None


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
