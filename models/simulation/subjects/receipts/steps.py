"""Steps of a scenario at the shop: a pack, a course, each with its truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.simulation.prices import charged
from models.simulation.scenario import Persona, Row, moment, usd
from models.simulation.stores import IOS_PREFIX
from models.words import STORES

PACKS, SINGLES = "ai_credit_purchases", "course_purchases"


def price_at(product: str, seconds: int) -> int:
    """The list price in hundredths of a cent, below 0 where there is none."""
    return int(charged(np.array([seconds]), products=[product])[0])


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
) -> None:
    """The truth of a receipt; `original` is what it repeats, `paid` below 0 is unknown or none."""
    persona.tell(
        "receipts",
        receipt_id=f"{table}:{row_id}",
        source_table=table,
        source_id=row_id,
        is_test=verdict == "test",
        verdict=verdict,
        duplicate_of=original,
        transacted_at=moment(at),
        paid_usd=usd(paid) if paid >= 0 else None,
        price_basis=basis if paid >= 0 or basis == "prorated" else "none",
    )


def sale(
    persona: Persona, table: str, *, product: str, day: float, name: str, paid: int, values: Row
) -> Row:
    """A row of a store's sale, with its truth; `values` are what differs in the row, or in the
    truth: `verdict` and `original`."""
    at = persona.at(day)
    truth = {key: values.pop(key) for key in ("verdict", "original") if key in values}
    told = {
        "product_id": IOS_PREFIX + product if persona.store == "app_store" else product,
        "purchase_id": persona.order(name),
        "purchase_token": persona.token(name),
        "source": persona.store,
        "status": "purchased",
        "transaction_date": str(at * 1000),
        "created_at": moment(at),
        "updated_at": moment(at),
    }
    row = persona.add(table, **(told | values))
    tell_receipt(persona, table, row_id=row["id"], at=at, paid=paid, **truth)
    return row


def pack(
    persona: Persona, day: float, *, name: str = "only", paid: int | None = None, **values: Any
) -> Row:
    """A pack of 4,000 credits; one without another verdict becomes a lot and raises the bank."""
    at, product = persona.at(day), "ai_credits_4000"
    price = price_at(product, at) if paid is None else paid
    told = {"credits_amount": 4_000} | values
    row = sale(persona, PACKS, product=product, day=day, name=name, paid=price, values=told)
    if "verdict" not in values:
        now = persona.scenario.changed["ai_usage"][persona.user_id]
        total = now.get("bank_limit_credits", 0) + 4_000
        persona.change("ai_usage", bank_limit_credits=total, updated_at=moment(at))
        persona.tell(
            "credit_lots",
            lot_id=f"{PACKS}:{row['id']}",
            purchased_at=moment(at),
            credits=4_000,
            paid_usd=usd(price),
            consumed_credits=0,
            debt_credits=0,
            revoked_credits=0,
            remaining_credits=4_000,
        )
    return row


def course_sale(persona: Persona, day: float, *, name: str = "only", **values: Any) -> Row:
    """A course sold singly under the old list, else unpriced."""
    told: Row = {"course_code": "H01ENB", "voice": "Female"} | values
    paid = price_at("h01enb", persona.at(day))
    if told.get("source", persona.store) not in STORES:
        told["verdict"], paid = "not_a_sale", -1
    elif paid < 0:
        told.setdefault("verdict", "unpriced")
    return sale(persona, SINGLES, product="h01enb", day=day, name=name, paid=paid, values=told)
