"""A change and its parts, read from the published marts: nothing is computed here but sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from models.errors import BadConfiguration
from reports.explain.parts import MEASURES, Branch, Change, Leaf, Measure
from reports.published import Period, Published
from reports.queries import Row


def change(
    published: Published, name: str, *, since: str | None = None, until: str | None = None
) -> Change:
    """The change of a measure from one month to another, by default to the last complete one.

    Raises BadConfiguration for an unknown measure or month, and for a file without these marts.
    """
    if name not in MEASURES:
        raise BadConfiguration(f"{name!r} cannot be explained; {', '.join(MEASURES)} can.")
    measure = MEASURES[name]
    first, last = _span(published, measure, since=since, until=until)
    return change_between(published, measure, since=first, until=last)


def last_change(published: Published, name: str, *, until: date) -> Change | None:
    """The change in the last complete month before a day; None where there is none."""
    rows = published.rows("explain/months", until=until, measure=MEASURES[name].code)
    complete = [Period(row["month"]) for row in rows if row["is_complete"]]
    if not complete:
        return None
    return change_between(published, MEASURES[name], since=before(complete[-1]), until=complete[-1])


def _span(
    published: Published, measure: Measure, *, since: str | None, until: str | None
) -> tuple[Period, Period]:
    tomorrow = published.as_of + timedelta(days=1)
    months = published.rows("explain/months", until=tomorrow, measure=measure.code)
    if not months:
        raise BadConfiguration(
            f"The published file holds no month of {measure.title} to explain; "
            "was it published by an earlier version? `hypnomart run` makes it anew."
        )
    known = [Period(row["month"]) for row in months]
    complete = [Period(row["month"]) for row in months if row["is_complete"]]
    last = _month(until, known, measure=measure) if until else (complete or known)[-1]
    first = _month(since, [before(known[0]), *known], measure=measure) if since else before(last)
    if not first.first_day < last.first_day:
        raise BadConfiguration(f"--from {first} must lie before --to {last}.")
    return first, last


def _month(text: str, known: Sequence[Period], *, measure: Measure) -> Period:
    try:
        period = Period(datetime.strptime(text, "%Y-%m").date())
    except ValueError:
        period = None
    if period is None or str(period) != text or period not in known:
        raise BadConfiguration(
            f"There is no month {text!r} of {measure.title}; it is known from {known[0]} "
            f"to {known[-1]}."
        )
    return period


def before(period: Period) -> Period:
    """The month before."""
    day = period.first_day
    return Period(date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1))


def change_between(
    published: Published, measure: Measure, *, since: Period, until: Period
) -> Change:
    """The change between two known months."""
    first, end = f"{since}-01", until.end
    rows = published.rows("explain/causes", until=end, measure=measure.code, since=first)
    leaves = published.rows(f"explain/{measure.code}_leaves", until=end, since=first)
    ends = published.rows(f"explain/{measure.code}_ends", until=end, since=first)[0]
    restated = published.rows(
        "explain/restated", until=end, since=first, mart=measure.mart, column=measure.column
    )
    restatement = restated[0]["restated_usd"] if restated else Decimal(0)
    return Change(
        measure=measure,
        since=since,
        until=until,
        before=ends["before_usd"] - restatement,
        restated=restatement,
        after=ends["after_usd"],
        is_complete=all(row["is_complete"] for row in rows),
        branches=tuple(_branch(row, leaves) for row in rows),
    )


def _branch(row: Row, leaves: Sequence[Row]) -> Branch:
    own = tuple(
        Leaf(leaf["product"], leaf["store"], leaf["rows"], leaf["amount_usd"])
        for leaf in leaves
        if leaf["part"] == row["part"] and leaf["cause"] == row["cause"]
    )
    return Branch(row["part"], row["cause"], row["amount_usd"], row["usual_usd"], own)
