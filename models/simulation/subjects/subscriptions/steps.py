"""Steps of a scenario of subscriptions: an event, a period, a life, each with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.simulation.engine.calendar import add_months_to
from models.simulation.parameters import HOUR, NEVER
from models.simulation.prices import PLAN_MONTHS, PLANS, SUBSCRIPTION
from models.simulation.scenario import Persona, Row, moment, usd
from models.simulation.stores import IOS_PREFIX
from models.simulation.subjects.receipts.steps import price_at, tell_receipt

EVENTS, SUBSCRIPTIONS = "subscription_events", "subscriptions"
GOOGLE = "google_play"
MONTHLY, QUARTERLY, _ = PLANS


@dataclass(frozen=True)
class Period:
    """A period by its opening event, told at a second; money in hundredths of a cent.

    `price` is None where the period is implausible: no revenue, no access, no MRR.
    """

    opening: Row
    told: int
    end: int
    plan: str
    months: int
    price: int | None
    mrr: int


def event(persona: Persona, event_type: str, *, at: int, ends: int | None, **values: Any) -> Row:
    """A subscription event on the monthly plan."""
    google = persona.store == GOOGLE
    row_id, number = persona.scenario.new_id(), persona.scenario.counter
    row: Row = {
        "id": row_id,
        "subscription_id": persona.subscription_id,
        "event_type": event_type,
        "product_id": SUBSCRIPTION if google else f"{IOS_PREFIX}subscription_1month",
        "base_plan_id": MONTHLY if google else None,
        "source": persona.store,
        "purchase_id": persona.order(f"event {number}"),
        "expires_at": None if ends is None else moment(ends),
        "details": "{}",
        "created_at": moment(at),
    }
    return persona.scenario.add(EVENTS, {"user_id": persona.user_id} | row | values)


def month_after(at: int) -> int:
    """One month later."""
    return add_months_to(at, 1)


def period(
    persona: Persona,
    start: int,
    *,
    kind: str = "created",
    ends: int | None = None,
    paid: int | None = None,
    verdict: str = "counted",
    basis: str = "price_book",
    **values: Any,
) -> Period:
    """A period without its end: a month at its list price, if nothing else is said.

    `paid` below 0 is no sale; `values` are the opening event's.
    """
    plan = values.get("base_plan_id", MONTHLY)
    months = int(PLAN_MONTHS[PLANS.index(plan)])
    end = add_months_to(start, months) if ends is None else ends
    opening = event(persona, kind, at=start, ends=end, **values)
    paid = price_at(f"{SUBSCRIPTION}/{plan}", start) if paid is None else paid
    sale = {"verdict": verdict, "basis": basis}
    tell_receipt(persona, EVENTS, row_id=opening["id"], at=start, paid=paid, **sale)
    price = None if verdict == "implausible" else max(paid, 0)
    mrr = (2 * (price or 0) + months) // (2 * months)
    return Period(opening, start, end, plan, months, price, mrr)


def expire(persona: Persona, last: Period, **values: Any) -> None:
    """The expired event an hour after a period's end."""
    event(persona, "expired", at=last.end + HOUR, ends=last.end, **values)


def tell_life(persona: Persona, *told: tuple[Period, str], cancel: int | None = None) -> None:
    """The truth of periods, each with how it ended, and of the MRR that they make.

    What follows a renewed one begins at its end, whenever it was told; a replaced one is over as
    the next begins. `cancel` is the last one's.
    """
    in_time = sorted(told, key=lambda each: each[0].end)
    nexts = [each.told for each, _ in in_time[1:]]
    start, chain, renewals = in_time[0][0].told, 1, 0
    rows: dict[str, Row] = {}
    path: list[tuple[int, int]] = []
    for (each, ended_by), next_told in zip(in_time, [*nexts, NEVER], strict=True):
        next_start = each.end if ended_by == "renewed" else next_told
        over = min(each.end, next_start)
        rows[each.opening["id"]] = {
            "period_id": each.opening["id"],
            "chain_number": chain,
            "renewal_number": renewals,
            "base_plan_id": each.plan,
            "billing_months": each.months,
            "store": persona.store,
            "offer_id": each.opening.get("offer_id"),
            "period_start_at": moment(start),
            "period_end_at": moment(each.end),
            "effective_end_at": moment(start if each.price is None else over),
            "is_trial": each.price == each.mrr == 0,
            "price_usd": None if each.price is None else usd(each.price),
            "contracted_mrr_usd": usd(each.mrr),
            "mrr_usd": usd(each.mrr),
            "cancel_intent_at": moment(cancel) if cancel and next_start == NEVER else None,
            "ended_by": ended_by,
        }
        path.append((start, each.mrr))
        if over < next_start and ended_by != "open":
            path.append((over, 0))
        is_renewed, start = ended_by == "renewed", next_start
        chain, renewals = (chain, renewals + bool(each.price)) if is_renewed else (chain + 1, 0)
    for each, _ in told:
        persona.tell("subscription_periods", **rows[each.opening["id"]])
    tell_mrr(persona, path, is_voluntary=cancel is not None)


def tell_mrr(persona: Persona, path: list[tuple[int, int]], *, is_voluntary: bool) -> None:
    """The truth of MRR that is so much from each (second, hundredths of a cent) of a path on."""
    before, kind = 0, "new"
    for at, after in path:
        if after == before:
            continue
        if before:
            kind = "expansion" if after > before else "contraction" if after else "churn"
        persona.tell(
            "mrr_movements",
            movement_at=moment(at),
            movement_type=kind,
            mrr_before_usd=usd(before),
            mrr_after_usd=usd(after),
            mrr_delta_usd=usd(after - before),
            churn_reason=None if after else "voluntary" if is_voluntary else "involuntary",
        )
        before, kind = after, "reactivation"


def repeat(persona: Persona, first: Period, *, later: int) -> None:
    """The fault that an opening event is told again, seconds later, under one order number."""
    at, original = first.told + later, first.opening["id"]
    row = first.opening | {"id": persona.scenario.new_id(), "created_at": moment(at)}
    persona.scenario.add(EVENTS, row)
    truth = {"verdict": "duplicate_order", "original": f"{EVENTS}:{original}"}
    tell_receipt(persona, EVENTS, row_id=row["id"], at=at, paid=first.price or 0, **truth)
    persona.plant(EVENTS, row["id"])


def plain_month(persona: Persona, start: int, **values: Any) -> Period:
    """A month that ends by an expired event."""
    month = period(persona, start, **values)
    expire(persona, month)
    tell_life(persona, (month, "expired"))
    return month


def renewed_month(
    persona: Persona,
    start: int,
    *,
    told: int,
    ended_by: str = "renewed",
    ends: int | None = None,
    orders: Sequence[str] = (),
) -> Period:
    """A month, and a renewal of it that is told at a second and expires: (the renewal).

    `orders` are the order numbers of the two.
    """
    named: list[Row] = [{"purchase_id": order} for order in orders] or [{}, {}]
    first = period(persona, start, **named[0])
    renewal = period(persona, told, kind="renewed", ends=ends, **named[1])
    expire(persona, renewal, **named[1])
    tell_life(persona, (first, ended_by), (renewal, "expired"))
    return renewal
