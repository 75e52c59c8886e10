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
    """One counted pack; `order` settles ties of the time of purchase."""

    order: int
    at: datetime
    credits: int
    paid: Fraction
    refunded_at: datetime | None = None


@dataclass
class Lot:
    """A pack while it is being used; `earned` holds (time, credits) of each draw."""

    pack: Pack
    opened_at: datetime
    closed_at: datetime | None = None
    consumed: int = 0
    revoked: int = 0
    earned: list[tuple[datetime, int]] = field(default_factory=list)

    def draw(self, at: datetime, wanted: int) -> int:
        """Take up to `wanted` credits; returns how many it had."""
        taken = 0 if self.closed_at else min(wanted, self.pack.credits - self.consumed)
        if taken:
            self.consumed += taken
            self.earned.append((at, taken))
        return taken


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
                "weekly_granted_credits": n * new.limit,
                "weekly_consumed_credits": new.used - (old.used if old and not n else 0),
                "bank_consumed_credits": bank,
                "weekly_expired_credits": 0,
                "resets_between": n,
                "is_lower_bound": old is None or unseen > 0,
                "max_unobserved_credits": unseen if old else None,
                "is_exhausted": new.limit > 0 and new.used >= new.limit,
                "owed": min(bank, max(0, new.bank_used - new.bank_limit)),
            }
        )
        old, before = new, at
    return rows


def replay(packs: list[Pack], rows: list[dict[str, Any]], as_of: datetime) -> list[Lot]:
    """The user's lots after every purchase, use and refund has happened, one after the other."""
    ordered = sorted(packs, key=lambda pack: (min(pack.at, as_of), pack.at, pack.order))
    lots = [Lot(pack, min(pack.at, as_of)) for pack in ordered]
    events: list[tuple[datetime, int, int, Any]] = []
    for number, lot in enumerate(lots):
        events.append((lot.opened_at, 0, number, lot))
        if lot.pack.refunded_at:
            closing = min(max(lot.pack.refunded_at, lot.pack.at), as_of)
            events.append((closing, 2, number, lot))
    events += [(row["observed_to_at"], 1, n, row) for n, row in enumerate(rows)]
    opened: list[Lot] = []
    debts: list[int] = []
    for at, kind, _, subject in sorted(events, key=lambda event: event[:3]):
        if kind == 0:
            debts = [debt - subject.draw(at, debt) for debt in debts]
            opened.append(subject)
        elif kind == 1:
            left = subject["bank_consumed_credits"]
            for lot in opened:
                left -= lot.draw(at, left)
            debts.append(min(left, subject["owed"]))
        else:
            subject.closed_at = at
            subject.revoked = subject.pack.credits - subject.consumed
    return lots


def money_of(lot: Lot) -> list[tuple[date, Fraction]]:
    """What a lot earns in which months, a refund's reversal included."""
    flows, total, credits = [], Fraction(0), 0
    for at, taken in lot.earned:
        credits += taken
        after = rounded(lot.pack.paid * credits / lot.pack.credits)
        flows.append((month_of(at), after - total))
        total = after
    if lot.closed_at:
        flows.append((month_of(lot.closed_at), -total))
    return flows


def liability(lots: list[Lot], as_of: datetime) -> list[dict[str, Any]]:
    """Rows of credit_liability_monthly, from the first lot's month to that of as_of."""
    flows: dict[date, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for lot in lots:
        flow = flows[month_of(lot.opened_at)]
        flow["purchased_credits"] += lot.pack.credits
        flow["purchased_usd"] += lot.pack.paid
        for at, taken in lot.earned:
            flows[month_of(at)]["consumed_credits"] += taken
        for month, amount in money_of(lot):
            flows[month]["recognised_usd"] += amount
        if lot.closed_at:
            flows[month_of(lot.closed_at)]["revoked_credits"] += lot.revoked
            flows[month_of(lot.closed_at)]["refunded_usd"] += lot.pack.paid
    rows: list[dict[str, Any]] = []
    month, outstanding, owed = min(flows, default=None), 0, Fraction(0)
    while month and month <= month_of(as_of):
        flow = flows[month]
        outstanding += (
            flow["purchased_credits"] - flow["consumed_credits"] - flow["revoked_credits"]
        )
        owed += flow["purchased_usd"] - flow["recognised_usd"] - flow["refunded_usd"]
        names = ("purchased_credits", "consumed_credits", "revoked_credits")
        amounts = ("purchased_usd", "recognised_usd", "refunded_usd")
        rows.append(
            {"month": month, "outstanding_credits": outstanding, "liability_usd": owed}
            | {name: flow[name] for name in names + amounts}
        )
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return rows
