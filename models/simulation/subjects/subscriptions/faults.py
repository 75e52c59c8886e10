"""Faults of subscription events: missing, doubled, in the wrong order, late."""

from __future__ import annotations

from typing import Any

from models.simulation.parameters import DAY, HOUR
from models.simulation.prices import SUBSCRIPTION
from models.simulation.scenario import Persona, Row, fault, moment, typical_fault, unseen
from models.simulation.subjects.receipts.steps import price_at, tell_receipt
from models.simulation.subjects.subscriptions.steps import (
    event,
    month_after,
    paid_month,
    tell_begin,
    tell_churn,
    tell_life,
    tell_period,
    two_lives,
)

EVENTS = "subscription_events"


def plain_month(persona: Persona, start: int, **values: Any) -> Row:
    """A month that ends by an expired event, with its truth; returns the opening event."""
    opening, end = paid_month(persona, start, **values)
    event(persona, "expired", at=end + HOUR, ends=end)
    tell_life(persona, opening, start=start, end=end, ended_by="expired")
    return opening


@fault
def renewal_without_created(persona: Persona) -> None:
    """A renewal that opens a life nobody saw begin."""
    opening = plain_month(persona, persona.at(1), event_type="renewed")
    persona.plant(EVENTS, opening["id"])


@fault
def expired_before_created(persona: Persona) -> None:
    """An expired event an hour before the created one."""
    start = persona.at(1)
    row = event(persona, "expired", at=start - HOUR, ends=start - HOUR)
    plain_month(persona, start)
    persona.plant(EVENTS, row["id"])


@typical_fault
def canceled_before_created(persona: Persona) -> None:
    """A canceled event that arrived before the created one."""
    start = persona.at(1)
    row = event(persona, "canceled", at=start - HOUR, ends=None)
    plain_month(persona, start)
    persona.plant(EVENTS, row["id"])


@fault
def overlapping_periods(persona: Persona) -> None:
    """A second subscription inside the first: it replaces it, and both were paid."""
    start, again = persona.at(1), persona.at(16)
    first, end = paid_month(persona, start)
    second, last = paid_month(persona, again)
    event(persona, "expired", at=last + HOUR, ends=last)
    mrr = tell_period(
        persona, first, start=start, end=end, ended_by="replaced", effective_end=again
    )
    tell_period(persona, second, start=again, end=last, ended_by="expired", chain=2)
    tell_begin(persona, start, mrr=mrr)
    tell_churn(persona, last, mrr=mrr)
    persona.plant(EVENTS, second["id"])


@typical_fault
def expired_missing(persona: Persona) -> None:
    """A period after which nothing more was heard."""
    start = persona.at(1)
    opening, end = paid_month(persona, start)
    tell_life(persona, opening, start=start, end=end, ended_by="lapsed")
    persona.plant(EVENTS, opening["id"])


@fault
def expired_late(persona: Persona) -> None:
    """An expired event forty days late that does not say when."""
    start = persona.at(1)
    opening, end = paid_month(persona, start)
    row = event(persona, "expired", at=end + 40 * DAY, ends=None)
    tell_life(persona, opening, start=start, end=end, ended_by="expired")
    persona.plant(EVENTS, row["id"])


@typical_fault
def event_duplicated(persona: Persona) -> None:
    """A created event written twice with one order number."""
    start = persona.at(1)
    opening = plain_month(persona, start)
    end, order = month_after(start), opening["purchase_id"]
    row = event(persona, "created", at=start + 5, ends=end, purchase_id=order)
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    original = f"{EVENTS}:{opening['id']}"
    tell_receipt(
        persona, EVENTS, row_id=row["id"], at=start + 5,
        paid=price, verdict="duplicate_order", original=original,
    )  # fmt: skip
    persona.plant(EVENTS, row["id"])


@fault
def expiry_unstated(persona: Persona) -> None:
    """A created event without the end of what it opens: the plan's length tells it."""
    opening = plain_month(persona, persona.at(1), expires_at=None)
    persona.plant(EVENTS, opening["id"])


@unseen("Case and blanks say nothing else: read as created.")
@fault
def event_type_in_capitals(persona: Persona) -> None:
    """An event type in capitals with a blank."""
    opening = plain_month(persona, persona.at(1), event_type="CREATED ")
    persona.plant(EVENTS, opening["id"])


@fault
def renewal_after_grace(persona: Persona) -> None:
    """A renewal twenty days after the end: a return, not a continuation."""
    start = persona.at(1)
    renewal = two_lives(persona, start, back=month_after(start) + 20 * DAY)
    persona.plant(EVENTS, renewal["id"])


@fault
def milliseconds_for_iso(persona: Persona) -> None:
    """Epoch milliseconds in the column that holds ISO 8601."""
    opening = plain_month(persona, persona.at(1))
    persona.change(
        "subscriptions",
        transaction_date=str(persona.at(1) * 1000),
        purchase_id=opening["purchase_id"],
        updated_at=moment(persona.at(1)),
    )
    persona.plant("subscriptions", persona.subscription_id)


@fault
def premium_without_event(persona: Persona) -> None:
    """A premium subscription of which no event tells."""
    persona.change(
        "subscriptions",
        plan="premium",
        expires_at=moment(persona.at(90)),
        updated_at=moment(persona.at(1)),
    )
    persona.plant("subscriptions", persona.subscription_id)


@fault
def premium_without_access(persona: Persona) -> None:
    """A month that expired, and a plan that is premium all the same."""
    start = persona.at(1)
    opening = plain_month(persona, start)
    persona.change(
        "subscriptions", plan="premium", expires_at=opening["expires_at"], updated_at=moment(start)
    )
    persona.plant("subscriptions", persona.subscription_id)
