"""What can be explained, and what a change is made of: parts, causes, factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.words import in_words
from reports.published import Period

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
        return CUSTOMERS[self.part] if self.cause == "customers" else in_words(self.cause)


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
