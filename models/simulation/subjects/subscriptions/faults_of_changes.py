"""Faults of purchases that meet: late renewals, cancels, changes of plan, trials."""

from __future__ import annotations

from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import DAY, HOUR
from models.simulation.prices import TRIAL_DAYS
from models.simulation.scenario import Persona, Row, fault, moment, unseen, usd
from models.simulation.subjects.receipts.steps import tell_receipt
from models.simulation.subjects.subscriptions.steps import (
    event,
    month_after,
    on_plan,
    paid_month,
    price_of_plan,
    tell_begin,
    tell_change,
    tell_churn,
    tell_life,
    tell_period,
    tell_renewed_life,
)

EVENTS = "subscription_events"
GOOGLE = "google_play"
QUARTERLY, MONTHLY = "quarterly-plan", "monthly-plan"
TRIAL_OFFER: Row = {"offer_id": "free-trial"}


def third(price: int) -> int:
    """A quarter's price a month, rounded half up."""
    return (2 * price + 3) // 6


def quarter(
    persona: Persona, start: int, *, event_type: str, **values: Any
) -> tuple[Row, int, int]:
    """A paid quarter, expired at its end: (opening event, its end, its MRR)."""
    end = add_months_to(start, 3)
    price = price_of_plan(QUARTERLY, start)
    row = event(persona, event_type, at=start, ends=end, **on_plan(QUARTERLY), **values)
    tell_receipt(persona, EVENTS, row_id=row["id"], at=start, paid=price)
    event(persona, "expired", at=end + HOUR, ends=end, **on_plan(QUARTERLY), **values)
    tell_period(persona, row, start=start, end=end, ended_by="expired", chain=2,
        base_plan_id=QUARTERLY, billing_months=3,
        price_usd=usd(price), contracted_mrr_usd=usd(third(price)), mrr_usd=usd(third(price)),
    )  # fmt: skip
    return row, end, third(price)


@fault
def renewal_of_older_purchase(persona: Persona) -> None:
    """A month ends, a quarter is bought four days later, and then the month's renewal is told."""
    persona = persona.shops_at(GOOGLE)
    start, order = persona.at(0), persona.order("month")
    first, end = paid_month(persona, start, purchase_id=order)
    bought, last = end + 4 * DAY, month_after(end)
    _, over, mrr_after = quarter(
        persona, bought, event_type="created", purchase_id=persona.order("quarter")
    )
    late, _ = paid_month(
        persona, bought + DAY, event_type="renewed", ends=last, purchase_id=f"{order}..0"
    )
    mrr = tell_period(persona, first, start=start, end=end, ended_by="renewed")
    tell_period(persona, late, start=end, end=last, ended_by="replaced", effective_end=bought,
        renewal_number=1,
    )  # fmt: skip
    tell_begin(persona, start, mrr=mrr)
    tell_change(persona, bought, before=mrr, after=mrr_after)
    tell_churn(persona, over, mrr=mrr_after)
    persona.plant(EVENTS, late["id"])


@fault
def cancel_before_renewal(persona: Persona) -> None:
    """A cancel that names the period which a renewal told a week later opens."""
    start = persona.at(1)
    first, end = paid_month(persona, start)
    last = month_after(end)
    row = event(persona, "canceled", at=end + 4 * DAY, ends=last)
    renewal, _ = paid_month(persona, end + 11 * DAY, event_type="renewed", ends=last)
    event(persona, "expired", at=last + HOUR, ends=last)
    tell_renewed_life(
        persona, first, renewal=renewal, start=start, end=end, last=last, cancel=end + 4 * DAY
    )
    persona.plant(EVENTS, row["id"])


@unseen("A cancel is taken back by auto_renew alone: no event tells of it.")
@fault
def cancel_undone(persona: Persona) -> None:
    """A cancel after which auto_renew is true again, and the renewal comes."""
    start = persona.at(1)
    first, end = paid_month(persona, start)
    row = event(persona, "canceled", at=start + 3 * DAY, ends=None)
    persona.change("subscriptions", auto_renew=True, updated_at=moment(start + 7 * DAY))
    last = month_after(end)
    renewal, _ = paid_month(persona, end, event_type="renewed", ends=last)
    event(persona, "expired", at=last + HOUR, ends=last)
    tell_renewed_life(persona, first, renewal=renewal, start=start, end=end, last=last)
    persona.plant(EVENTS, row["id"])


@unseen("The old plan's rest pays for the first days of the new one, as stores document.")
@fault
def plan_change_without_charge(persona: Persona) -> None:
    """A month that becomes a quarterly plan, whose first nineteen days the month pays for."""
    persona = persona.shops_at(GOOGLE)
    start, order = persona.at(0), persona.order("quarter")
    first, end = paid_month(persona, start, purchase_id=persona.order("month"))
    changed, charged = start + 15 * DAY, start + 34 * DAY
    change = event(
        persona, "created", at=changed, ends=charged, purchase_id=order, **on_plan(QUARTERLY)
    )
    tell_receipt(
        persona,
        EVENTS,
        row_id=change["id"],
        at=changed,
        paid=-1,
        verdict="not_a_sale",
        basis="prorated",
    )
    _, over, mrr_after = quarter(persona, charged, event_type="renewed", purchase_id=f"{order}..0")
    mrr = tell_period(
        persona, first, start=start, end=end, ended_by="replaced", effective_end=changed
    )
    tell_period(persona, change, start=changed, end=charged, ended_by="renewed", chain=2,
        base_plan_id=QUARTERLY, billing_months=3, price_usd=usd(0),
        contracted_mrr_usd=usd(mrr_after), mrr_usd=usd(mrr_after),
    )  # fmt: skip
    tell_begin(persona, start, mrr=mrr)
    tell_change(persona, changed, before=mrr, after=mrr_after)
    tell_churn(persona, over, mrr=mrr_after)
    persona.plant(EVENTS, change["id"])


def trial(persona: Persona, start: int, *, event_type: str, order: str) -> Row:
    """A trial of seven days that is paid for: (its opening event). Counts as no sale."""
    end = start + TRIAL_DAYS * DAY
    row = event(persona, event_type, at=start, ends=end, purchase_id=order,
        **on_plan(MONTHLY), **TRIAL_OFFER,
    )  # fmt: skip
    tell_receipt(persona, EVENTS, row_id=row["id"], at=start, paid=-1, verdict="not_a_sale")
    tell_period(persona, row, start=start, end=end, ended_by="renewed", offer_id="free-trial",
        is_trial=True, price_usd=usd(0), contracted_mrr_usd=usd(0), mrr_usd=usd(0),
    )  # fmt: skip
    return row


def month_after_trial(persona: Persona, start: int, *, order: str, **offer: Any) -> Row:
    """The first paid month of who tried; it expires."""
    row, end = paid_month(persona, start, event_type="renewed", purchase_id=f"{order}..0", **offer)
    event(persona, "expired", at=end + HOUR, ends=end)
    tell_life(persona, row, start=start, end=end, ended_by="expired", **offer)
    return row


@unseen("Stores repeat an offer on each renewal: a charge at list price all the same.")
@fault
def trial_offer_repeated(persona: Persona) -> None:
    """A trial whose paid month names the trial's offer again."""
    persona, order = persona.shops_at(GOOGLE), persona.order("trial")
    start = persona.at(1)
    trial(persona, start, event_type="created", order=order)
    row = month_after_trial(persona, start + TRIAL_DAYS * DAY, order=order, **TRIAL_OFFER)
    persona.plant(EVENTS, row["id"])


@fault
def trial_told_twice(persona: Persona) -> None:
    """A trial told by two renewed events under one order number, ninety seconds apart."""
    persona, order = persona.shops_at(GOOGLE), persona.order("trial")
    start = persona.at(1)
    first = trial(persona, start, event_type="renewed", order=order)
    again = event(
        persona,
        "renewed",
        at=start + 90,
        ends=start + TRIAL_DAYS * DAY,
        purchase_id=order,
        **on_plan(MONTHLY),
        **TRIAL_OFFER,
    )
    tell_receipt(
        persona, EVENTS, row_id=again["id"], at=start + 90, paid=0, verdict="duplicate_order",
        original=f"{EVENTS}:{first['id']}",
    )  # fmt: skip
    month_after_trial(persona, start + TRIAL_DAYS * DAY, order=order)
    persona.plant(EVENTS, again["id"])
