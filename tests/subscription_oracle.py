"""What subscriptions mean, once more: one user's events, told one after the other.

Plain Python over events, no SQL and no shared code; the marts must agree on any history.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MONTHS = {"monthly-plan": 1, "quarterly-plan": 3, "yearly-plan": 12}
LIST_PRICES = {"monthly-plan": "4.95", "quarterly-plan": "12.95", "yearly-plan": "44.95"}
OFFER_PRICES = {
    ("monthly-plan", "a-1"): "2.45",
    ("quarterly-plan", "a-1"): "6.45",
    ("yearly-plan", "a-1"): "22.45",
}
# The yearly plan before its price was raised on 1 October 2025.
RAISED_AT = datetime(2025, 10, 1)
OLD_YEARLY = {None: "39.95", "a-1": "19.95"}
CENT_PART = Decimal("0.0001")


@dataclass(frozen=True)
class Event:
    """One row of subscription_events; `order` orders events of one instant among themselves."""

    id: int
    user: int
    kind: str
    at: datetime
    plan: str | None = "monthly-plan"
    store: str = "google_play"
    offer: str | None = None
    expires: datetime | None = None
    order: str = ""


@dataclass
class Period:
    """One paid or trial period while its user's story is told."""

    event: Event
    chain: int
    number: int
    start: datetime
    is_first: bool
    cut: datetime | None = None
    expired: Event | None = None
    cancel: datetime | None = None
    is_continued: bool = False
    has_successor: bool = False

    @property
    def months(self) -> int:
        return MONTHS.get(self.event.plan or "", 1)

    @property
    def is_trial(self) -> bool:
        return self.event.offer == "free-trial" and self.event.plan in MONTHS

    @property
    def price(self) -> Decimal | None:
        if self.is_trial:
            return Decimal(0)
        plan, offer = self.event.plan or "", self.event.offer
        text = LIST_PRICES.get(plan) if offer is None else OFFER_PRICES.get((plan, offer))
        if plan == "yearly-plan" and self.event.at < RAISED_AT:
            text = OLD_YEARLY.get(offer)
        return None if text is None else Decimal(text)

    @property
    def mrr(self) -> Decimal:
        price = None if self.is_trial else self.price
        if price is None:
            return Decimal(0)
        return (price / self.months).quantize(CENT_PART, ROUND_HALF_UP)

    @property
    def end(self) -> datetime:
        expires = self.event.expires
        return expires if expires and expires > self.start else add_months(self.start, self.months)

    @property
    def has_expired(self) -> bool:
        if self.expired is None:
            return False
        speaks_of_earlier = self.expired.expires is not None and self.expired.expires <= self.start
        return self.is_first or not speaks_of_earlier

    @property
    def own_end(self) -> datetime:
        if not self.has_expired or self.expired is None:
            return self.end
        return max(self.start, self.expired.expires or min(self.expired.at, self.end))

    @property
    def effective_end(self) -> datetime:
        return self.own_end if self.cut is None else max(self.start, min(self.own_end, self.cut))

    def ended_by(self, as_of: datetime, grace: timedelta) -> str:
        if self.cut is not None and self.cut < self.own_end:
            return "replaced"
        if self.is_continued:
            return "renewed"
        if self.has_expired:
            return "expired"
        is_over = self.cancel is not None and self.end <= as_of
        return "lapsed" if self.has_successor or is_over or self.end + grace < as_of else "open"

    def access_end(self, as_of: datetime, grace: timedelta) -> datetime:
        """End of access as known at as_of; far away while the customer counts in grace."""
        if self.ended_by(as_of, grace) == "open" and self.end <= as_of:
            return datetime.max
        return self.effective_end


def add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def in_order(events: Sequence[Event]) -> list[Event]:
    """One user's events in the order in which they are told."""
    openings = [event.at for event in events if event.kind in ("created", "renewed")]
    first = min(openings, default=None)

    def key(event: Event) -> tuple[Any, ...]:
        opens = event.kind in ("created", "renewed")
        place = 1 if opens else 2 if event.at == first else 0
        return (event.at, place, event.kind in ("renewed", "expired"), event.id)

    return sorted(events, key=key)


def speaks_of(event: Event, period: Period) -> bool:
    """Whether a closing event can mean the period: neither plan nor store says otherwise."""
    other_plan = event.plan and period.event.plan and event.plan != period.event.plan
    return not other_plan and event.store == period.event.store


def cut_all(periods: Sequence[Period], at: datetime) -> None:
    for period in periods:
        if period.cut is None:
            period.cut = at


def tell(events: Sequence[Event], grace: timedelta) -> list[Period]:
    """One user's periods, in the order in which they were opened."""
    periods: list[Period] = []
    for event in in_order(events):
        tail = periods[-1] if periods else None
        if event.kind in ("created", "renewed"):
            open_period(periods, event, grace)
        elif tail is None or not speaks_of(event, tail):
            continue
        elif event.kind == "expired":
            tail.expired = event
        elif tail.cancel is None:
            tail.cancel = event.at
    return periods


def open_period(periods: list[Period], event: Event, grace: timedelta) -> None:
    tail = periods[-1] if periods else None
    chain, start = (tail.chain if tail else 0), event.at
    is_late = tail is not None and event.at > tail.own_end + grace
    if tail is None or event.kind == "created" or is_late:
        chain += 1
        if event.kind == "created":
            cut_all(periods, event.at)
    else:
        tail.is_continued = True
        plans = (event.plan, tail.event.plan)
        is_change = None not in plans and plans[0] != plans[1] and event.at < tail.own_end
        if is_change:
            cut_all(periods, event.at)
        else:
            start = tail.own_end
    if tail is not None:
        tail.has_successor = True
    paid = sum(1 for p in periods if p.chain == chain and not p.is_trial)
    period = Period(event, chain, 0, start, is_first=tail is None)
    period.number = max(paid + (not period.is_trial) - 1, 0)
    periods.append(period)


@dataclass(frozen=True)
class Movement:
    at: datetime
    kind: str
    before: Decimal
    after: Decimal
    reason: str | None


def mrr_at(periods: Sequence[Period], at: datetime, as_of: datetime, grace: timedelta) -> Decimal:
    covering = (p for p in periods if p.start <= at < p.access_end(as_of, grace))
    return sum((p.mrr for p in covering), Decimal(0))


def movements(
    periods: Sequence[Period], as_of: datetime, grace: timedelta, window: timedelta
) -> list[Movement]:
    """One user's movements, by looking at the MRR at every instant at which it might change."""
    instants = {p.start for p in periods} | {p.access_end(as_of, grace) for p in periods}
    groups: list[list[tuple[datetime, Decimal, Decimal]]] = []
    before = Decimal(0)
    for at in sorted(instant for instant in instants if instant <= as_of):
        after = mrr_at(periods, at, as_of, grace)
        if after != before:
            if groups and at - groups[-1][-1][0] < window:
                groups[-1].append((at, before, after))
            else:
                groups.append([(at, before, after)])
        before = after
    found: list[Movement] = []
    for group in groups:
        at, first, last = group[0][0], group[0][1], group[-1][2]
        if first == last:
            continue
        kind = (
            "churn"
            if last == 0
            else "new"
            if not found
            else "reactivation"
            if first == 0
            else "expansion"
            if last > first
            else "contraction"
        )
        reason = churn_reason(periods, group[-1][0], as_of, grace) if last == 0 else None
        found.append(Movement(at, kind, first, last, reason))
    return found


def churn_reason(
    periods: Sequence[Period], end: datetime, as_of: datetime, grace: timedelta
) -> str:
    lost = next(
        i
        for i, p in enumerate(periods)
        if p.mrr > 0 and p.start < p.access_end(as_of, grace) == end
    )
    charged = [
        p
        for i, p in enumerate(periods)
        if not p.is_trial and (i == lost or (i > lost and p.event.at < end))
    ]
    cancel = charged[-1].cancel
    return "voluntary" if cancel is not None and cancel <= end else "involuntary"


def state_at(
    periods: Sequence[Period],
    moves: Sequence[Movement],
    *,
    at: datetime,
    as_of: datetime,
    grace: timedelta,
) -> tuple[str | None, Decimal]:
    """State and MRR of one user after everything that happened up to `at`."""
    mrr = next((m.after for m in reversed(moves) if m.at <= at), Decimal(0))
    holding = [p for p in periods if p.start <= at < p.access_end(as_of, grace)]
    state = None
    if holding:
        period = holding[0]
        is_charged = at >= period.event.at
        is_over = at >= period.end and period.access_end(as_of, grace) == datetime.max
        if period.is_trial:
            state = "trial"
        elif is_over or not (is_charged or period.event.at <= period.start):
            state = "grace"
        elif period.cancel is not None and period.cancel <= at:
            state = "active_canceling"
        else:
            state = "active_renewing"
    if mrr > 0:
        return (state if state not in (None, "trial") else "active_renewing"), mrr
    return ("trial" if state == "trial" else None), mrr


@dataclass(frozen=True)
class Member:
    cohort: date
    months: int
    periods: tuple[Period, ...]
    first: Period


def member_of(periods: Sequence[Period], as_of: datetime) -> Member | None:
    paid = sorted(
        (p for p in periods if not p.is_trial and p.start <= as_of),
        key=lambda p: (p.start, periods.index(p)),
    )
    if not paid:
        return None
    first = paid[0]
    return Member(first.start.date().replace(day=1), first.months, tuple(periods), first)


def outcomes(
    member: Member, as_of: datetime, grace: timedelta
) -> Iterator[tuple[str, int, bool, Decimal]]:
    """(axis, period, retained, MRR) of one member for every period settled by as_of."""
    first, k = member.first, 1
    while add_months(first.start, k * member.months) + grace <= as_of:
        paid = [
            p
            for p in member.periods
            if p.chain == first.chain
            and not p.is_trial
            and p.number == k
            and p.months == member.months
        ]
        yield "renewal", k, bool(paid), sum((p.mrr for p in paid), Decimal(0))
        k += 1
    k = 1
    while (at := add_months(first.start, k)) <= as_of:
        held = [
            p
            for p in member.periods
            if not p.is_trial and p.start <= at < p.access_end(as_of, grace)
        ]
        yield "month", k, bool(held), sum((p.mrr for p in held), Decimal(0))
        k += 1
