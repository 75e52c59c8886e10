"""A change in a sentence, and amounts in cents that add up as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from reports.explain.parts import Branch, Change
from reports.flows import FLOWS
from reports.published import Period
from reports.render.html import money

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def apportioned(amounts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """The amounts in cents, those moved by one that were rounded furthest, so that they add up to
    `total`, which is in cents and at most a cent an amount from their sum."""
    rounded = [cents(amount) for amount in amounts]
    missing = int((total - sum(rounded, Decimal(0))) / CENT)
    step = CENT if missing > 0 else -CENT
    order = sorted(range(len(amounts)), key=lambda at: (rounded[at] - amounts[at]) * step)
    for n in range(abs(missing) if amounts else 0):
        rounded[order[n % len(order)]] += step
    return rounded


def parts(change: Change, by: str) -> dict[str, Decimal]:
    """The exact amounts by part or by factor, the restatement left aside."""
    found: dict[str, Decimal] = {}
    for one in change.branches:
        name = one.part if by == "part" else one.factor
        found[name] = found.get(name, Decimal(0)) + one.amount
    return {name: amount for name, amount in found.items() if amount}


def shown(change: Change, exact: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Parts and restatement in cents that lead from the first shown value to the last one."""
    amounts = dict(exact)
    if change.restated:
        amounts["restatement"] = change.restated
    total = cents(change.after) - cents(change.before)
    return dict(zip(amounts, apportioned(list(amounts.values()), total), strict=True))


def sentence(change: Change) -> str:
    """What moved the measure, for its owner: from, to, the parts, and what was unlike before. Where
    the parts, each rounded for itself as the pages show them, would miss the total, it says so."""
    by = change.measure.first_by
    exact = parts(change, by)
    in_cents = shown(change, exact)
    is_moved = any(in_cents[name] != cents(amount) for name, amount in exact.items())
    order = sorted(
        in_cents.items(),
        key=lambda item: FLOW_ORDER.get(item[0], 9) if by == "part" else -abs(item[1]),
    )
    told = ", ".join(f"{name} {signed(amount)}" for name, amount in order if amount)
    if change.measure.code == "mrr":
        span = f"In {label(change)} MRR went from {money(change.before)} to {money(change.after)}"
    else:
        span = (
            f"{change.measure.title} went from {money(change.before)} in "
            f"{month(change.since)} to {money(change.after)} in {month(change.until)}"
        )
    note = " Rounded so that the parts add up." if is_moved else ""
    return f"{span}: {told or 'nothing moved it'}.{note}{unlike(change)}"


FLOW_ORDER = {name: at for at, name in enumerate(["restatement", *FLOWS])}


def unlike(change: Change) -> str:
    """The most unusual factor of a stock's change, empty where the months before are too few."""
    first = change.factors[0] if change.factors else None
    if change.measure.code != "mrr" or first is None or first.usual is None:
        return ""
    if not cents(first.unusual):
        return ""
    return (
        f" Most unlike the three months before: {first.name} {signed(cents(first.amount))}, "
        f"where {signed(cents(first.usual))} is usual."
    )


def label(change: Change) -> str:
    """The months that moved: one, or the first and the last."""
    first = Period(change.since.end)
    if first == change.until:
        return month(change.until)
    return f"{month(first)} to {month(change.until)}"


def month(period: Period) -> str:
    """Oct 2026."""
    return f"{period.first_day:%b %Y}"


def signed(amount: Decimal) -> str:
    """+$1.00, -$1.00, $0.00."""
    return f"{'+' if amount > 0 else ''}{money(amount)}"


Line = tuple[str, Decimal | None, Decimal | None, int | None]


def tree(change: Change, *, detail: bool) -> list[Line]:
    """Lines of name, amount in cents, usual, rows: from, parts, their causes, to.

    Shown amounts of each level add up to the one above.
    """
    lines: list[Line] = [
        (f"{change.measure.title} {change.measure.at}{month(change.since)}",
         cents(change.before), None, None)
    ]  # fmt: skip
    by = change.measure.first_by
    amounts = shown(change, parts(change, by))
    if restated := amounts.pop("restatement", None):
        lines.append(("restatement", restated, None, None))
    for name in sorted(amounts, key=lambda name: (FLOW_ORDER.get(name, 9), -abs(amounts[name]))):
        inside = [one for one in change.branches
                  if (one.part if by == "part" else one.factor) == name and one.amount]  # fmt: skip
        lines.append((name, amounts[name], _usual(inside), None))
        lines += _below(inside, amounts[name], by=by, detail=detail)
    title = f"{change.measure.title} {change.measure.at}{month(change.until)}"
    return [*lines, (title, cents(change.after), None, None)]


def _below(inside: Sequence[Branch], total: Decimal, *, by: str, detail: bool) -> list[Line]:
    lines: list[Line] = []
    order = sorted(inside, key=lambda one: -abs(one.amount))
    split = apportioned([one.amount for one in order], total)
    for one, amount in zip(order, split, strict=True):
        name = one.factor if by == "part" else one.part
        usual = None if one.usual is None else cents(one.usual)
        lines.append((f"  {name}", amount, usual, sum(leaf.rows for leaf in one.leaves)))
        if detail:
            leaves = sorted(one.leaves, key=lambda leaf: -abs(leaf.amount))
            amounts = apportioned([leaf.amount for leaf in leaves], amount)
            lines += [
                (f"    {leaf.product}, {leaf.store}", value, None, leaf.rows)
                for leaf, value in zip(leaves, amounts, strict=True)
            ]
    return lines


def _usual(inside: Sequence[Branch]) -> Decimal | None:
    known = [one.usual for one in inside if one.usual is not None]
    return cents(sum(known, Decimal(0))) if len(known) == len(inside) else None
