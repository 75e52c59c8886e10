"""Faults of receipts that repeat, replay or restore another."""

from __future__ import annotations

from typing import Any

from models.simulation.scenario import Persona, Scenario, fault, typical_fault, unseen
from models.simulation.subjects.receipts.steps import course_sale, pack

PACKS = "ai_credit_purchases"


def receipt_of(table: str, row_id: str) -> str:
    """A receipt's id in the marts."""
    return f"{table}:{row_id}"


def repeated(persona: Persona, verdict: str, **same: Any) -> None:
    """A pack, and a day later a row that shares with it what `same` says, the store included."""
    store = {name: same[name] for name in ("source", "product_id") if name in same}
    first = pack(persona, 1, "first", **store)
    original = receipt_of(PACKS, first["id"])
    again = pack(persona, 2, "again", verdict=verdict, original=original, **same)
    persona.plant(PACKS, again["id"])


@typical_fault
def token_repeated(scenario: Scenario) -> None:
    """The same token twice for one user, at Google: Apple's may hold several transactions."""
    repeated(scenario.persona(), "duplicate_token", purchase_token=scenario.token("first"),
        source="google_play", product_id="ai_credits_4000",
    )  # fmt: skip


@fault
def token_replayed(scenario: Scenario) -> None:
    """A token sent again by another user."""
    buyer, other = scenario.pair()
    first = pack(buyer, 1, "first", source="google_play", product_id="ai_credits_4000")
    again = pack(other, 2, "again", verdict="replayed", original=receipt_of(PACKS, first["id"]),
        purchase_token=scenario.token("first"), source="google_play", product_id="ai_credits_4000",
    )  # fmt: skip
    scenario.plant(PACKS, again["id"], other.user_id)


@typical_fault
def order_in_other_case(scenario: Scenario) -> None:
    """The same order number in small letters."""
    repeated(scenario.persona(), "duplicate_order", purchase_id=scenario.order("first").lower())


@fault
def order_with_blanks(scenario: Scenario) -> None:
    """The same order number with blanks around it."""
    repeated(scenario.persona(), "duplicate_order", purchase_id=f"  {scenario.order('first')} ")


@fault
def order_in_two_tables(scenario: Scenario) -> None:
    """One order as a pack and as a course."""
    persona = scenario.persona()
    first = pack(persona, 1, "first")
    row = course_sale(persona, 2, "again", purchase_id=scenario.order("first"),
        verdict="duplicate_order", original=receipt_of(PACKS, first["id"]),
    )  # fmt: skip
    persona.plant("course_purchases", row["id"])


@unseen("Stores report purchases again after a new installation: no sale, no fault.")
@typical_fault
def restored(scenario: Scenario) -> None:
    """A purchase that the store reports again as restored."""
    persona = scenario.persona()
    pack(persona, 1, "first")
    row = pack(persona, 9, "first", verdict="restored", status="restored")
    persona.plant(PACKS, row["id"])


def one_pack(scenario: Scenario, **values: Any) -> None:
    """A single pack that is the fault."""
    persona = scenario.persona()
    row = pack(persona, 1, "only", **values)
    persona.plant(PACKS, row["id"])


@fault
def restored_without_original(scenario: Scenario) -> None:
    """A restored purchase whose sale nobody knows."""
    one_pack(scenario, verdict="restored", status="PurchaseStatus.restored")
