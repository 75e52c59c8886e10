"""Faults of purchases that meet: late renewals, cancels, changes of plan, trials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.simulation.parameters import DAY
from models.simulation.prices import TRIAL_DAYS
from models.simulation.scenario import Kinds, Persona, Row, moment
from models.simulation.subjects.subscriptions import steps
from models.simulation.subjects.subscriptions.steps import EVENTS, GOOGLE, QUARTERLY, Period

KINDS = Kinds()
TRIAL_OFFER: Row = {"offer_id": "free-trial"}


def quarter(persona: Persona, start: int, *, kind: str, order: str) -> Period:
    """A paid quarter, expired at its end."""
    told: Row = {"base_plan_id": QUARTERLY, "purchase_id": order}
    bought = steps.period(persona, start, kind=kind, **told)
    steps.expire(persona, bought, **told)
    return bought


@KINDS.fault()
def renewal_of_older_purchase(persona: Persona) -> None:
    """A month ends, a quarter is bought four days later, and then the month's renewal is told."""
    persona = persona.shops_at(GOOGLE)
    order = persona.order("month")
    first = steps.period(persona, persona.at(0), purchase_id=order)
    bought = quarter(persona, first.end + 4 * DAY, kind="created", order=persona.order("quarter"))
    late = steps.period(
        persona,
        bought.told + DAY,
        kind="renewed",
        ends=steps.month_after(first.end),
        purchase_id=f"{order}..0",
    )
    steps.tell_life(persona, (bought, "expired"), (first, "renewed"), (late, "replaced"))
    persona.plant(EVENTS, late.opening["id"])


@KINDS.fault()
def cancel_before_renewal(persona: Persona) -> None:
    """A cancel that names the period which a renewal told a week later opens."""
    first = steps.period(persona, persona.at(1))
    canceled, last = first.end + 4 * DAY, steps.month_after(first.end)
    row = steps.event(persona, "canceled", at=canceled, ends=last)
    renewal = steps.period(persona, canceled + 7 * DAY, kind="renewed", ends=last)
    steps.expire(persona, renewal)
    steps.tell_life(persona, (first, "renewed"), (renewal, "expired"), cancel=canceled)
    persona.plant(EVENTS, row["id"])


@KINDS.fault(unseen="A cancel is taken back by auto_renew alone: no event tells of it.")
def cancel_undone(persona: Persona) -> None:
    """A cancel after which auto_renew is true again, and the renewal comes."""
    start = persona.at(1)
    first = steps.period(persona, start)
    row = steps.event(persona, "canceled", at=start + 3 * DAY, ends=None)
    persona.change("subscriptions", auto_renew=True, updated_at=moment(start + 7 * DAY))
    renewal = steps.period(persona, first.end, kind="renewed")
    steps.expire(persona, renewal)
    steps.tell_life(persona, (first, "renewed"), (renewal, "expired"))
    persona.plant(EVENTS, row["id"])


@KINDS.fault(unseen="The old plan's rest pays for the new one's first days, as stores document.")
def plan_change_without_charge(persona: Persona) -> None:
    """A month that becomes a quarterly plan, whose first nineteen days the month pays for."""
    persona = persona.shops_at(GOOGLE)
    start, order = persona.at(0), persona.order("quarter")
    first = steps.period(persona, start, purchase_id=persona.order("month"))
    change = steps.period(
        persona,
        start + 15 * DAY,
        ends=start + 34 * DAY,
        paid=-1,
        verdict="not_a_sale",
        basis="prorated",
        base_plan_id=QUARTERLY,
        purchase_id=order,
    )
    charged = quarter(persona, change.end, kind="renewed", order=f"{order}..0")
    change = replace(change, mrr=charged.mrr)
    steps.tell_life(persona, (charged, "expired"), (first, "replaced"), (change, "renewed"))
    persona.plant(EVENTS, change.opening["id"])


def trial(persona: Persona, *, kind: str) -> Period:
    """A trial of seven days, which counts as no sale."""
    start, order = persona.at(1), persona.order("trial")
    return steps.period(
        persona,
        start,
        kind=kind,
        ends=start + TRIAL_DAYS * DAY,
        paid=-1,
        verdict="not_a_sale",
        purchase_id=order,
        **TRIAL_OFFER,
    )


def pay_after(persona: Persona, tried: Period, **offer: Any) -> Period:
    """The first paid month of who tried; it expires."""
    order = f"{tried.opening['purchase_id']}..0"
    month = steps.period(persona, tried.end, kind="renewed", purchase_id=order, **offer)
    steps.expire(persona, month)
    steps.tell_life(persona, (tried, "renewed"), (month, "expired"))
    return month


@KINDS.fault(unseen="Stores repeat an offer on each renewal: a charge at list price all the same.")
def trial_offer_repeated(persona: Persona) -> None:
    """A trial whose paid month names the trial's offer again."""
    persona = persona.shops_at(GOOGLE)
    month = pay_after(persona, trial(persona, kind="created"), **TRIAL_OFFER)
    persona.plant(EVENTS, month.opening["id"])


@KINDS.fault()
def trial_told_twice(persona: Persona) -> None:
    """A trial told by two renewed events under one order number, ninety seconds apart."""
    persona = persona.shops_at(GOOGLE)
    tried = trial(persona, kind="renewed")
    steps.repeat(persona, tried, later=90)
    pay_after(persona, tried)
