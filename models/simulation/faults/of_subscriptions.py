"""Faults of subscription events: missing, doubled, in the wrong order, late."""

from __future__ import annotations

from typing import Any

from models.simulation.faults.plot import Plot, Row, Victim, fault, moment, typical_fault, unseen
from models.simulation.faults.stories import (
    event,
    month_after,
    paid_month,
    price_at,
    tell_begin,
    tell_churn,
    tell_period,
    tell_receipt,
)
from models.simulation.parameters import DAY, HOUR
from models.simulation.prices import SUBSCRIPTION

EVENTS = "subscription_events"


def plain_month(plot: Plot, victim: Victim, start: int, **values: Any) -> Row:
    """A month that ends by an expired event, with its truth; returns the opening event."""
    opening, end = paid_month(plot, victim, start, **values)
    event(plot, victim, "expired", end + HOUR, ends=end)
    mrr = tell_period(plot, victim, opening, start=start, end=end, ended_by="expired")
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    return opening


@fault
def renewal_without_created(plot: Plot) -> None:
    """A renewal that opens a life nobody saw begin."""
    victim = plot.victim()
    opening = plain_month(plot, victim, victim.at(1), event_type="renewed")
    plot.plant(EVENTS, opening["id"], victim.user_id)


@fault
def expired_before_created(plot: Plot) -> None:
    """An expired event an hour before the created one."""
    victim = plot.victim()
    start = victim.at(1)
    row = event(plot, victim, "expired", start - HOUR, ends=start - HOUR)
    plain_month(plot, victim, start)
    plot.plant(EVENTS, row["id"], victim.user_id)


@typical_fault
def canceled_before_created(plot: Plot) -> None:
    """A canceled event that arrived before the created one."""
    victim = plot.victim()
    start = victim.at(1)
    row = event(plot, victim, "canceled", start - HOUR, ends=None)
    plain_month(plot, victim, start)
    plot.plant(EVENTS, row["id"], victim.user_id)


@fault
def overlapping_periods(plot: Plot) -> None:
    """A second subscription inside the first: it replaces it, and both were paid."""
    victim = plot.victim()
    start, again = victim.at(1), victim.at(16)
    first, end = paid_month(plot, victim, start)
    second, last = paid_month(plot, victim, again)
    event(plot, victim, "expired", last + HOUR, ends=last)
    mrr = tell_period(
        plot, victim, first, start=start, end=end, ended_by="replaced", effective_end=again
    )
    tell_period(plot, victim, second, start=again, end=last, ended_by="expired", chain=2)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, last, mrr)
    plot.plant(EVENTS, second["id"], victim.user_id)


@typical_fault
def expired_missing(plot: Plot) -> None:
    """A period after which nothing more was heard."""
    victim = plot.victim()
    start = victim.at(1)
    opening, end = paid_month(plot, victim, start)
    mrr = tell_period(plot, victim, opening, start=start, end=end, ended_by="lapsed")
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    plot.plant(EVENTS, opening["id"], victim.user_id)


@fault
def expired_late(plot: Plot) -> None:
    """An expired event forty days late that does not say when."""
    victim = plot.victim()
    start = victim.at(1)
    opening, end = paid_month(plot, victim, start)
    row = event(plot, victim, "expired", end + 40 * DAY, ends=None)
    mrr = tell_period(plot, victim, opening, start=start, end=end, ended_by="expired")
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    plot.plant(EVENTS, row["id"], victim.user_id)


@typical_fault
def event_duplicated(plot: Plot) -> None:
    """A created event written twice with one order number."""
    victim = plot.victim()
    start = victim.at(1)
    opening = plain_month(plot, victim, start)
    end, order = month_after(start), opening["purchase_id"]
    row = event(plot, victim, "created", start + 5, ends=end, purchase_id=order)
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    original = f"{EVENTS}:{opening['id']}"
    tell_receipt(
        plot, EVENTS, row["id"], victim, start + 5,
        paid=price, verdict="duplicate_order", original=original,
    )  # fmt: skip
    plot.plant(EVENTS, row["id"], victim.user_id)


@fault
def expiry_unstated(plot: Plot) -> None:
    """A created event without the end of what it opens: the plan's length tells it."""
    victim = plot.victim()
    opening = plain_month(plot, victim, victim.at(1), expires_at=None)
    plot.plant(EVENTS, opening["id"], victim.user_id)


@unseen("Case and blanks say nothing else: read as created.")
@fault
def event_type_in_capitals(plot: Plot) -> None:
    """An event type in capitals with a blank."""
    victim = plot.victim()
    opening = plain_month(plot, victim, victim.at(1), event_type="CREATED ")
    plot.plant(EVENTS, opening["id"], victim.user_id)


@fault
def renewal_after_grace(plot: Plot) -> None:
    """A renewal twenty days after the end: a return, not a continuation."""
    victim = plot.victim()
    start = victim.at(1)
    first, end = paid_month(plot, victim, start)
    back = end + 20 * DAY
    second, last = paid_month(plot, victim, back, event_type="renewed")
    event(plot, victim, "expired", last + HOUR, ends=last)
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="lapsed")
    tell_period(plot, victim, second, start=back, end=last, ended_by="expired", chain=2)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    tell_begin(plot, victim, back, mrr, again=True)
    tell_churn(plot, victim, last, mrr)
    plot.plant(EVENTS, second["id"], victim.user_id)


@fault
def milliseconds_for_iso(plot: Plot) -> None:
    """Epoch milliseconds in the column that holds ISO 8601."""
    victim = plot.victim()
    opening = plain_month(plot, victim, victim.at(1))
    plot.change(
        "subscriptions",
        victim.user_id,
        transaction_date=str(victim.at(1) * 1000),
        purchase_id=opening["purchase_id"],
        updated_at=moment(victim.at(1)),
    )
    plot.plant("subscriptions", victim.subscription_id, victim.user_id)


@fault
def premium_without_event(plot: Plot) -> None:
    """A premium subscription of which no event tells."""
    victim = plot.victim()
    plot.change(
        "subscriptions",
        victim.user_id,
        plan="premium",
        expires_at=moment(victim.at(90)),
        updated_at=moment(victim.at(1)),
    )
    plot.plant("subscriptions", victim.subscription_id, victim.user_id)


@fault
def premium_without_access(plot: Plot) -> None:
    """A month that expired, and a plan that is premium all the same."""
    victim = plot.victim()
    start = victim.at(1)
    opening = plain_month(plot, victim, start)
    plot.change(
        "subscriptions",
        victim.user_id,
        plan="premium",
        expires_at=opening["expires_at"],
        updated_at=moment(start),
    )
    plot.plant("subscriptions", victim.subscription_id, victim.user_id)
