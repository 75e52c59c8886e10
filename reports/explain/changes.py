"""A change and its parts, read from the published marts: nothing is computed here but sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from models.errors import BadConfiguration
from reports.published import Period, Published
from reports.queries import Row

CUSTOMERS = {
    "new": "new customers", "reactivation": "reactivated customers", "churn": "churned customers"
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """What can be explained: its names, the tables behind it, and by what its sentence tells it."""

    code: str
    title: str
    at: str  # when its value holds: "at the end of " for a stock
    macro: str  # the published table macro that gives the rows behind a month
    first_by: str  # part or cause: what the tree splits first
    mart: str  # where its value of a month stands
    column: str


MEASURES = {
    "mrr": Measure(
        "mrr", "MRR", "at the end of ", "explain_mrr('{month}')", "part",
        "mrr_bridge_monthly", "closing_mrr_usd",
    ),
    "revenue": Measure(
        "net_revenue", "Net revenue", "in ", "explain_revenue('{month}')", "cause",
        "revenue_monthly", "net_usd",
    ),
    "proceeds": Measure(
        "proceeds", "Proceeds", "in ", "explain_revenue('{month}')", "cause",
        "revenue_monthly", "proceeds_usd",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """Rows of one part, cause, product and store, and what they add to the change, US dollars."""

    product: str
    store: str
    rows: int
    amount: Decimal


@dataclass(frozen=True)
class Branch:
    """One part and cause; usual is what it adds in such a span, None where too few months tell."""

    part: str
    cause: str
    amount: Decimal
    usual: Decimal | None
    leaves: tuple[Leaf, ...] = ()

    @property
    def factor(self) -> str:
        """What moved: customers by how they came or went, everything else over all parts."""
        return CUSTOMERS[self.part] if self.cause == "customers" else self.cause.replace("_", " ")


@dataclass(frozen=True)
class Factor:
    """A cause over all parts. unusual = amount - usual."""

    name: str
    amount: Decimal
    usual: Decimal | None

    @property
    def unusual(self) -> Decimal:
        """How far it is from what it usually adds; all of it where that is not known."""
        return self.amount - (self.usual or Decimal(0))


@dataclass(frozen=True)
class Change:
    """A measure at two months. before + restated + the branches' amounts = after, exactly.

    before: as the publication before this one told it; restated: what this one changed in it.
    """

    measure: Measure
    since: Period
    until: Period
    before: Decimal
    restated: Decimal
    after: Decimal
    is_complete: bool
    branches: tuple[Branch, ...] = field(repr=False)

    @property
    def factors(self) -> list[Factor]:
        """Every cause and the restatement, the most unusual first."""
        return ranked([*factors(self.branches), Factor("restatement", self.restated, Decimal(0))])


def factors(branches: Sequence[Branch]) -> list[Factor]:
    """The branches summed by factor."""
    found: dict[str, Factor] = {}
    for one in branches:
        so_far = found.get(one.factor, Factor(one.factor, Decimal(0), Decimal(0)))
        known = so_far.usual is not None and one.usual is not None
        usual = (so_far.usual or Decimal(0)) + (one.usual or Decimal(0)) if known else None
        found[one.factor] = Factor(one.factor, so_far.amount + one.amount, usual)
    return list(found.values())


def ranked(found: Sequence[Factor]) -> list[Factor]:
    """Those that moved anything, the most unusual first."""
    moving = [one for one in found if one.amount or one.unusual]
    return sorted(moving, key=lambda one: (-abs(one.unusual), one.name))


def change(
    published: Published, name: str, since: str | None = None, until: str | None = None
) -> Change:
    """The change of a measure from one month to another, by default to the last complete one.

    Raises BadConfiguration for an unknown measure or month, and for a file without these marts.
    """
    if name not in MEASURES:
        raise BadConfiguration(f"{name!r} cannot be explained; {', '.join(MEASURES)} can.")
    measure = MEASURES[name]
    return change_between(published, measure, *_span(published, measure, since, until))


def last_change(published: Published, name: str, *, until: date) -> Change | None:
    """The change in the last complete month before a day; None where there is none."""
    rows = published.rows("explain/months", until=until, measure=MEASURES[name].code)
    complete = [Period(row["month"]) for row in rows if row["is_complete"]]
    if not complete:
        return None
    return change_between(published, MEASURES[name], before(complete[-1]), complete[-1])


def _span(
    published: Published, measure: Measure, since: str | None, until: str | None
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
    last = _month(until, known, measure) if until else (complete or known)[-1]
    first = _month(since, [before(known[0]), *known], measure) if since else before(last)
    if not first.first_day < last.first_day:
        raise BadConfiguration(f"--from {first} must lie before --to {last}.")
    return first, last


def _month(text: str, known: Sequence[Period], measure: Measure) -> Period:
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


def change_between(published: Published, measure: Measure, since: Period, until: Period) -> Change:
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
