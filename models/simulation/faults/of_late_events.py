"""Faults and hard cases of purchases that events name: told late, out of turn, twice, or never."""

from __future__ import annotations

from typing import Any

from models.simulation.calendar import add_months_to
from models.simulation.faults.plot import Plot, Row, Victim, fault, moment, unseen, usd
from models.simulation.faults.stories import (
    event,
    month_after,
    on_plan,
    paid_month,
    price_of_plan,
    tell_begin,
    tell_change,
    tell_churn,
    tell_period,
    tell_receipt,
)
from models.simulation.parameters import DAY, HOUR
from models.simulation.prices import TRIAL_DAYS

EVENTS = "subscription_events"
GOOGLE = "google_play"
QUARTERLY, MONTHLY = "quarterly-plan", "monthly-plan"
TRIAL_OFFER: Row = {"offer_id": "free-trial"}


def third(price: int) -> int:
    """A quarter's price a month, rounded half up."""
    return (2 * price + 3) // 6


def quarter(
    plot: Plot, victim: Victim, start: int, event_type: str, **values: Any
) -> tuple[Row, int, int]:
    """A paid quarter, expired at its end: (opening event, its end, its MRR)."""
    end = add_months_to(start, 3)
    price = price_of_plan(QUARTERLY, start)
    row = event(plot, victim, event_type, start, ends=end, **on_plan(QUARTERLY), **values)
    tell_receipt(plot, EVENTS, row["id"], victim, start, paid=price)
    event(plot, victim, "expired", end + HOUR, ends=end, **on_plan(QUARTERLY), **values)
    tell_period(
        plot, victim, row, start=start, end=end, ended_by="expired", chain=2,
        base_plan_id=QUARTERLY, billing_months=3,
        price_usd=usd(price), contracted_mrr_usd=usd(third(price)), mrr_usd=usd(third(price)),
    )  # fmt: skip
    return row, end, third(price)


@fault
def renewal_of_older_purchase(plot: Plot) -> None:
    """A month ends, a quarter is bought four days later, and then the month's renewal is told."""
    victim = plot.victim().shops_at(GOOGLE)
    start, order = victim.at(0), plot.order("month")
    first, end = paid_month(plot, victim, start, purchase_id=order)
    bought, last = end + 4 * DAY, month_after(end)
    _, over, mrr_after = quarter(plot, victim, bought, "created", purchase_id=plot.order("quarter"))
    late, _ = paid_month(
        plot, victim, bought + DAY, event_type="renewed", ends=last, purchase_id=f"{order}..0"
    )
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="renewed")
    tell_period(
        plot, victim, late, start=end, end=last, ended_by="replaced", effective_end=bought,
        renewal_number=1,
    )  # fmt: skip
    tell_begin(plot, victim, start, mrr)
    tell_change(plot, victim, bought, mrr, mrr_after)
    tell_churn(plot, victim, over, mrr_after)
    plot.plant(EVENTS, late["id"], victim.user_id)


@fault
def cancel_before_renewal(plot: Plot) -> None:
    """A cancel that names the period which a renewal told a week later opens."""
    victim = plot.victim()
    start = victim.at(1)
    first, end = paid_month(plot, victim, start)
    last = month_after(end)
    row = event(plot, victim, "canceled", end + 4 * DAY, ends=last)
    renewal, _ = paid_month(plot, victim, end + 11 * DAY, event_type="renewed", ends=last)
    event(plot, victim, "expired", last + HOUR, ends=last)
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="renewed")
    tell_period(
        plot, victim, renewal, start=end, end=last, ended_by="expired", cancel=end + 4 * DAY,
        renewal_number=1,
    )  # fmt: skip
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, last, mrr, voluntary=True)
    plot.plant(EVENTS, row["id"], victim.user_id)


@unseen("A cancel is taken back by auto_renew alone: no event tells of it.")
@fault
def cancel_undone(plot: Plot) -> None:
    """A cancel after which auto_renew is true again, and the renewal comes."""
    victim = plot.victim()
    start = victim.at(1)
    first, end = paid_month(plot, victim, start)
    row = event(plot, victim, "canceled", start + 3 * DAY, ends=None)
    plot.change(
        "subscriptions", victim.user_id, auto_renew=True, updated_at=moment(start + 7 * DAY)
    )
    last = month_after(end)
    renewal, _ = paid_month(plot, victim, end, event_type="renewed", ends=last)
    event(plot, victim, "expired", last + HOUR, ends=last)
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="renewed")
    tell_period(plot, victim, renewal, start=end, end=last, ended_by="expired", renewal_number=1)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, last, mrr)
    plot.plant(EVENTS, row["id"], victim.user_id)


@unseen("The old plan's rest pays for the first days of the new one, as stores document.")
@fault
def plan_change_without_charge(plot: Plot) -> None:
    """A month that becomes a quarterly plan, whose first nineteen days the month pays for."""
    victim = plot.victim().shops_at(GOOGLE)
    start, order = victim.at(0), plot.order("quarter")
    first, end = paid_month(plot, victim, start, purchase_id=plot.order("month"))
    changed, charged = start + 15 * DAY, start + 34 * DAY
    change = event(
        plot, victim, "created", changed, ends=charged, purchase_id=order, **on_plan(QUARTERLY)
    )
    tell_receipt(
        plot, EVENTS, change["id"], victim, changed, paid=-1, verdict="not_a_sale", basis="prorated"
    )
    _, over, mrr_after = quarter(plot, victim, charged, "renewed", purchase_id=f"{order}..0")
    mrr = tell_period(
        plot, victim, first, start=start, end=end, ended_by="replaced", effective_end=changed
    )
    tell_period(
        plot, victim, change, start=changed, end=charged, ended_by="renewed", chain=2,
        base_plan_id=QUARTERLY, billing_months=3, price_usd=usd(0),
        contracted_mrr_usd=usd(mrr_after), mrr_usd=usd(mrr_after),
    )  # fmt: skip
    tell_begin(plot, victim, start, mrr)
    tell_change(plot, victim, changed, mrr, mrr_after)
    tell_churn(plot, victim, over, mrr_after)
    plot.plant(EVENTS, change["id"], victim.user_id)


def trial(plot: Plot, victim: Victim, start: int, event_type: str, order: str) -> Row:
    """A trial of seven days that is paid for: (its opening event). Counts as no sale."""
    end = start + TRIAL_DAYS * DAY
    row = event(
        plot, victim, event_type, start, ends=end, purchase_id=order,
        **on_plan(MONTHLY), **TRIAL_OFFER,
    )  # fmt: skip
    tell_receipt(plot, EVENTS, row["id"], victim, start, paid=-1, verdict="not_a_sale")
    tell_period(
        plot, victim, row, start=start, end=end, ended_by="renewed", offer_id="free-trial",
        is_trial=True, price_usd=usd(0), contracted_mrr_usd=usd(0), mrr_usd=usd(0),
    )  # fmt: skip
    return row


def month_after_trial(plot: Plot, victim: Victim, start: int, order: str, **offer: Any) -> Row:
    """The first paid month of who tried; it expires."""
    row, end = paid_month(
        plot, victim, start, event_type="renewed", purchase_id=f"{order}..0", **offer
    )
    event(plot, victim, "expired", end + HOUR, ends=end)
    mrr = tell_period(plot, victim, row, start=start, end=end, ended_by="expired", **offer)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    return row


@unseen("Stores repeat an offer on each renewal: a charge at list price all the same.")
@fault
def trial_offer_repeated(plot: Plot) -> None:
    """A trial whose paid month names the trial's offer again."""
    victim, order = plot.victim().shops_at(GOOGLE), plot.order("trial")
    start = victim.at(1)
    trial(plot, victim, start, "created", order)
    row = month_after_trial(plot, victim, start + TRIAL_DAYS * DAY, order, **TRIAL_OFFER)
    plot.plant(EVENTS, row["id"], victim.user_id)


@fault
def trial_told_twice(plot: Plot) -> None:
    """A trial told by two renewed events under one order number, ninety seconds apart."""
    victim, order = plot.victim().shops_at(GOOGLE), plot.order("trial")
    start = victim.at(1)
    first = trial(plot, victim, start, "renewed", order)
    again = event(
        plot, victim, "renewed", start + 90, ends=start + TRIAL_DAYS * DAY, purchase_id=order,
        **on_plan(MONTHLY), **TRIAL_OFFER,
    )  # fmt: skip
    tell_receipt(
        plot, EVENTS, again["id"], victim, start + 90, paid=0, verdict="duplicate_order",
        original=f"{EVENTS}:{first['id']}",
    )  # fmt: skip
    month_after_trial(plot, victim, start + TRIAL_DAYS * DAY, order)
    plot.plant(EVENTS, again["id"], victim.user_id)


def implausible_period(
    plot: Plot, victim: Victim, start: int, end: int, kind: str, ended_by: str
) -> Row:
    """A period that its plan contradicts: no revenue, no access, no MRR."""
    row, _ = paid_month(plot, victim, start, event_type=kind, ends=end)
    plot.truth["receipts"][-1]["verdict"] = "implausible"
    tell_period(
        plot, victim, row, start=start, end=end, effective_end=start, ended_by=ended_by,
        price_usd=None, contracted_mrr_usd=usd(0), mrr_usd=usd(0),
    )  # fmt: skip
    plot.plant(EVENTS, row["id"], victim.user_id)
    return row


@fault
def periods_of_five_minutes(plot: Plot) -> None:
    """What the store's sandbox makes of a month: renewed every five minutes, for a customer."""
    victim = plot.victim().shops_at("app_store")
    start = victim.at(1)
    for number, kind in enumerate(("created", "renewed", "renewed")):
        begin = start + number * 300
        ended_by = "expired" if number == 2 else "renewed"
        implausible_period(plot, victim, begin, begin + 300, kind, ended_by)
    event(plot, victim, "expired", start + 960, ends=start + 900)


@fault
def period_that_never_ends(plot: Plot) -> None:
    """A month that is said to end in the year 9000."""
    victim = plot.victim()
    implausible_period(plot, victim, victim.at(1), 221_845_392_000, "created", "lapsed")


@fault
def event_of_the_future(plot: Plot) -> None:
    """A created event dated four hundred days after the opening."""
    victim = plot.victim()
    row, _ = paid_month(plot, victim, plot.opened + 400 * DAY)
    plot.truth["receipts"][-1]["verdict"] = "future"
    plot.plant(EVENTS, row["id"], victim.user_id)


@fault
def renewal_told_late(plot: Plot) -> None:
    """A renewal told twenty days late: it names the month that followed, and goes on from there."""
    victim, order = plot.victim().shops_at(GOOGLE), plot.order("chain")
    start = victim.at(1)
    first, end = paid_month(plot, victim, start, purchase_id=order)
    last = month_after(end)
    late, _ = paid_month(
        plot, victim, end + 20 * DAY, event_type="renewed", ends=last, purchase_id=f"{order}..0"
    )
    event(plot, victim, "expired", last + HOUR, ends=last, purchase_id=f"{order}..0")
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="renewed")
    tell_period(plot, victim, late, start=end, end=last, ended_by="expired", renewal_number=1)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, last, mrr)
    plot.plant(EVENTS, late["id"], victim.user_id)


@fault
def renewal_lost(plot: Plot) -> None:
    """Of two renewals the first never arrived: the month between is no revenue and no access."""
    victim, order = plot.victim().shops_at(GOOGLE), plot.order("chain")
    start = victim.at(1)
    first, end = paid_month(plot, victim, start, purchase_id=order)
    back = month_after(end)
    second, last = paid_month(plot, victim, back, event_type="renewed", purchase_id=f"{order}..1")
    event(plot, victim, "expired", last + HOUR, ends=last, purchase_id=f"{order}..1")
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="lapsed")
    tell_period(plot, victim, second, start=back, end=last, ended_by="expired", chain=2)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, end, mrr)
    tell_begin(plot, victim, back, mrr, again=True)
    tell_churn(plot, victim, last, mrr)
    plot.plant(EVENTS, second["id"], victim.user_id)


@unseen("An account may be closed at any time: its facts stay.")
@fault
def account_closed(plot: Plot) -> None:
    """A paid month that ended two weeks before the opening; then the account is closed."""
    victim = plot.victim()
    end = plot.opened - 29 * DAY // 2
    start = add_months_to(end, -1)
    opening, end = paid_month(plot, victim, start)
    plot.change(
        "subscriptions", victim.user_id, plan="premium", auto_renew=True, updated_at=moment(start)
    )
    is_open = plot.until < end + 16 * DAY
    mrr = tell_period(
        plot, victim, opening, start=start, end=end, ended_by="open" if is_open else "lapsed"
    )
    tell_begin(plot, victim, start, mrr)
    if not is_open:
        tell_churn(plot, victim, end, mrr)
    if plot.until > plot.opened + DAY:
        plot.removed.append(victim.user_id)
    plot.plant("user_profile", victim.user_id, victim.user_id)
