"""Faults of purchases that meet: late renewals, cancels, changes of plan, trials."""

from __future__ import annotations

from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import DAY, HOUR
from models.simulation.prices import TRIAL_DAYS
from models.simulation.scenario import Kinds, Persona, Row, moment, usd
from models.simulation.subjects.receipts.steps import tell_receipt
from models.simulation.subjects.subscriptions import steps
from models.simulation.subjects.subscriptions.steps import EVENTS, GOOGLE, MONTHLY, QUARTERLY

KINDS = Kinds()
TRIAL_OFFER: Row = {"offer_id": "free-trial"}


def of_quarter(*, price: int, mrr: int) -> Row:
    """What differs in the truth of a quarter after a month."""
    monthly = {"contracted_mrr_usd": usd(mrr), "mrr_usd": usd(mrr)}
    plan = {"chain_number": 2, "base_plan_id": QUARTERLY, "billing_months": 3}
    return {**plan, "price_usd": usd(price), **monthly}


def quarter(
    persona: Persona, start: int, *, event_type: str, **values: Any
) -> tuple[Row, int, int]:
    """A paid quarter, expired at its end: (opening event, its end, its MRR rounded half up)."""
    end, price = add_months_to(start, 3), steps.price_of_plan(QUARTERLY, start)
    mrr = (2 * price + 3) // 6
    row = steps.event(persona, event_type, at=start, ends=end, **steps.on_plan(QUARTERLY), **values)
    tell_receipt(persona, EVENTS, row_id=row["id"], at=start, paid=price)
    steps.event(persona, "expired", at=end + HOUR, ends=end, **steps.on_plan(QUARTERLY), **values)
    of_plan = of_quarter(price=price, mrr=mrr)
    steps.tell_period(persona, row, start=start, end=end, ended_by="expired", **of_plan)
    return row, end, mrr


@KINDS.fault()
def renewal_of_older_purchase(persona: Persona) -> None:
    """A month ends, a quarter is bought four days later, and then the month's renewal is told."""
    persona = persona.shops_at(GOOGLE)
    start, order = persona.at(0), persona.order("month")
    first, end = steps.paid_month(persona, start, purchase_id=order)
    bought, last = end + 4 * DAY, steps.month_after(end)
    _, over, mrr_after = quarter(
        persona, bought, event_type="created", purchase_id=persona.order("quarter")
    )
    late, _ = steps.paid_month(
        persona, bought + DAY, event_type="renewed", ends=last, purchase_id=f"{order}..0"
    )
    mrr = steps.tell_period(persona, first, start=start, end=end, ended_by="renewed")
    steps.tell_period(persona, late, start=end, end=last, ended_by="replaced",
        effective_end=bought, renewal_number=1,
    )  # fmt: skip
    steps.tell_mrr(persona, (start, mrr), (bought, mrr_after), (over, 0))
    persona.plant(EVENTS, late["id"])


@KINDS.fault()
def cancel_before_renewal(persona: Persona) -> None:
    """A cancel that names the period which a renewal told a week later opens."""
    start = persona.at(1)
    first, end = steps.paid_month(persona, start)
    canceled, last = end + 4 * DAY, steps.month_after(end)
    row = steps.event(persona, "canceled", at=canceled, ends=last)
    renewal, _ = steps.paid_month(persona, end + 11 * DAY, event_type="renewed", ends=last)
    steps.event(persona, "expired", at=last + HOUR, ends=last)
    steps.tell_renewed_life(
        persona, first, renewal=renewal, start=start, end=end, last=last, cancel=canceled
    )
    persona.plant(EVENTS, row["id"])


@KINDS.fault(unseen="A cancel is taken back by auto_renew alone: no event tells of it.")
def cancel_undone(persona: Persona) -> None:
    """A cancel after which auto_renew is true again, and the renewal comes."""
    start = persona.at(1)
    first, end = steps.paid_month(persona, start)
    row = steps.event(persona, "canceled", at=start + 3 * DAY, ends=None)
    persona.change("subscriptions", auto_renew=True, updated_at=moment(start + 7 * DAY))
    renewal, last = steps.paid_month(persona, end, event_type="renewed")
    steps.event(persona, "expired", at=last + HOUR, ends=last)
    steps.tell_renewed_life(persona, first, renewal=renewal, start=start, end=end, last=last)
    persona.plant(EVENTS, row["id"])


@KINDS.fault(unseen="The old plan's rest pays for the new one's first days, as stores document.")
def plan_change_without_charge(persona: Persona) -> None:
    """A month that becomes a quarterly plan, whose first nineteen days the month pays for."""
    persona = persona.shops_at(GOOGLE)
    start, order = persona.at(0), persona.order("quarter")
    first, end = steps.paid_month(persona, start, purchase_id=persona.order("month"))
    changed, charged = start + 15 * DAY, start + 34 * DAY
    change = steps.event(
        persona, "created", at=changed, ends=charged, purchase_id=order, **steps.on_plan(QUARTERLY)
    )
    tell_receipt(persona, EVENTS, row_id=change["id"], at=changed, paid=-1,
        verdict="not_a_sale", basis="prorated",
    )  # fmt: skip
    _, over, after = quarter(persona, charged, event_type="renewed", purchase_id=f"{order}..0")
    mrr = steps.tell_period(
        persona, first, start=start, end=end, ended_by="replaced", effective_end=changed
    )
    prorated = of_quarter(price=0, mrr=after)
    steps.tell_period(persona, change, start=changed, end=charged, ended_by="renewed", **prorated)
    steps.tell_mrr(persona, (start, mrr), (changed, after), (over, 0))
    persona.plant(EVENTS, change["id"])


def trial(persona: Persona, start: int, *, event_type: str, order: str) -> Row:
    """A trial of seven days that is paid for: (its opening event). Counts as no sale."""
    end, offer = start + TRIAL_DAYS * DAY, steps.on_plan(MONTHLY) | TRIAL_OFFER
    row = steps.event(persona, event_type, at=start, ends=end, purchase_id=order, **offer)
    tell_receipt(persona, EVENTS, row_id=row["id"], at=start, paid=-1, verdict="not_a_sale")
    free = dict.fromkeys(("price_usd", "contracted_mrr_usd", "mrr_usd"), usd(0))
    of_trial = {"is_trial": True, **free, **TRIAL_OFFER}
    steps.tell_period(persona, row, start=start, end=end, ended_by="renewed", **of_trial)
    return row


def month_after_trial(persona: Persona, start: int, *, order: str, **offer: Any) -> Row:
    """The first paid month of who tried; it expires."""
    row, end = steps.paid_month(
        persona, start, event_type="renewed", purchase_id=f"{order}..0", **offer
    )
    steps.event(persona, "expired", at=end + HOUR, ends=end)
    steps.tell_life(persona, row, start=start, end=end, ended_by="expired", **offer)
    return row


@KINDS.fault(unseen="Stores repeat an offer on each renewal: a charge at list price all the same.")
def trial_offer_repeated(persona: Persona) -> None:
    """A trial whose paid month names the trial's offer again."""
    persona, order = persona.shops_at(GOOGLE), persona.order("trial")
    start = persona.at(1)
    trial(persona, start, event_type="created", order=order)
    row = month_after_trial(persona, start + TRIAL_DAYS * DAY, order=order, **TRIAL_OFFER)
    persona.plant(EVENTS, row["id"])


@KINDS.fault()
def trial_told_twice(persona: Persona) -> None:
    """A trial told by two renewed events under one order number, ninety seconds apart."""
    persona, order = persona.shops_at(GOOGLE), persona.order("trial")
    start = persona.at(1)
    end, again_at = start + TRIAL_DAYS * DAY, start + 90
    first = trial(persona, start, event_type="renewed", order=order)
    offer = steps.on_plan(MONTHLY) | TRIAL_OFFER
    again = steps.event(persona, "renewed", at=again_at, ends=end, purchase_id=order, **offer)
    tell_receipt(persona, EVENTS, row_id=again["id"], at=again_at, paid=0,
        verdict="duplicate_order", original=f"{EVENTS}:{first['id']}",
    )  # fmt: skip
    month_after_trial(persona, end, order=order)
    persona.plant(EVENTS, again["id"])
