"""Steps of a scenario at the shop: a pack, a course, each with its truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.simulation.prices import price_list
from models.simulation.scenario import Persona, Row, moment, usd
from models.simulation.stores import IOS_PREFIX
from models.words import STORES


def price_at(product: str, seconds: int) -> int:
    """The list price in hundredths of a cent, below 0 where there is none."""
    return int(price_list().price(product, None, seconds=np.array([seconds]))[0])


def product_of(persona: Persona, product: str) -> str:
    """The product's id in the persona's store."""
    return IOS_PREFIX + product if persona.store == "app_store" else product


def tell_receipt(
    persona: Persona,
    table: str,
    *,
    row_id: str,
    at: int,
    paid: int,
    verdict: str = "counted",
    basis: str = "price_book",
    original: str | None = None,
    refunded: int | None = None,
) -> None:
    """The truth of a receipt; `original` is what it repeats, `paid` below 0 is unknown or none."""
    persona.scenario.tell(
        "receipts",
        receipt_id=f"{table}:{row_id}",
        source_table=table,
        source_id=row_id,
        user_id=persona.user_id,
        is_test=verdict == "test",
        verdict=verdict,
        duplicate_of=original,
        transacted_at=moment(at),
        paid_usd=usd(paid) if paid >= 0 else None,
        price_basis=basis if paid >= 0 or basis == "prorated" else "none",
        refunded_at=None if refunded is None else moment(refunded),
    )


def pack(persona: Persona, day: float, *, name: str, paid: int | None = None, **values: Any) -> Row:
    """A pack of 4,000 credits; `verdict`, `basis`, `original` and `recorded` tell its truth.

    A counted one becomes a lot and raises the bank. `recorded` is the created_at where it differs
    from the instant of the sale.
    """
    at = persona.at(day)
    truth = {key: values.pop(key) for key in ("verdict", "basis", "original") if key in values}
    recorded = values.pop("recorded", at)
    row: Row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "product_id": product_of(persona, "ai_credits_4000"),
        "purchase_id": persona.order(name),
        "purchase_token": persona.token(name),
        "source": persona.store,
        "credits_amount": 4_000,
        "amount_paid": None,
        "currency": None,
        "status": "purchased",
        "transaction_date": str(at * 1000),
        "created_at": moment(recorded),
        "updated_at": moment(recorded),
    } | values
    price = price_at("ai_credits_4000", at) if paid is None else paid
    tell_receipt(persona, "ai_credit_purchases", row_id=row["id"], at=at, paid=price, **truth)
    if truth.get("verdict", "counted") == "counted":
        raise_bank(persona, at, credits=4_000)
        persona.scenario.tell(
            "credit_lots",
            lot_id=f"ai_credit_purchases:{row['id']}",
            user_id=persona.user_id,
            purchased_at=moment(at),
            credits=4_000,
            paid_usd=usd(price),
            refunded_at=None,
            consumed_credits=0,
            debt_credits=0,
            revoked_credits=0,
            remaining_credits=4_000,
        )
    return persona.scenario.add("ai_credit_purchases", row)


def raise_bank(persona: Persona, at: int, *, credits: int) -> None:
    """Let a pack raise the bank total, as its validation does."""
    now = persona.scenario.changed.get("ai_usage", {}).get(persona.user_id, {})
    total = now.get("bank_limit_credits", 0) + credits
    persona.change("ai_usage", bank_limit_credits=total, updated_at=moment(at))


def course_sale(persona: Persona, day: float, *, name: str, **values: Any) -> Row:
    """A course sold singly under the old list, else unpriced."""
    at = persona.at(day)
    truth = {key: values.pop(key) for key in ("verdict", "original") if key in values}
    row: Row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "course_code": "H01ENB",
        "voice": "Female",
        "product_id": product_of(persona, "h01enb"),
        "purchase_id": persona.order(name),
        "purchase_token": persona.token(name),
        "source": persona.store,
        "status": "purchased",
        "transaction_date": str(at * 1000),
        "created_at": moment(at),
        "updated_at": moment(at),
    } | values
    paid = price_at("h01enb", at)
    if row["source"] not in STORES:
        truth["verdict"], paid = "not_a_sale", -1
    elif paid < 0:
        truth.setdefault("verdict", "unpriced")
    tell_receipt(persona, "course_purchases", row_id=row["id"], at=at, paid=paid, **truth)
    return persona.scenario.add("course_purchases", row)
