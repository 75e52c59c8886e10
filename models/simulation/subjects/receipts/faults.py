"""Faults of receipts that repeat, replay or restore another."""

from __future__ import annotations

from typing import Any

from models.simulation.scenario import Persona, fault, typical_fault, unseen
from models.simulation.subjects.receipts.steps import course_sale, pack

PACKS = "ai_credit_purchases"


def receipt_of(table: str, row_id: str) -> str:
    """A receipt's id in the marts."""
    return f"{table}:{row_id}"


def repeated(persona: Persona, verdict: str, **same: Any) -> None:
    """A pack, and a day later a row that shares with it what `same` says, the store included."""
    store = {name: same[name] for name in ("source", "product_id") if name in same}
    first = pack(persona, 1, name="first", **store)
    original = receipt_of(PACKS, first["id"])
    again = pack(persona, 2, name="again", verdict=verdict, original=original, **same)
    persona.plant(PACKS, again["id"])


@typical_fault
def token_repeated(persona: Persona) -> None:
    """The same token twice for one user, at Google: Apple's may hold several transactions."""
    repeated(persona, "duplicate_token", purchase_token=persona.token("first"),
        source="google_play", product_id="ai_credits_4000",
    )  # fmt: skip


@fault
def token_replayed(persona: Persona) -> None:
    """A token sent again by another user."""
    buyer, other = persona.pair()
    first = pack(buyer, 1, name="first", source="google_play", product_id="ai_credits_4000")
    again = pack(
        other,
        2,
        name="again",
        verdict="replayed",
        original=receipt_of(PACKS, first["id"]),
        purchase_token=persona.token("first"),
        source="google_play",
        product_id="ai_credits_4000",
    )
    other.plant(PACKS, again["id"])


@typical_fault
def order_in_other_case(persona: Persona) -> None:
    """The same order number in small letters."""
    repeated(persona, "duplicate_order", purchase_id=persona.order("first").lower())


@fault
def order_with_blanks(persona: Persona) -> None:
    """The same order number with blanks around it."""
    repeated(persona, "duplicate_order", purchase_id=f"  {persona.order('first')} ")


@fault
def order_in_two_tables(persona: Persona) -> None:
    """One order as a pack and as a course."""
    first = pack(persona, 1, name="first")
    row = course_sale(persona, 2, name="again", purchase_id=persona.order("first"),
        verdict="duplicate_order", original=receipt_of(PACKS, first["id"]),
    )  # fmt: skip
    persona.plant("course_purchases", row["id"])


@unseen("Stores report purchases again after a new installation: no sale, no fault.")
@typical_fault
def restored(persona: Persona) -> None:
    """A purchase that the store reports again as restored."""
    pack(persona, 1, name="first")
    row = pack(persona, 9, name="first", verdict="restored", status="restored")
    persona.plant(PACKS, row["id"])


def one_pack(persona: Persona, **values: Any) -> None:
    """A single pack that is the fault."""
    row = pack(persona, 1, name="only", **values)
    persona.plant(PACKS, row["id"])


@fault
def restored_without_original(persona: Persona) -> None:
    """A restored purchase whose sale nobody knows."""
    one_pack(persona, verdict="restored", status="PurchaseStatus.restored")
