"""Faults of subscription events: missing, doubled, in the wrong order, late, at no likely time."""

from __future__ import annotations

from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import DAY, GRACE_DAYS, HOUR
from models.simulation.scenario import Kinds, Persona, moment
from models.simulation.subjects.subscriptions import steps
from models.simulation.subjects.subscriptions.steps import EVENTS, GOOGLE, SUBSCRIPTIONS

KINDS = Kinds()
NEVER_ENDS = 221_845_392_000  # not before the year 9000


def opening_fault(persona: Persona, **values: Any) -> None:
    """A plain month whose opening event is the fault."""
    persona.plant(EVENTS, steps.plain_month(persona, persona.at(1), **values).opening["id"])


# a life that nobody saw begin
KINDS.enter("renewal_without_created", opening_fault, kind="renewed")
# the plan's length tells the end
KINDS.enter("expiry_unstated", opening_fault, expires_at=None)
KINDS.enter(
    "event_type_in_capitals",
    opening_fault,
    kind="CREATED ",
    unseen="Case and blanks say nothing else: read as created.",
)
KINDS.enter(
    "premium_without_event",
    lambda p: p.spoil(SUBSCRIPTIONS, day=1, plan="premium", expires_at=moment(p.at(90))),
)


def told_too_early(persona: Persona, kind: str, *, ends: bool) -> None:
    """An event an hour before the created one."""
    early = persona.at(1) - HOUR
    row = steps.event(persona, kind, at=early, ends=early if ends else None)
    steps.plain_month(persona, persona.at(1))
    persona.plant(EVENTS, row["id"])


KINDS.enter("expired_before_created", told_too_early, kind="expired", ends=True)
KINDS.enter("canceled_before_created", told_too_early, kind="canceled", ends=False, typical=True)


@KINDS.fault()
def overlapping_periods(persona: Persona) -> None:
    """A second subscription inside the first: it replaces it, and both were paid."""
    first = steps.period(persona, persona.at(1))
    second = steps.period(persona, persona.at(16))
    steps.expire(persona, second)
    steps.tell_life(persona, (first, "replaced"), (second, "expired"))
    persona.plant(EVENTS, second.opening["id"])


@KINDS.fault(typical=True)
def expired_missing(persona: Persona) -> None:
    """A period after which nothing more was heard."""
    month = steps.period(persona, persona.at(1))
    steps.tell_life(persona, (month, "lapsed"))
    persona.plant(EVENTS, month.opening["id"])


@KINDS.fault()
def expired_late(persona: Persona) -> None:
    """An expired event forty days late that does not say when."""
    month = steps.period(persona, persona.at(1))
    row = steps.event(persona, "expired", at=month.end + 40 * DAY, ends=None)
    steps.tell_life(persona, (month, "expired"))
    persona.plant(EVENTS, row["id"])


@KINDS.fault(typical=True)
def event_duplicated(persona: Persona) -> None:
    """A created event written twice with one order number."""
    steps.repeat(persona, steps.plain_month(persona, persona.at(1)), later=5)


@KINDS.fault()
def renewal_after_grace(persona: Persona) -> None:
    """A renewal twenty days after the end: a return, not a continuation."""
    start = persona.at(1)
    told = steps.month_after(start) + 20 * DAY
    renewal = steps.renewed_month(persona, start, told=told, ended_by="lapsed")
    persona.plant(EVENTS, renewal.opening["id"])


@KINDS.fault()
def milliseconds_for_iso(persona: Persona) -> None:
    """Epoch milliseconds in the column that holds ISO 8601."""
    order = steps.plain_month(persona, persona.at(1)).opening["purchase_id"]
    milliseconds = str(persona.at(1) * 1000)
    persona.spoil(SUBSCRIPTIONS, day=1, transaction_date=milliseconds, purchase_id=order)


@KINDS.fault()
def premium_without_access(persona: Persona) -> None:
    """A month that expired, and a plan that is premium all the same."""
    end = steps.plain_month(persona, persona.at(1)).end
    persona.spoil(SUBSCRIPTIONS, day=1, plan="premium", expires_at=moment(end))


@KINDS.fault()
def period_that_never_ends(persona: Persona) -> None:
    """A period of thousands of years."""
    endless = steps.period(persona, persona.at(1), ends=NEVER_ENDS, verdict="implausible")
    steps.tell_life(persona, (endless, "lapsed"))
    persona.plant(EVENTS, endless.opening["id"])


@KINDS.fault()
def periods_of_five_minutes(persona: Persona) -> None:
    """What the store's sandbox makes of a month: renewed every five minutes, for a customer."""
    persona = persona.shops_at("app_store")
    start = persona.at(1)
    first, second, third = (
        steps.period(persona, begin, kind=kind, ends=begin + 300, verdict="implausible")
        for begin, kind in ((start, "created"), (start + 300, "renewed"), (start + 600, "renewed"))
    )
    steps.event(persona, "expired", at=third.end + 60, ends=third.end)
    steps.tell_life(persona, (first, "renewed"), (second, "renewed"), (third, "expired"))
    for each in (first, second, third):
        persona.plant(EVENTS, each.opening["id"])


@KINDS.fault()
def event_of_the_future(persona: Persona) -> None:
    """A created event dated four hundred days after the opening."""
    bought = steps.period(persona, persona.scenario.opened + 400 * DAY, verdict="future")
    persona.plant(EVENTS, bought.opening["id"])


@KINDS.fault()
def renewal_told_late(persona: Persona) -> None:
    """A renewal told twenty days late: it names the month that followed, and goes on from there."""
    persona, start = persona.shops_at(GOOGLE), persona.at(1)
    end, order = steps.month_after(start), persona.order("chain")
    late = steps.renewed_month(
        persona,
        start,
        told=end + 20 * DAY,
        ends=steps.month_after(end),
        orders=(order, f"{order}..0"),
    )
    persona.plant(EVENTS, late.opening["id"])


@KINDS.fault()
def renewal_lost(persona: Persona) -> None:
    """Of two renewals the first never arrived: the month between is no revenue and no access."""
    persona, start = persona.shops_at(GOOGLE), persona.at(1)
    told, order = steps.month_after(steps.month_after(start)), persona.order("chain")
    orders = (order, f"{order}..1")
    renewal = steps.renewed_month(persona, start, told=told, ended_by="lapsed", orders=orders)
    persona.plant(EVENTS, renewal.opening["id"])


@KINDS.fault(unseen="An account may be closed at any time: its facts stay.")
def account_closed(persona: Persona) -> None:
    """A paid month that ended two weeks before the opening; then the account is closed."""
    start = add_months_to(persona.scenario.opened - 29 * DAY // 2, -1)
    month = steps.period(persona, start)
    persona.change(SUBSCRIPTIONS, plan="premium", auto_renew=True, updated_at=moment(start))
    has_lapsed = persona.scenario.until >= month.end + GRACE_DAYS * DAY
    steps.tell_life(persona, (month, "lapsed" if has_lapsed else "open"))
    if persona.knows(persona.scenario.opened + DAY):
        persona.scenario.removed.append(persona.user_id)
    persona.plant("user_profile")
