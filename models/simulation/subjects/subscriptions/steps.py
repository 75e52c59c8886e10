"""Steps of a scenario of subscriptions: an event, a month, a movement, each with its truth."""

from __future__ import annotations

from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import HOUR
from models.simulation.prices import SUBSCRIPTION
from models.simulation.scenario import Persona, Row, moment, usd
from models.simulation.stores import IOS_PREFIX
from models.simulation.subjects.receipts.steps import price_at, tell_receipt


def event(persona: Persona, event_type: str, *, at: int, ends: int | None, **values: Any) -> Row:
    """A subscription event on the monthly plan."""
    google = persona.store == "google_play"
    product = SUBSCRIPTION if google else IOS_PREFIX + "subscription_1month"
    row: Row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "subscription_id": persona.subscription_id,
        "event_type": event_type,
        "product_id": product,
        "base_plan_id": "monthly-plan" if google else None,
        "offer_id": None,
        "source": persona.store,
        "purchase_id": persona.order(f"event {persona.scenario.counter}"),
        "expires_at": None if ends is None else moment(ends),
        "details": "{}",
        "created_at": moment(at),
    } | values
    return persona.scenario.add("subscription_events", row)


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
    **values: Any,
) -> tuple[Row, int]:
    """A paid month without its end: (opening event, second at which it ends). Counts as revenue."""
    end = month_after(start) if ends is None else ends
    row = event(persona, event_type, at=start, ends=end, **values)
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    tell_receipt(persona, "subscription_events", row_id=row["id"], at=start, paid=price)
    return row, end


def tell_period(
    persona: Persona,
    opening: Row,
    *,
    start: int,
    end: int,
    ended_by: str,
    effective_end: int | None = None,
    chain: int = 1,
    cancel: int | None = None,
    **values: Any,
) -> int:
    """The truth of a paid month; returns its MRR in hundredths of a cent.

    `values` are what differs in a period of another kind.
    """
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    told: Row = {
        "period_id": opening["id"],
        "user_id": persona.user_id,
        "is_test": False,
        "chain_number": chain,
        "renewal_number": 0,
        "base_plan_id": "monthly-plan",
        "billing_months": 1,
        "store": persona.store,
        "offer_id": None,
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
    persona.scenario.tell("subscription_periods", **(told | values))
    return price


def tell_life(
    persona: Persona, opening: Row, *, start: int, end: int, ended_by: str, **values: Any
) -> None:
    """The truth of a period that a customer comes with and goes after."""
    mrr = tell_period(persona, opening, start=start, end=end, ended_by=ended_by, **values)
    tell_begin(persona, start, mrr=mrr)
    tell_churn(persona, end, mrr=mrr)


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
    tell_begin(persona, start, mrr=mrr)
    tell_churn(persona, last, mrr=mrr, voluntary=cancel is not None)


def two_lives(persona: Persona, start: int, *, back: int, order: str | None = None) -> Row:
    """A month that lapses, and a renewal that comes later and expires: (the renewal)."""
    named: Row = {} if order is None else {"purchase_id": order}
    again: Row = {} if order is None else {"purchase_id": f"{order}..1"}
    first, end = paid_month(persona, start, **named)
    second, last = paid_month(persona, back, event_type="renewed", **again)
    event(persona, "expired", at=last + HOUR, ends=last, **again)
    mrr = tell_period(persona, first, start=start, end=end, ended_by="lapsed")
    tell_period(persona, second, start=back, end=last, ended_by="expired", chain=2)
    tell_begin(persona, start, mrr=mrr)
    tell_churn(persona, end, mrr=mrr)
    tell_begin(persona, back, mrr=mrr, again=True)
    tell_churn(persona, last, mrr=mrr)
    return second


def tell_movement(
    persona: Persona, at: int, *, kind: str, before: int, after: int, reason: str | None = None
) -> None:
    """The truth of a movement of MRR, in hundredths of a cent."""
    persona.scenario.tell(
        "mrr_movements",
        user_id=persona.user_id,
        movement_at=moment(at),
        movement_type=kind,
        mrr_before_usd=usd(before),
        mrr_after_usd=usd(after),
        mrr_delta_usd=usd(after - before),
        churn_reason=reason,
    )


def tell_begin(persona: Persona, at: int, *, mrr: int, again: bool = False) -> None:
    """The truth of a movement from nothing."""
    tell_movement(persona, at, kind="reactivation" if again else "new", before=0, after=mrr)


def tell_change(persona: Persona, at: int, *, before: int, after: int) -> None:
    """The truth of a movement from one MRR to a lower one."""
    tell_movement(persona, at, kind="contraction", before=before, after=after)


def tell_churn(persona: Persona, at: int, *, mrr: int, voluntary: bool = False) -> None:
    """The truth of a movement to nothing."""
    reason = "voluntary" if voluntary else "involuntary"
    tell_movement(persona, at, kind="churn", before=mrr, after=0, reason=reason)
