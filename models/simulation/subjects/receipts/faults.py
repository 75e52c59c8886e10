"""Faults of receipts that repeat, replay or restore another, or whose values cannot be right."""

from __future__ import annotations

from functools import partial
from typing import Any

from models.simulation.parameters import DAY, HOUR
from models.simulation.scenario import Kinds, Persona, moment
from models.simulation.subjects.receipts.steps import PACKS, SINGLES, course_sale, pack, price_at
from models.simulation.subjects.subscriptions.steps import month_after, renewed_month

KINDS = Kinds()
OF_GOOGLE = {"source": "google_play", "product_id": "ai_credits_4000"}


def one_pack(persona: Persona, **values: Any) -> None:
    """A single pack that is the fault."""
    persona.plant(PACKS, pack(persona, 1, **values)["id"])


unpriced = partial(one_pack, verdict="unpriced", paid=-1)
KINDS.enter(  # never clears
    "pending_forever", one_pack, verdict="pending", status="pending_validation", typical=True
)
KINDS.enter(
    "unknown_product", unpriced, product_id="ai_credits_777", credits_amount=777, typical=True
)
KINDS.enter(  # of a sale that nobody knows
    "restored_without_original", one_pack, verdict="restored", status="PurchaseStatus.restored"
)
# Of these four amounts the list speaks instead; the fifth is recorded, so no list price stands in.
KINDS.enter("amount_negative", one_pack, amount_paid="-2.95", currency="USD")
KINDS.enter("amount_absurd", one_pack, amount_paid="29500.00", currency="USD")
KINDS.enter("amount_without_currency", one_pack, amount_paid="2.95")
KINDS.enter("amount_not_a_number", one_pack, amount_paid="NaN", currency="USD")
KINDS.enter("amount_in_unknown_currency", unpriced, amount_paid="11.11", currency="XTS")
# A clock that was never set, and one far ahead.
KINDS.enter("date_in_1970", one_pack, transaction_date="86400000000")
KINDS.enter("date_in_2099", one_pack, transaction_date="4083955200000")
# What stands where epoch milliseconds belong.
KINDS.enter("seconds_for_milliseconds", lambda p: one_pack(p, transaction_date=str(p.at(1))))
KINDS.enter(
    "local_time_without_zone",
    lambda p: one_pack(p, transaction_date=str(moment(p.at(1) - 5 * HOUR))),
)


def repeated(buyer: Persona, by: Persona, *, verdict: str, **same: Any) -> None:
    """A pack, and a day later a row that shares with it what `same` says, the store included."""
    store = {name: same[name] for name in ("source", "product_id") if name in same}
    first = pack(buyer, 1, name="first", **store)
    original = f"{PACKS}:{first['id']}"
    again = pack(by, 2, name="again", verdict=verdict, original=original, **same)
    by.plant(PACKS, again["id"])


KINDS.enter(
    "order_in_other_case",
    lambda p: repeated(p, p, verdict="duplicate_order", purchase_id=p.order("first").lower()),
    typical=True,
)
KINDS.enter(
    "order_with_blanks",
    lambda p: repeated(p, p, verdict="duplicate_order", purchase_id=f"  {p.order('first')} "),
)


@KINDS.fault(typical=True)
def token_repeated(persona: Persona) -> None:
    """The same token twice for one user, at Google: Apple's may hold several transactions."""
    token = persona.token("first")
    repeated(persona, persona, verdict="duplicate_token", purchase_token=token, **OF_GOOGLE)


@KINDS.fault()
def token_replayed(persona: Persona) -> None:
    """A token sent again by another user."""
    buyer, other = persona.pair()
    token = persona.token("first")
    repeated(buyer, other, verdict="replayed", purchase_token=token, **OF_GOOGLE)


@KINDS.fault()
def order_in_two_tables(persona: Persona) -> None:
    """One order as a pack and as a course."""
    original = f"{PACKS}:{pack(persona, 1, name='first')['id']}"
    row = course_sale(persona, 2, name="again", purchase_id=persona.order("first"),
        verdict="duplicate_order", original=original,
    )  # fmt: skip
    persona.plant(SINGLES, row["id"])


@KINDS.fault(
    typical=True,
    unseen="Stores report purchases again after a new installation: no sale, no fault.",
)
def restored(persona: Persona) -> None:
    """A purchase that the store reports again as restored."""
    pack(persona, 1, name="first")
    row = pack(persona, 9, name="first", verdict="restored", status="restored")
    persona.plant(PACKS, row["id"])


@KINDS.fault(typical=True, unseen="Testers buy to test: verdict test, in no figure.")
def sandbox_purchase(persona: Persona) -> None:
    """A tester's purchase in the sandbox."""
    persona.change("user_profile", role="tester")
    one_pack(persona, verdict="test")


@KINDS.fault()
def price_missing(persona: Persona) -> None:
    """A known product on a day for which the list has no price."""
    if price_at("ai_credits_10000", persona.at(1)) < 0:
        unpriced(persona, product_id="ai_credits_10000", credits_amount=10_000)
    else:
        persona.plant(SINGLES, course_sale(persona, 1)["id"])


@KINDS.fault()
def token_empty(persona: Persona) -> None:
    """Two sales with an empty token: absent, so they are not the same."""
    for day, name in ((1, "one"), (2, "two")):
        persona.plant(PACKS, pack(persona, day, name=name, purchase_token="")["id"])


@KINDS.fault()
def store_unknown(persona: Persona) -> None:
    """A course from a store that is none of the two."""
    persona.plant(SINGLES, course_sale(persona, 1, source="amazon")["id"])


@KINDS.fault(unseen="On Apple the transaction is the sale: one receipt may hold several.")
def apple_receipt_of_two_packs(persona: Persona) -> None:
    """Two Apple transactions, ten minutes apart, under one receipt."""
    persona = persona.shops_at("app_store")
    token = persona.token("envelope")
    for day, name in ((1, "one"), (1 + 10 / 1_440, "two")):
        persona.plant(PACKS, pack(persona, day, name=name, purchase_token=token)["id"])


@KINDS.fault(unseen="Apple's original transaction number repeats on renewals, as Apple documents.")
def apple_original_transaction(persona: Persona) -> None:
    """A month and its renewal under one transaction number."""
    persona, start = persona.shops_at("app_store"), persona.at(1)
    same = persona.order("original")
    renewal = renewed_month(persona, start, told=month_after(start), orders=(same, same))
    persona.plant("subscription_events", renewal.opening["id"])


@KINDS.fault()
def pack_of_the_future(persona: Persona) -> None:
    """A pack dated four hundred days after the opening."""
    days = (persona.scenario.opened - persona.at(0)) / DAY + 400
    persona.plant(PACKS, pack(persona, days, verdict="future")["id"])
