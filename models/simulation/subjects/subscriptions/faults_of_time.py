"""Faults of periods and events whose time cannot be right, or that come too late."""

from __future__ import annotations

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import DAY, GRACE_DAYS, HOUR
from models.simulation.scenario import Kinds, Persona, moment, usd
from models.simulation.subjects.subscriptions import steps
from models.simulation.subjects.subscriptions.steps import EVENTS, GOOGLE, SUBSCRIPTIONS

KINDS = Kinds()


def implausible_period(persona: Persona, start: int, *, end: int, kind: str, ended_by: str) -> None:
    """A period that its plan contradicts: no revenue, no access, no MRR."""
    row, _ = steps.paid_month(persona, start, event_type=kind, ends=end, verdict="implausible")
    steps.tell_period(persona, row, start=start, end=end, effective_end=start, ended_by=ended_by,
        price_usd=None, contracted_mrr_usd=usd(0), mrr_usd=usd(0),
    )  # fmt: skip
    persona.plant(EVENTS, row["id"])


KINDS.enter(  # not before the year 9000
    "period_that_never_ends",
    lambda p: implausible_period(
        p, p.at(1), end=221_845_392_000, kind="created", ended_by="lapsed"
    ),
)


@KINDS.fault()
def periods_of_five_minutes(persona: Persona) -> None:
    """What the store's sandbox makes of a month: renewed every five minutes, for a customer."""
    persona = persona.shops_at("app_store")
    start = persona.at(1)
    for number, kind in enumerate(("created", "renewed", "renewed")):
        begin = start + number * 300
        ended_by = "expired" if number == 2 else "renewed"
        implausible_period(persona, begin, end=begin + 300, kind=kind, ended_by=ended_by)
    steps.event(persona, "expired", at=start + 960, ends=start + 900)


@KINDS.fault()
def event_of_the_future(persona: Persona) -> None:
    """A created event dated four hundred days after the opening."""
    row, _ = steps.paid_month(persona, persona.scenario.opened + 400 * DAY, verdict="future")
    persona.plant(EVENTS, row["id"])


@KINDS.fault()
def renewal_told_late(persona: Persona) -> None:
    """A renewal told twenty days late: it names the month that followed, and goes on from there."""
    persona, order = persona.shops_at(GOOGLE), persona.order("chain")
    start = persona.at(1)
    first, end = steps.paid_month(persona, start, purchase_id=order)
    last = steps.month_after(end)
    late, _ = steps.paid_month(
        persona, end + 20 * DAY, event_type="renewed", ends=last, purchase_id=f"{order}..0"
    )
    steps.event(persona, "expired", at=last + HOUR, ends=last, purchase_id=f"{order}..0")
    steps.tell_renewed_life(persona, first, renewal=late, start=start, end=end, last=last)
    persona.plant(EVENTS, late["id"])


@KINDS.fault()
def renewal_lost(persona: Persona) -> None:
    """Of two renewals the first never arrived: the month between is no revenue and no access."""
    persona, order = persona.shops_at(GOOGLE), persona.order("chain")
    start = persona.at(1)
    renewal = steps.two_lives(
        persona, start, back=steps.month_after(steps.month_after(start)), order=order
    )
    persona.plant(EVENTS, renewal["id"])


@KINDS.fault(unseen="An account may be closed at any time: its facts stay.")
def account_closed(persona: Persona) -> None:
    """A paid month that ended two weeks before the opening; then the account is closed."""
    end = persona.scenario.opened - 29 * DAY // 2
    start = add_months_to(end, -1)
    opening, end = steps.paid_month(persona, start)
    persona.change(SUBSCRIPTIONS, plan="premium", auto_renew=True, updated_at=moment(start))
    has_lapsed = persona.scenario.until >= end + GRACE_DAYS * DAY
    ended_by = "lapsed" if has_lapsed else "open"
    mrr = steps.tell_period(persona, opening, start=start, end=end, ended_by=ended_by)
    steps.tell_mrr(persona, (start, mrr), *([(end, 0)] if has_lapsed else []))
    if persona.knows(persona.scenario.opened + DAY):
        persona.scenario.removed.append(persona.user_id)
    persona.plant("user_profile")
