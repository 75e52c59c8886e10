"""Recognised revenue by month of single sales, in plain Python with fractions, day by day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.receipt_oracle import cents


@dataclass(frozen=True)
class Sale:
    """One charge: when booked, what service it pays for (None: at sale), when refunded, and when
    the refund was taken back."""

    gross: Decimal
    booked: datetime
    refunded: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    effective_end: datetime | None = None
    restored: datetime | None = None

    def is_refunded(self, day: date) -> bool:
        """At the end of a day."""
        if self.refunded is None or day < self.refunded.date():
            return False
        return self.restored is None or day < self.restored.date()


def total_at(sale: Sale, day: date) -> Decimal:
    """What has been recognised of a sale by the end of a day."""
    if day < sale.booked.date() or sale.is_refunded(day):
        return Decimal(0)
    if sale.start is None or sale.end is None or sale.effective_end is None:
        return sale.gross
    if sale.effective_end < sale.end and sale.effective_end.date() <= day:
        return sale.gross
    days = [
        sale.start.date() + timedelta(days=n)
        for n in range((sale.end.date() - sale.start.date()).days)
    ]
    if not days:
        return sale.gross
    served = sum(1 for one in days if one <= day)
    return cents(Fraction(sale.gross) * served / len(days))


def recognised(sales: list[Sale], as_of: date) -> dict[date, Decimal]:
    """Recognised revenue by first day of the month; months without any are absent."""
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    for sale in sales:
        day, before = sale.booked.date(), Decimal(0)
        while day <= as_of:
            now = total_at(sale, day)
            by_month[day.replace(day=1)] += now - before
            day, before = day + timedelta(days=1), now
    return {month: amount for month, amount in by_month.items() if amount}


def billed(sales: list[Sale]) -> dict[date, Decimal]:
    """Charges less refunds that stand, by first day of the month."""
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    for sale in sales:
        by_month[sale.booked.date().replace(day=1)] += sale.gross
        if sale.refunded:
            by_month[sale.refunded.date().replace(day=1)] -= sale.gross
        if sale.restored:
            by_month[sale.restored.date().replace(day=1)] += sale.gross
    return {month: amount for month, amount in by_month.items() if amount}
