"""What subscriptions mean, once more: one user's events, told one after the other.

Plain Python over events, no SQL and no shared code; the marts must agree on any history.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

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
    begins: datetime | None = None  # of a created event told after the end that it names
    is_repeat: bool = False  # names the end of a period told before, well before that end

    @property
    def starts(self) -> datetime:
        return self.begins or self.at

    @property
    def gives_no_time(self) -> bool:
        return self.is_repeat or (self.begins is not None and self.begins == self.expires)


@dataclass
class Period:
    """One paid or trial period while its user's story is told."""

    event: Event
    place: int
    step: int
    purchase: int
    start: datetime
    opens_chain: bool
    is_change: bool
    chain: int = 0
    number: int = 0
    expired: Event | None = None
    cancel: datetime | None = None
    cut: datetime | None = None
    waits_until: datetime | None = None
    gives_way: datetime | None = None
    is_trial: bool = False
    is_free_again: bool = False
    is_prorated: bool = False
    next_opens_chain: bool | None = None
    is_last: bool = False

    @property
    def months(self) -> int:
        return MONTHS.get(self.event.plan or "", 1)

    @property
    def price(self) -> Decimal | None:
        """What was paid; None where unpriced or of an implausible length."""
        if self.is_trial or self.is_prorated:
            return Decimal(0)
        return None if self.is_implausible else self.book_price

    @property
    def book_price(self) -> Decimal | None:
        plan, offer = self.event.plan or "", self.event.offer
        if self.is_free_again:
            offer = None
        text = LIST_PRICES.get(plan) if offer is None else OFFER_PRICES.get((plan, offer))
        if plan == "yearly-plan" and self.event.at < RAISED_AT:
            text = OLD_YEARLY.get(offer)
        return None if text is None else Decimal(text)

    @property
    def list_price(self) -> Decimal | None:
        plan = self.event.plan or ""
        is_old = plan == "yearly-plan" and self.event.at < RAISED_AT
        text = OLD_YEARLY[None] if is_old else LIST_PRICES.get(plan)
        return None if text is None else Decimal(text)

    @property
    def mrr(self) -> Decimal:
        price = (self.book_price or self.list_price) if self.is_prorated else self.price
        if price is None or self.is_trial:
            return Decimal(0)
        return (price / self.months).quantize(CENT_PART, ROUND_HALF_UP)

    @property
    def is_paid(self) -> bool:
        return not (self.is_trial or self.is_prorated or self.is_implausible)

    @property
    def calendar_end(self) -> datetime:
        return add_months(self.start, self.months)

    @property
    def names_end(self) -> bool:
        return self.event.expires is not None and self.event.expires > self.start

    @property
    def end(self) -> datetime:
        if self.event.gives_no_time and not self.names_end:
            return self.start
        return self.event.expires if self.names_end and self.event.expires else self.calendar_end

    @property
    def stretch(self) -> float:
        """Named length over the plan's; 1 where either is unknown."""
        if not self.names_end or self.event.plan not in MONTHS:
            return 1.0
        return (self.end - self.start) / (self.calendar_end - self.start)

    @property
    def is_implausible(self) -> bool:
        is_odd = self.event.is_repeat or not 0.5 <= self.stretch <= 2
        return is_odd and not self.is_trial and not self.is_prorated

    @property
    def has_expired(self) -> bool:
        if self.expired is None:
            return False
        return self.expired.expires is None or self.expired.expires > self.start

    @property
    def own_end(self) -> datetime:
        if self.has_expired and self.expired is not None:
            return max(self.start, self.expired.expires or min(self.expired.at, self.end))
        return self.calendar_end if self.stretch > 2 else self.end

    @property
    def cut_end(self) -> datetime:
        if self.is_implausible:
            return self.start
        return self.own_end if self.cut is None else max(self.start, min(self.own_end, self.cut))

    @property
    def is_covered(self) -> bool:
        return self.waits_until is not None and self.waits_until >= self.cut_end

    @property
    def begin(self) -> datetime:
        if self.waits_until is not None and self.waits_until < self.cut_end:
            return self.waits_until
        return self.start

    @property
    def effective_end(self) -> datetime:
        return self.start if self.is_covered else self.gives_way or self.cut_end

    def ended_by(self, as_of: datetime, grace: timedelta) -> str:
        if self.is_covered or self.gives_way or (self.cut is not None and self.cut < self.own_end):
            return "replaced"
        if self.next_opens_chain is False:
            return "renewed"
        if self.has_expired:
            return "expired"
        if self.next_opens_chain or not self.is_last:
            return "lapsed"
        is_over = self.cancel is not None and self.end <= as_of
        return "lapsed" if is_over or self.end + grace < as_of else "open"

    def access_end(self, as_of: datetime, grace: timedelta) -> datetime:
        """End of access as known at as_of; far away while the customer counts in grace."""
        if self.ended_by(as_of, grace) == "open" and self.end <= as_of:
            return datetime.max
        return self.effective_end


def add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def is_same_end(one: datetime, other: datetime) -> bool:
    """The ends of one period, as two events may tell them."""
    return one == other or abs(one - other) < timedelta(minutes=60)


def base_of(event: Event) -> str | None:
    """What Google's order numbers of one purchase share."""
    return re.sub(r"\.\.[0-9]+$", "", event.order.strip().lower()) or None


def openings_in_order(events: Sequence[Event]) -> list[Event]:
    opens = [event for event in events if event.kind in ("created", "renewed")]
    opens = [replace(event, begins=late_begin(event, opens)) for event in opens]
    return sorted(
        opens, key=lambda event: (event.starts, event.kind, event.expires or datetime.max, event.id)
    )


def late_begin(event: Event, openings: Sequence[Event]) -> datetime | None:
    """Where a created event's period began that is told after its end: believed if a renewal names
    the period that follows, and nothing else the same end."""
    end, months = event.expires, MONTHS.get(event.plan or "", 1)
    if event.kind != "created" or end is None:
        return None
    length = add_months(event.at, months) - event.at
    is_short = event.offer is None and event.plan in MONTHS and (end - event.at) * 2 < length
    if end > event.at and not is_short:
        return None
    begin, slack = add_months(end, -months), timedelta(days=3)
    if any(crosses(other, begin + slack, end - slack) for other in openings if other != event):
        return None
    kin = [
        other
        for other in openings
        if other.id != event.id
        and (other.store, other.plan) == (event.store, event.plan)
        and other.expires is not None
        and (
            event.store != "google_play"
            or base_of(event) is None
            or base_of(other) in (None, base_of(event))
        )
    ]
    follows = any(
        other.kind == "renewed"
        and other.expires
        and abs(add_months(other.expires, -months) - end) <= slack
        for other in kin
    )
    if not follows or any(other.expires and abs(other.expires - end) <= slack for other in kin):
        return None
    is_free = event.offer == "free-trial" and event.plan in MONTHS
    return end if is_free else begin


def crosses(event: Event, begin: datetime, end: datetime) -> bool:
    """Whether the period of an event, by what it says itself, lies between the two."""
    months = MONTHS.get(event.plan or "", 1)
    if event.kind == "renewed" and event.expires is not None:
        start = add_months(event.expires, -months)
    else:
        start = event.at
    return start < end and (event.expires or add_months(event.at, months)) > begin


def marked_repeats(openings: Sequence[Event], purchases: Sequence[int]) -> list[Event]:
    """The openings, with those marked that name the end of an earlier period of their purchase."""
    return [
        replace(
            event,
            is_repeat=event.kind == "renewed"
            and event.expires is not None
            and event.at < event.expires - timedelta(days=3)
            and any(
                other.plan == event.plan
                and purchase == purchases[place]
                and other.expires is not None
                and is_same_end(other.expires, event.expires)
                for other, purchase in zip(openings[:place], purchases[:place], strict=True)
            ),
        )
        for place, event in enumerate(openings)
    ]


def opens_chain(event: Event, end: datetime, grace: timedelta) -> bool:
    """Whether a renewal begins anew: told after grace, and of no period that follows that end."""
    if event.at - grace <= end:
        return False
    if event.expires is None or event.expires <= end:
        return True
    months = MONTHS.get(event.plan or "", 1)
    following, anew = add_months(end, months), add_months(event.at, months)
    if abs(event.expires - following) >= abs(event.expires - anew):
        return True
    stretch = (event.expires - end) / (following - end)
    return event.plan in MONTHS and not 0.5 <= stretch <= 2


def purchases_of(openings: Sequence[Event], grace: timedelta) -> list[int]:
    """The purchase of each opening, numbered by the created events so far."""
    running: list[int] = []
    found: list[int] = []
    for place, event in enumerate(openings):
        now = sum(1 for other in openings[: place + 1] if other.kind == "created")
        running.append(now)
        mine = now
        if event.kind == "renewed" and event.store == "google_play" and event.order:
            kin = [
                n
                for n, other in enumerate(openings[: place + 1])
                if other.store == event.store and base_of(other) == base_of(event)
            ]
            made = [n for n in kin if openings[n].kind == "created"]
            mine = running[made[-1] if made else kin[0]]
        elif event.kind == "renewed":
            alike = [
                n
                for n, other in enumerate(openings)
                if (other.store, other.plan) == (event.store, event.plan)
            ]
            before = [
                (other.expires, n)
                for n in alike
                if n < place
                and (other := openings[n]).expires is not None
                and event.expires is not None
                and other.expires < event.expires
                and not opens_chain(event, other.expires, grace)
            ]
            if before and now > running[alike[0]]:
                mine = running[max(before)[1]]
        found.append(mine)
    return found


def in_their_turn(openings: Sequence[Event], purchases: Sequence[int]) -> list[int]:
    """The openings as their periods follow each other: as told, but for renewals told after one
    that follows them, where what was told before leaves the period that they name free."""
    slack = timedelta(days=3)
    turns = []
    for place, event in enumerate(openings):
        turn = (place, 1, datetime.min)
        kin = [n for n in range(place) if purchases[n] == purchases[place]]
        if event.kind == "renewed" and event.expires is not None and kin:
            begin = add_months(event.expires, -MONTHS.get(event.plan or "", 1))
            told = [(n, openings[n].plan, at) for n in kin if (at := openings[n].expires)]
            after = [
                n
                for n, plan, at in told
                if add_months(at, -MONTHS.get(plan or "", 1)) >= event.expires - slack
            ]
            before = [n for n, _, at in told if at <= begin + slack]
            is_free = {n for n, _, _ in told} == {*after, *before}
            if is_free and after and min(after) > kin[0]:
                turn = (min(after), 0, event.expires)
        turns.append((*turn, place))
    return [place for *_, place in sorted(turns)]


def place_closing(
    event: Event, openings: Sequence[Event], purchases: Sequence[int], grace: timedelta
) -> int | None:
    """The opening of which a canceled or expired event speaks."""
    named = {
        purchase
        for other, purchase in zip(openings, purchases, strict=True)
        if other.store == "google_play" and base_of(other) == base_of(event)
    }
    can_mean = [
        n
        for n, other in enumerate(openings)
        if other.store == event.store
        and not other.is_repeat
        and not (event.plan and other.plan and event.plan != other.plan)
        and (not named or purchases[n] in named)
    ]
    if event.expires is not None:
        ends = [
            (-abs(other.expires - event.expires), n)
            for n in can_mean
            if (other := openings[n]).expires is not None
            and is_same_end(other.expires, event.expires)
        ]
        if ends:
            return max(ends)[1]

    def stated_end(other: Event) -> datetime:
        if other.expires is not None and other.expires > other.starts:
            return other.expires
        return add_months(other.starts, MONTHS.get(other.plan or "", 1))

    first = openings[0].starts
    earlier = [
        n
        for n in can_mean
        if openings[n].starts < event.at or openings[n].starts == event.at == first
    ]
    if event.expires is not None:
        earlier = [
            n
            for n in earlier
            if openings[n].starts < event.expires <= stated_end(openings[n]) + grace
        ]
        return earlier[-1] if earlier else None
    if event.kind == "expired":
        return earlier[-1] if earlier else None
    running = [n for n in earlier if stated_end(openings[n]) + grace >= event.at]
    if running:
        return running[-1]
    coming = [
        n
        for n in can_mean
        if openings[n].kind == "created"
        and openings[n].starts >= event.at
        and is_same_end(openings[n].starts, event.at)
    ]
    return coming[-1] if coming else None


def tell(events: Sequence[Event], grace: timedelta) -> list[Period]:
    """One user's periods, in the order in which they were opened."""
    openings = openings_in_order(events)
    if not openings:
        return []
    purchases = purchases_of(openings, grace)
    openings = marked_repeats(openings, purchases)
    expiries: dict[int, Event] = {}
    cancels: dict[int, datetime] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        if event.kind in ("canceled", "expired"):
            place = place_closing(event, openings, purchases, grace)
            if place is not None and event.kind == "expired":
                expiries[place] = event
            elif place is not None:
                cancels.setdefault(place, event.at)
    periods: list[Period] = []
    for step, place in enumerate(in_their_turn(openings, purchases)):
        tail = next((p for p in reversed(periods) if p.purchase == purchases[place]), None)
        period = opened(openings[place], (place, step, purchases[place]), tail, grace)
        period.expired, period.cancel = expiries.get(place), cancels.get(place)
        if not period.event.is_repeat:
            for before in reversed([p for p in periods if p.purchase == period.purchase]):
                before.next_opens_chain = period.opens_chain
                if not before.event.is_repeat:
                    break
        periods.append(period)
    settle(periods)
    return sorted(periods, key=lambda period: period.place)


def opened(
    event: Event, where: tuple[int, int, int], tail: Period | None, grace: timedelta
) -> Period:
    if tail is None or opens_chain(event, tail.own_end, grace):
        return Period(event, *where, event.starts, True, False)
    plans = (event.plan, tail.event.plan)
    is_change = None not in plans and plans[0] != plans[1] and was_running(tail, event.at)
    return Period(event, *where, event.at if is_change else tail.own_end, False, is_change)


def is_far_too_short(taker: Period, period: Period) -> bool:
    """Against the rest of a period by which it would be paid; a trial is as long as it is."""
    length = taker.end - taker.start
    return taker.stretch < 0.5 and not taker.is_trial and length * 4 < period.end - taker.start


def was_running(period: Period, at: datetime) -> bool:
    """Until then, or cut short at that very time by the event that tells of what replaced it."""
    is_cut_short = period.own_end < period.end and is_same_end(period.own_end, at)
    return at < period.own_end or is_cut_short


def settle(periods: list[Period]) -> None:
    """What the periods of a user mean for each other."""
    for period in periods:
        if period.event.offer == "free-trial" and period.event.plan in MONTHS:
            is_second = any(
                p.purchase == period.purchase
                and p.event.offer == "free-trial"
                and p.event.plan in MONTHS
                for p in periods[: period.step]
            )
            period.is_free_again = is_second and period.event.kind == "renewed"
            period.is_trial = not period.is_free_again
    takers = [p for p in periods if (p.event.kind == "created" or p.is_change) and p.stretch <= 2]
    offered = [p for p in periods if p.is_trial]
    taken: list[tuple[Period, Period]] = []
    for period in periods:
        over = [
            p
            for p in takers
            if p.event.starts >= min(period.event.starts, period.start)
            and (
                (p.event.kind == "created" and p.purchase > period.purchase)
                or (p.is_change and p.purchase == period.purchase and p.step > period.step)
            )
            and not is_far_too_short(p, period)
        ]
        if not over:
            continue
        taker = min(over, key=lambda p: (p.event.starts, p.place))
        at = period.cut = taker.event.starts
        if period.stretch <= 2 and period.start <= at and was_running(period, at):
            taken.append((period, taker))
    for taker in {id(taker): taker for _, taker in taken}.values():
        before = [period for period, other in taken if other is taker]
        is_rest = taker.event.plan in MONTHS and taker.names_end and taker not in offered
        if is_rest and taker.end < taker.calendar_end - timedelta(days=3):
            taker.is_trial = all(period in offered for period in before)
            taker.is_prorated = not taker.is_trial
    held_spans = [(p.purchase, p.step, p.start) for p in periods if p.cut_end > p.start]
    for period in periods:
        after = [at for own, n, at in held_spans if own == period.purchase and n > period.step]
        if after and min(after) < period.cut_end:
            period.cut = min(after)
    for period in periods:
        wait_for_newer(period, periods)
    chains: list[list[Period]] = []
    for period in periods:
        if period.opens_chain:
            chains.append([])
            mine = chains[-1]
        else:
            mine = next(c for c in reversed(chains) if c[0].purchase == period.purchase)
        mine.append(period)
        if period.is_paid:
            period.number = sum(1 for p in mine if p.is_paid) - 1
    for number, chain in enumerate(sorted(chains, key=lambda c: min(p.place for p in c)), 1):
        for period in chain:
            period.chain = number
    held = [p for p in periods if p.effective_end > p.begin]
    if held:
        max(held, key=lambda p: (p.effective_end, p.place)).is_last = True


def wait_for_newer(period: Period, periods: Sequence[Period]) -> None:
    """An older purchase charged on beside a newer one begins when that ends."""
    if period.cut_end <= period.start:
        return
    newer = [p for p in periods if p.purchase > period.purchase and p.cut_end > p.start]
    reached = period.start
    while nexts := [p for p in newer if p.start <= reached < p.cut_end]:
        reached = max(p.cut_end for p in nexts)
    if reached > period.start:
        period.waits_until = reached
    later = [p.start for p in newer if p.start > reached]
    if later and min(later) < period.cut_end:
        period.gives_way = min(later)


@dataclass(frozen=True)
class Movement:
    at: datetime
    kind: str
    before: Decimal
    after: Decimal
    reason: str | None


def mrr_at(periods: Sequence[Period], at: datetime, as_of: datetime, grace: timedelta) -> Decimal:
    covering = (p for p in periods if p.begin <= at < p.access_end(as_of, grace))
    return sum((p.mrr for p in covering), Decimal(0))


def movements(
    periods: Sequence[Period], as_of: datetime, grace: timedelta, window: timedelta
) -> list[Movement]:
    """One user's movements, by looking at the MRR at every instant at which it might change."""
    instants = {p.begin for p in periods} | {p.access_end(as_of, grace) for p in periods}
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
    lost = next(p for p in periods if p.mrr > 0 and p.begin < p.access_end(as_of, grace) == end)
    return "voluntary" if lost.cancel is not None and lost.cancel < lost.end else "involuntary"


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
    holding = [p for p in periods if p.begin <= at < p.access_end(as_of, grace)]
    state = None
    if holding:
        period = holding[0]
        is_charged = at >= period.event.at
        is_over = at >= period.end and period.access_end(as_of, grace) == datetime.max
        if period.is_trial:
            state = "trial"
        elif is_over or (period.event.kind == "renewed" and not is_charged):
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
        (p for p in periods if p.is_paid and p.begin <= as_of),
        key=lambda p: (p.begin, periods.index(p)),
    )
    if not paid:
        return None
    first = paid[0]
    return Member(first.begin.date().replace(day=1), first.months, tuple(periods), first)


def outcomes(
    member: Member, as_of: datetime, grace: timedelta
) -> Iterator[tuple[str, int, bool, Decimal]]:
    """(axis, period, retained, MRR) of one member for every period settled by as_of."""
    first, k = member.first, 1
    while add_months(first.begin, k * member.months) + grace <= as_of:
        paid = [
            p
            for p in member.periods
            if p.chain == first.chain and p.is_paid and p.number == k and p.months == member.months
        ]
        yield "renewal", k, bool(paid), sum((p.mrr for p in paid), Decimal(0))
        k += 1
    k = 1
    while (at := add_months(first.begin, k)) <= as_of:
        held = [
            p
            for p in member.periods
            if not p.is_trial and p.begin <= at < p.access_end(as_of, grace)
        ]
        yield "month", k, bool(held), sum((p.mrr for p in held), Decimal(0))
        k += 1
