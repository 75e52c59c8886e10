"""AI credits replayed one event at a time in plain Python: what the credit marts must show.

Shares no code with the models. Times are datetimes, credits whole numbers, money Fractions that are
rounded half away from zero to ten-thousandths of a dollar.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Version:
    """One version of a user's ai_usage row, as one extraction saw it."""

    seen_at: datetime
    updated_at: datetime | None
    limit: int
    used: int
    reset_at: datetime | None
    bank_limit: int
    bank_used: int
    is_deleted: bool = False


@dataclass(frozen=True)
class Pack:
    """One counted pack; `order` settles ties of the time of purchase. `undone`: from when to when
    it stood refunded, though it does not now."""

    order: int
    at: datetime
    credits: int
    paid: Fraction
    refunded_at: datetime | None = None
    undone: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Draw:
    """Credits that a lot gave: to use of its own time, or for what was owed before."""

    at: datetime
    credits: int
    is_debt: bool
    is_unobserved: bool


@dataclass
class Lot:
    """A pack while it is being used."""

    number: int
    pack: Pack
    opened_at: datetime
    closes_at: datetime | None
    is_closed: bool = False
    draws: list[Draw] = field(default_factory=list)

    def given(self, *, is_debt: bool | None = None) -> int:
        """Credits given in all, or only as debt, or only not as debt."""
        return sum(d.credits for d in self.draws if is_debt in (None, d.is_debt))

    def given_until(self, at: datetime) -> int:
        """Credits given up to an instant, itself included."""
        return sum(d.credits for d in self.draws if d.at <= at)

    def was_refunded(self, at: datetime) -> bool:
        """Whether the pack stood refunded just before an instant, and was restored later."""
        return self.pack.undone is not None and self.pack.undone[0] < at <= self.pack.undone[1]

    @property
    def revoked(self) -> int:
        return self.pack.credits - self.given() if self.is_closed else 0

    @property
    def remaining(self) -> int:
        return 0 if self.is_closed else self.pack.credits - self.given()

    def pay(self, at: datetime, claim: Claim) -> None:
        """Give what the claim still wants, as far as there is any."""
        taken = min(claim.left, self.remaining)
        if taken:
            is_debt = claim.is_clawback or claim.at < self.opened_at
            unobserved = claim.is_first and not is_debt
            self.draws.append(Draw(at, taken, is_debt, unobserved))
            claim.left -= taken
            claim.payers[self.number] = claim.payers.get(self.number, 0) + taken


@dataclass
class Claim:
    """A use of the bank, or what a clawback left unpaid; `owed` is what later lots must bear."""

    at: datetime
    left: int
    owed: int
    is_first: bool = False
    is_clawback: bool = False
    payers: dict[int, int] = field(default_factory=dict)

    @property
    def debt(self) -> int:
        return min(self.left, self.owed)

    def settle(self, lot: Lot) -> None:
        """The next lot pays what is owed of it, and no more."""
        rest = self.left - self.debt
        self.left = self.debt
        before = self.left
        lot.pay(lot.opened_at, self)
        self.owed -= before - self.left
        self.left += rest


def rounded(amount: Fraction) -> Fraction:
    """Half away from zero to four decimals, for amounts not below 0."""
    return Fraction((amount * 10_000 * 2 + 1) // 2, 10_000)


def month_of(at: datetime) -> date:
    """First of the month."""
    return date(at.year, at.month, 1)


def resets(old: Version, new: Version) -> int:
    """Weekly resets between two versions."""
    if old.reset_at and new.reset_at and new.reset_at > old.reset_at:
        days = Fraction((new.reset_at - old.reset_at) // timedelta(microseconds=1), 86_400_000_000)
        return max(1, int(days / 7 + Fraction(1, 2)))
    return 1 if new.used < old.used else 0


def intervals(versions: list[Version]) -> list[dict[str, Any]]:
    """One row per version that is no tombstone, in the shape of fct_credit_consumption."""
    rows: list[dict[str, Any]] = []
    old: Version | None = None
    before: datetime | None = None
    for new in versions:
        if new.is_deleted:
            continue
        stamp = new.updated_at
        advanced = stamp is not None and stamp <= new.seen_at and (not before or stamp > before)
        at = stamp if advanced else new.seen_at
        n = resets(old, new) if old else 0
        unseen = max(0, old.limit - old.used) + (n - 1) * new.limit if old and n else 0
        bank = max(0, new.bank_used - (old.bank_used if old else 0))
        rows.append(
            {
                "observed_from_at": before,
                "observed_to_at": at,
                "weekly_granted_credits": n * new.limit
                if n or old is None
                else max(0, new.limit - old.limit),
                "weekly_consumed_credits": new.used - (old.used if old and not n else 0),
                "bank_consumed_credits": bank,
                "resets_between": n,
                "is_lower_bound": old is None or unseen > 0,
                "max_unobserved_credits": unseen if old else None,
                "is_exhausted": new.limit > 0 and new.used >= new.limit,
                "owed": min(bank, max(0, new.bank_used - new.bank_limit)),
                "bank_limit": new.bank_limit,
                "bank_used": new.bank_used,
            }
        )
        old, before = new, at
    return rows


def taken_back(lot: Lot, lots: list[Lot], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The version that shows the bank's limit without a refunded lot, if one does.

    Up to the first one after the next purchase: the limit fell by more than purchases explain.
    """
    at = lot.closes_at
    assert at is not None

    def surplus(row: dict[str, Any]) -> int:
        seen = [one.pack.credits for one in lots if one.opened_at <= row["observed_to_at"]]
        return int(row["bank_limit"]) - sum(seen)

    before = [row for row in rows if row["observed_to_at"] < at]
    was = surplus(before[-1]) if before else 0
    later_purchases = [one.opened_at for one in lots if one.opened_at > at]
    for row in rows[len(before) :]:
        if surplus(row) < was:
            return row
        if later_purchases and row["observed_to_at"] >= min(later_purchases):
            return None
    return None


def uncovered(lot: Lot, lots: list[Lot], rows: list[dict[str, Any]], claims: list[Claim]) -> int:
    """What a refund took back below what its lot gave, as the bank's limit then shows it."""
    row = taken_back(lot, lots, rows)
    if row is None:
        return 0
    seen_at = row["observed_to_at"]
    others = [
        one.pack.credits
        for one in lots[lot.number + 1 :]
        if one.opened_at <= seen_at and not (one.closes_at and one.closes_at <= seen_at)
    ]
    following = [one.opened_at for one in lots[lot.number + 1 : lot.number + 2]]
    used = 0
    for claim in claims:
        if not claim.is_clawback:
            used += sum(paid for payer, paid in claim.payers.items() if payer <= lot.number)
            if claim.at <= seen_at and all(claim.at < opened_at for opened_at in following):
                used += claim.left - claim.debt
    left = row["bank_limit"] - sum(others)
    return max(0, min(lot.given(), used - left, row["bank_used"] - left))


def replay(packs: list[Pack], rows: list[dict[str, Any]], as_of: datetime) -> list[Lot]:
    """The user's lots after every purchase, use and refund has happened, one after the other."""
    ordered = sorted(packs, key=lambda pack: (pack.at, pack.order))
    lots = [
        Lot(number, pack, pack.at, max(pack.refunded_at, pack.at) if pack.refunded_at else None)
        for number, pack in enumerate(ordered)
    ]
    uses = [
        Claim(
            row["observed_to_at"],
            row["bank_consumed_credits"],
            row["owed"],
            is_first=row["observed_from_at"] is None,
        )
        for row in rows
    ]
    events: list[tuple[datetime, int, int, Any]] = []
    for lot in lots:
        events.append((lot.opened_at, 0, lot.number, lot))
        if lot.closes_at:
            events.append((lot.closes_at, 2, lot.number, lot))
    events += [(use.at, 1, n, use) for n, use in enumerate(uses)]
    opened: list[Lot] = []
    claims: list[Claim] = []
    for at, kind, _, subject in sorted(events, key=lambda event: event[:3]):
        if kind == 0:
            for claim in claims:
                claim.settle(subject)
            opened.append(subject)
        elif kind == 1:
            for lot in opened:
                lot.pay(at, subject)
            claims.append(subject)
        else:
            later = [use for use in uses if use.at > at]
            debt = uncovered(subject, lots, rows, claims + later)
            subject.is_closed = True
            claim = Claim(at, debt, debt, is_clawback=True)
            for lot in opened:
                if lot.number > subject.number and lot.closes_at != at:
                    lot.pay(at, claim)
            claim.owed = claim.left
            claims.append(claim)
    return lots


def money_of(lot: Lot) -> list[tuple[date, Fraction]]:
    """What a lot earns in which months, a refund's reversal included. While it stood refunded it
    earned nothing; what it gave by then is earned when the refund is undone."""
    flows, total = [], Fraction(0)

    def worth(given: int) -> Fraction:
        return rounded(lot.pack.paid * given / lot.pack.credits)

    for draw, amount in earned_by_draws(lot):
        flows.append((month_of(draw.at), amount))
    total = worth(sum(draw.credits for draw in lot.draws))
    for at, sign in zip(lot.pack.undone or (), (-1, 1), strict=False):
        flows.append((month_of(at), sign * worth(lot.given_until(at))))
    if lot.is_closed and lot.closes_at:
        flows.append((month_of(lot.closes_at), -total))
    return flows


def earned_by_draws(lot: Lot) -> list[tuple[Draw, Fraction]]:
    """What each draw of a lot earns before a refund reverses it; nothing while it is refunded."""
    found, credits = [], 0
    for draw in sorted(lot.draws, key=lambda draw: draw.at):
        before, credits = credits, credits + draw.credits
        worth = [rounded(lot.pack.paid * given / lot.pack.credits) for given in (before, credits)]
        if not lot.was_refunded(draw.at):
            found.append((draw, worth[1] - worth[0]))
    return found


def liability(lots: list[Lot], as_of: datetime, first_look: datetime) -> list[dict[str, Any]]:
    """Rows of credit_liability_monthly, from the first lot's month to that of as_of."""
    flows: dict[date, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for lot in lots:
        flow = flows[month_of(lot.opened_at)]
        flow["purchased_credits"] += lot.pack.credits
        flow["purchased_usd"] += lot.pack.paid
        for draw in lot.draws:
            kind = "debt_credits" if draw.is_debt else "consumed_credits"
            flows[month_of(draw.at)][kind] += draw.credits
            if draw.is_unobserved:
                flows[month_of(draw.at)]["unobserved_consumed_credits"] += draw.credits
        for month, amount in money_of(lot):
            flows[month]["recognised_usd"] += amount
        for draw, amount in earned_by_draws(lot):
            if draw.is_unobserved:
                flows[month_of(draw.at)]["unobserved_recognised_usd"] += amount
        if lot.is_closed and lot.closes_at:
            flows[month_of(lot.closes_at)]["revoked_credits"] += lot.revoked
            flows[month_of(lot.closes_at)]["refunded_usd"] += lot.pack.paid
        for at, sign in zip(lot.pack.undone or (), (1, -1), strict=False):
            left = lot.pack.credits - lot.given_until(at)
            flows[month_of(at)]["revoked_credits"] += sign * left
            flows[month_of(at)]["refunded_usd"] += sign * lot.pack.paid
        for draw in lot.draws:
            if lot.was_refunded(draw.at):
                flows[month_of(draw.at)]["revoked_credits"] -= draw.credits
    rows: list[dict[str, Any]] = []
    month, outstanding, owed = min(flows, default=None), 0, Fraction(0)
    while month and month <= month_of(as_of):
        flow = flows[month]
        outstanding += flow["purchased_credits"] - sum(
            flow[name] for name in ("consumed_credits", "revoked_credits", "debt_credits")
        )
        owed += flow["purchased_usd"] - flow["recognised_usd"] - flow["refunded_usd"]
        names = ("purchased", "consumed", "revoked", "debt", "unobserved_consumed")
        amounts = ("purchased_usd", "recognised_usd", "refunded_usd", "unobserved_recognised_usd")
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        rows.append(
            {"month": month, "outstanding_credits": outstanding, "liability_usd": owed}
            | {f"{name}_credits": flow[f"{name}_credits"] for name in names}
            | {name: flow[name] for name in amounts}
            | {
                "is_observed": month > month_of(first_look),
                "is_complete": datetime.combine(following, datetime.min.time()) <= as_of,
            }
        )
        month = following
    return rows
