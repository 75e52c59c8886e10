"""Faults of subscription events: missing, doubled, in the wrong order, late."""

from __future__ import annotations

from functools import partial
from typing import Any

from models.simulation.parameters import DAY, HOUR
from models.simulation.scenario import Kinds, Persona, moment
from models.simulation.subjects.receipts.steps import tell_receipt
from models.simulation.subjects.subscriptions import steps
from models.simulation.subjects.subscriptions.steps import EVENTS, MONTHLY, SUBSCRIPTIONS

KINDS = Kinds()


def opening_fault(persona: Persona, **values: Any) -> None:
    """A plain month whose opening event is the fault."""
    persona.plant(EVENTS, steps.plain_month(persona, persona.at(1), **values)["id"])


# a life that nobody saw begin
KINDS.enter("renewal_without_created", partial(opening_fault, event_type="renewed"))
# the plan's length tells the end
KINDS.enter("expiry_unstated", partial(opening_fault, expires_at=None))
KINDS.enter(
    "event_type_in_capitals",
    partial(opening_fault, event_type="CREATED "),
    unseen="Case and blanks say nothing else: read as created.",
)
KINDS.enter(
    "premium_without_event",
    lambda p: p.spoil(SUBSCRIPTIONS, day=1, plan="premium", expires_at=moment(p.at(90))),
)


@KINDS.fault()
def expired_before_created(persona: Persona) -> None:
    """An expired event an hour before the created one."""
    start = persona.at(1)
    row = steps.event(persona, "expired", at=start - HOUR, ends=start - HOUR)
    steps.plain_month(persona, start)
    persona.plant(EVENTS, row["id"])


@KINDS.fault(typical=True)
def canceled_before_created(persona: Persona) -> None:
    """A canceled event that arrived before the created one."""
    start = persona.at(1)
    row = steps.event(persona, "canceled", at=start - HOUR, ends=None)
    steps.plain_month(persona, start)
    persona.plant(EVENTS, row["id"])


@KINDS.fault()
def overlapping_periods(persona: Persona) -> None:
    """A second subscription inside the first: it replaces it, and both were paid."""
    start, again = persona.at(1), persona.at(16)
    first, end = steps.paid_month(persona, start)
    second, last = steps.paid_month(persona, again)
    steps.event(persona, "expired", at=last + HOUR, ends=last)
    mrr = steps.tell_period(
        persona, first, start=start, end=end, ended_by="replaced", effective_end=again
    )
    steps.tell_period(persona, second, start=again, end=last, ended_by="expired", chain_number=2)
    steps.tell_mrr(persona, (start, mrr), (last, 0))
    persona.plant(EVENTS, second["id"])


@KINDS.fault(typical=True)
def expired_missing(persona: Persona) -> None:
    """A period after which nothing more was heard."""
    start = persona.at(1)
    opening, end = steps.paid_month(persona, start)
    steps.tell_life(persona, opening, start=start, end=end, ended_by="lapsed")
    persona.plant(EVENTS, opening["id"])


@KINDS.fault()
def expired_late(persona: Persona) -> None:
    """An expired event forty days late that does not say when."""
    start = persona.at(1)
    opening, end = steps.paid_month(persona, start)
    row = steps.event(persona, "expired", at=end + 40 * DAY, ends=None)
    steps.tell_life(persona, opening, start=start, end=end, ended_by="expired")
    persona.plant(EVENTS, row["id"])


@KINDS.fault(typical=True)
def event_duplicated(persona: Persona) -> None:
    """A created event written twice with one order number."""
    start = persona.at(1)
    opening = steps.plain_month(persona, start)
    end, order = steps.month_after(start), opening["purchase_id"]
    row = steps.event(persona, "created", at=start + 5, ends=end, purchase_id=order)
    price = steps.price_of_plan(MONTHLY, start)
    original = f"{EVENTS}:{opening['id']}"
    tell_receipt(
        persona, EVENTS, row_id=row["id"], at=start + 5,
        paid=price, verdict="duplicate_order", original=original,
    )  # fmt: skip
    persona.plant(EVENTS, row["id"])


@KINDS.fault()
def renewal_after_grace(persona: Persona) -> None:
    """A renewal twenty days after the end: a return, not a continuation."""
    start = persona.at(1)
    renewal = steps.two_lives(persona, start, back=steps.month_after(start) + 20 * DAY)
    persona.plant(EVENTS, renewal["id"])


@KINDS.fault()
def milliseconds_for_iso(persona: Persona) -> None:
    """Epoch milliseconds in the column that holds ISO 8601."""
    opening = steps.plain_month(persona, persona.at(1))
    milliseconds, order = str(persona.at(1) * 1000), opening["purchase_id"]
    persona.spoil(SUBSCRIPTIONS, day=1, transaction_date=milliseconds, purchase_id=order)


@KINDS.fault()
def premium_without_access(persona: Persona) -> None:
    """A month that expired, and a plan that is premium all the same."""
    opening = steps.plain_month(persona, persona.at(1))
    persona.spoil(SUBSCRIPTIONS, day=1, plan="premium", expires_at=opening["expires_at"])
