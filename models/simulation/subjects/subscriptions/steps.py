"""Steps of a scenario of subscriptions: an event, a month, a movement, each with its truth."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import HOUR
from models.simulation.prices import PLANS, SUBSCRIPTION
from models.simulation.scenario import Persona, Row, moment, usd
from models.simulation.stores import IOS_PREFIX
from models.simulation.subjects.receipts.steps import price_at, tell_receipt

EVENTS, SUBSCRIPTIONS = "subscription_events", "subscriptions"
GOOGLE = "google_play"
MONTHLY, QUARTERLY, _ = PLANS


def event(persona: Persona, event_type: str, *, at: int, ends: int | None, **values: Any) -> Row:
    """A subscription event on the monthly plan."""
    google = persona.store == GOOGLE
    row_id, number = persona.scenario.new_id(), persona.scenario.counter
    row: Row = {
        "id": row_id,
        "subscription_id": persona.subscription_id,
        "event_type": event_type,
        "product_id": SUBSCRIPTION if google else f"{IOS_PREFIX}subscription_1month",
        "base_plan_id": MONTHLY if google else None,
        "source": persona.store,
        "purchase_id": persona.order(f"event {number}"),
        "expires_at": None if ends is None else moment(ends),
        "details": "{}",
        "created_at": moment(at),
    }
    return persona.scenario.add(EVENTS, {"user_id": persona.user_id} | row | values)


def month_after(at: int) -> int:
    """One month later."""
    return add_months_to(at, 1)


def on_plan(plan: str) -> Row:
    """What an event on one of Google's plans says of it."""
    return {"product_id": SUBSCRIPTION, "base_plan_id": plan}


def price_of_plan(plan: str, at: int) -> int:
    """The list price of a plan, in hundredths of a cent."""
    return price_at(f"{SUBSCRIPTION}/{plan}", at)


def paid_month(
    persona: Persona,
    start: int,
    *,
    event_type: str = "created",
    ends: int | None = None,
    verdict: str = "counted",
    **values: Any,
) -> tuple[Row, int]:
    """A paid month without its end: (opening event, second at which it ends). Counts as revenue."""
    end = month_after(start) if ends is None else ends
    row = event(persona, event_type, at=start, ends=end, **values)
    price = price_of_plan(MONTHLY, start)
    tell_receipt(persona, EVENTS, row_id=row["id"], at=start, paid=price, verdict=verdict)
    return row, end


def tell_period(
    persona: Persona,
    opening: Row,
    *,
    start: int,
    end: int,
    ended_by: str,
    effective_end: int | None = None,
    cancel: int | None = None,
    **values: Any,
) -> int:
    """The truth of a paid month; returns its MRR in hundredths of a cent.

    `values` are what differs in a period of another kind.
    """
    price = price_of_plan(MONTHLY, start)
    told: Row = {
        "period_id": opening["id"],
        "chain_number": 1,
        "renewal_number": 0,
        "base_plan_id": MONTHLY,
        "billing_months": 1,
        "store": persona.store,
        "period_start_at": moment(start),
        "period_end_at": moment(end),
        "effective_end_at": moment(end if effective_end is None else effective_end),
        "is_trial": False,
        "price_usd": usd(price),
        "contracted_mrr_usd": usd(price),
        "mrr_usd": usd(price),
        "cancel_intent_at": None if cancel is None else moment(cancel),
        "ended_by": ended_by,
    }
    persona.tell("subscription_periods", **(told | values))
    return price


def tell_mrr(persona: Persona, *path: tuple[int, int], voluntary: bool = False) -> None:
    """The truth of MRR that steps to each (second, hundredths of a cent) of a path from nothing."""
    for number, ((_, before), (at, after)) in enumerate(pairwise([(0, 0), *path])):
        begins, ends = before == 0, after == 0
        kind = "new" if number == 0 else "reactivation" if begins else "contraction"
        persona.tell(
            "mrr_movements",
            movement_at=moment(at),
            movement_type="churn" if ends else kind,
            mrr_before_usd=usd(before),
            mrr_after_usd=usd(after),
            mrr_delta_usd=usd(after - before),
            churn_reason=("voluntary" if voluntary else "involuntary") if ends else None,
        )


def tell_life(
    persona: Persona, opening: Row, *, start: int, end: int, ended_by: str, **values: Any
) -> None:
    """The truth of a period that a customer comes with and goes after."""
    mrr = tell_period(persona, opening, start=start, end=end, ended_by=ended_by, **values)
    tell_mrr(persona, (start, mrr), (end, 0))


def plain_month(persona: Persona, start: int, **values: Any) -> Row:
    """A month that ends by an expired event, with its truth; returns the opening event."""
    opening, end = paid_month(persona, start, **values)
    event(persona, "expired", at=end + HOUR, ends=end)
    tell_life(persona, opening, start=start, end=end, ended_by="expired")
    return opening


def tell_renewed_life(
    persona: Persona,
    first: Row,
    *,
    renewal: Row,
    start: int,
    end: int,
    last: int,
    cancel: int | None = None,
) -> None:
    """The truth of a month and its renewal, which expires, canceled or not."""
    mrr = tell_period(persona, first, start=start, end=end, ended_by="renewed")
    tell_period(persona, renewal, start=end, end=last, ended_by="expired", cancel=cancel,
        renewal_number=1,
    )  # fmt: skip
    tell_mrr(persona, (start, mrr), (last, 0), voluntary=cancel is not None)


def two_lives(persona: Persona, start: int, *, back: int, order: str | None = None) -> Row:
    """A month that lapses, and a renewal that comes later and expires: (the renewal)."""
    named: Row = {} if order is None else {"purchase_id": order}
    again: Row = {} if order is None else {"purchase_id": f"{order}..1"}
    first, end = paid_month(persona, start, **named)
    second, last = paid_month(persona, back, event_type="renewed", **again)
    event(persona, "expired", at=last + HOUR, ends=last, **again)
    mrr = tell_period(persona, first, start=start, end=end, ended_by="lapsed")
    tell_period(persona, second, start=back, end=last, ended_by="expired", chain_number=2)
    tell_mrr(persona, (start, mrr), (end, 0), (back, mrr), (last, 0))
    return second
