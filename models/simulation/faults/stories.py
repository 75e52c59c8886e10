"""Parts from which faults are told: a pack, a sale, an event, each with its truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.simulation.billing import IOS_PREFIX
from models.simulation.calendar import add_months_to
from models.simulation.faults.plot import Plot, Row, Victim, moment, usd
from models.simulation.prices import SUBSCRIPTION, price_list


def price_at(product: str, seconds: int) -> int:
    """The list price in hundredths of a cent, below 0 where there is none."""
    return int(price_list().price(product, None, np.array([seconds]))[0])


def product_of(victim: Victim, product: str) -> str:
    """The product's id in the victim's store."""
    return IOS_PREFIX + product if victim.store == "app_store" else product


def tell_receipt(
    plot: Plot,
    table: str,
    row_id: str,
    victim: Victim,
    at: int,
    *,
    paid: int,
    verdict: str = "counted",
    basis: str = "price_book",
    original: str | None = None,
    refunded: int | None = None,
) -> None:
    """The truth of a receipt; `original` is what it repeats, `paid` below 0 is unknown or none."""
    plot.tell(
        "receipts",
        receipt_id=f"{table}:{row_id}",
        source_table=table,
        source_id=row_id,
        user_id=victim.user_id,
        is_test=verdict == "test",
        verdict=verdict,
        duplicate_of=original,
        transacted_at=moment(at),
        paid_usd=usd(paid) if paid >= 0 else None,
        price_basis=basis if paid >= 0 or basis == "prorated" else "none",
        refunded_at=None if refunded is None else moment(refunded),
    )


def pack(
    plot: Plot, victim: Victim, day: float, name: str, *, paid: int | None = None, **values: Any
) -> Row:
    """A pack of 4,000 credits; `verdict`, `basis`, `original` and `recorded` tell its truth.

    A counted one becomes a lot and raises the bank. `recorded` is the created_at where it differs
    from the instant of the sale.
    """
    at = victim.at(day)
    truth = {key: values.pop(key) for key in ("verdict", "basis", "original") if key in values}
    recorded = values.pop("recorded", at)
    row: Row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "product_id": product_of(victim, "ai_credits_4000"),
        "purchase_id": plot.order(name),
        "purchase_token": plot.token(name),
        "source": victim.store,
        "credits_amount": 4_000,
        "amount_paid": None,
        "currency": None,
        "status": "purchased",
        "transaction_date": str(at * 1000),
        "created_at": moment(recorded),
        "updated_at": moment(recorded),
    } | values
    price = price_at("ai_credits_4000", at) if paid is None else paid
    tell_receipt(plot, "ai_credit_purchases", row["id"], victim, at, paid=price, **truth)
    if truth.get("verdict", "counted") == "counted":
        raise_bank(plot, victim, at, 4_000)
        plot.tell(
            "credit_lots",
            lot_id=f"ai_credit_purchases:{row['id']}",
            user_id=victim.user_id,
            purchased_at=moment(at),
            credits=4_000,
            paid_usd=usd(price),
            refunded_at=None,
            consumed_credits=0,
            debt_credits=0,
            revoked_credits=0,
            remaining_credits=4_000,
        )
    return plot.add("ai_credit_purchases", row)


def raise_bank(plot: Plot, victim: Victim, at: int, credits: int) -> None:
    """Let a pack raise the bank total, as its validation does."""
    now = plot.changed.get("ai_usage", {}).get(victim.user_id, {})
    total = now.get("bank_limit_credits", 0) + credits
    plot.change("ai_usage", victim.user_id, bank_limit_credits=total, updated_at=moment(at))


def course_sale(plot: Plot, victim: Victim, day: float, name: str, **values: Any) -> Row:
    """A course sold singly under the old list, else unpriced."""
    at = victim.at(day)
    truth = {key: values.pop(key) for key in ("verdict", "original") if key in values}
    row: Row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "course_code": "H01ENB",
        "voice": "Female",
        "product_id": product_of(victim, "h01enb"),
        "purchase_id": plot.order(name),
        "purchase_token": plot.token(name),
        "source": victim.store,
        "status": "purchased",
        "transaction_date": str(at * 1000),
        "created_at": moment(at),
        "updated_at": moment(at),
    } | values
    paid = price_at("h01enb", at)
    if row["source"] not in ("google_play", "app_store"):
        truth["verdict"], paid = "not_a_sale", -1
    elif paid < 0:
        truth.setdefault("verdict", "unpriced")
    tell_receipt(plot, "course_purchases", row["id"], victim, at, paid=paid, **truth)
    return plot.add("course_purchases", row)


def event(
    plot: Plot, victim: Victim, event_type: str, at: int, *, ends: int | None, **values: Any
) -> Row:
    """A subscription event on the monthly plan."""
    google = victim.store == "google_play"
    product = SUBSCRIPTION if google else IOS_PREFIX + "subscription_1month"
    row: Row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "subscription_id": victim.subscription_id,
        "event_type": event_type,
        "product_id": product,
        "base_plan_id": "monthly-plan" if google else None,
        "offer_id": None,
        "source": victim.store,
        "purchase_id": plot.order(f"event {plot.counter}"),
        "expires_at": None if ends is None else moment(ends),
        "details": "{}",
        "created_at": moment(at),
    } | values
    return plot.add("subscription_events", row)


def month_after(at: int) -> int:
    """One month later."""
    return add_months_to(at, 1)


def on_plan(plan: str) -> Row:
    """What an event on one of Google's plans says of it."""
    return {"product_id": SUBSCRIPTION, "base_plan_id": plan}


def price_of_plan(plan: str, at: int) -> int:
    """The list price of a plan, in hundredths of a cent."""
    return price_at(f"{SUBSCRIPTION}/{plan}", at)


def paid_month(
    plot: Plot,
    victim: Victim,
    start: int,
    *,
    event_type: str = "created",
    ends: int | None = None,
    **values: Any,
) -> tuple[Row, int]:
    """A paid month without its end: (opening event, second at which it ends). Counts as revenue."""
    end = month_after(start) if ends is None else ends
    row = event(plot, victim, event_type, start, ends=end, **values)
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    tell_receipt(plot, "subscription_events", row["id"], victim, start, paid=price)
    return row, end


def tell_period(
    plot: Plot,
    victim: Victim,
    opening: Row,
    *,
    start: int,
    end: int,
    ended_by: str,
    effective_end: int | None = None,
    chain: int = 1,
    cancel: int | None = None,
    **values: Any,
) -> int:
    """The truth of a paid month; returns its MRR in hundredths of a cent.

    `values` are what differs in a period of another kind.
    """
    price = price_at(f"{SUBSCRIPTION}/monthly-plan", start)
    told: Row = {
        "period_id": opening["id"],
        "user_id": victim.user_id,
        "is_test": False,
        "chain_number": chain,
        "renewal_number": 0,
        "base_plan_id": "monthly-plan",
        "billing_months": 1,
        "store": victim.store,
        "offer_id": None,
        "period_start_at": moment(start),
        "period_end_at": moment(end),
        "effective_end_at": moment(end if effective_end is None else effective_end),
        "is_trial": False,
        "price_usd": usd(price),
        "contracted_mrr_usd": usd(price),
        "mrr_usd": usd(price),
        "cancel_intent_at": None if cancel is None else moment(cancel),
        "ended_by": ended_by,
    }
    plot.tell("subscription_periods", **(told | values))
    return price


def tell_begin(plot: Plot, victim: Victim, at: int, mrr: int, *, again: bool = False) -> None:
    """The truth of a movement from nothing."""
    plot.tell(
        "mrr_movements",
        user_id=victim.user_id,
        movement_at=moment(at),
        movement_type="reactivation" if again else "new",
        mrr_before_usd=usd(0),
        mrr_after_usd=usd(mrr),
        mrr_delta_usd=usd(mrr),
        churn_reason=None,
    )


def tell_change(plot: Plot, victim: Victim, at: int, before: int, after: int) -> None:
    """The truth of a movement from one MRR to a lower one."""
    plot.tell(
        "mrr_movements",
        user_id=victim.user_id,
        movement_at=moment(at),
        movement_type="contraction",
        mrr_before_usd=usd(before),
        mrr_after_usd=usd(after),
        mrr_delta_usd=usd(after - before),
        churn_reason=None,
    )


def tell_churn(plot: Plot, victim: Victim, at: int, mrr: int, *, voluntary: bool = False) -> None:
    """The truth of a movement to nothing."""
    plot.tell(
        "mrr_movements",
        user_id=victim.user_id,
        movement_at=moment(at),
        movement_type="churn",
        mrr_before_usd=usd(mrr),
        mrr_after_usd=usd(0),
        mrr_delta_usd=usd(-mrr),
        churn_reason="voluntary" if voluntary else "involuntary",
    )
