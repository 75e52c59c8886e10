"""Faults of receipts whose amount, currency, date, token or store cannot be right."""

from __future__ import annotations

from datetime import UTC, datetime

from models.simulation.parameters import DAY, HOUR
from models.simulation.scenario import Persona, fault, typical_fault, unseen
from models.simulation.subjects.receipts.faults import PACKS, one_pack
from models.simulation.subjects.receipts.steps import course_sale, pack, price_at
from models.simulation.subjects.subscriptions.steps import (
    event,
    paid_month,
    tell_begin,
    tell_churn,
    tell_period,
)


@typical_fault
def pending_forever(persona: Persona) -> None:
    """A queued purchase that never clears."""
    one_pack(persona, verdict="pending", status="pending_validation")


@unseen("Testers buy to test: verdict test, in no figure.")
@typical_fault
def sandbox_purchase(persona: Persona) -> None:
    """A tester's purchase in the sandbox."""
    persona.change("user_profile", role="tester")
    row = pack(persona, 1, name="only", verdict="test")
    persona.plant(PACKS, row["id"])


@typical_fault
def unknown_product(persona: Persona) -> None:
    """A pack that no list names."""
    one_pack(persona, verdict="unpriced", paid=-1, product_id="ai_credits_777", credits_amount=777)


@fault
def price_missing(persona: Persona) -> None:
    """A known product on a day for which the list has no price."""
    at = persona.at(1)
    if price_at("ai_credits_10000", at) < 0:
        row = pack(persona, 1, name="only", verdict="unpriced", paid=-1,
            product_id="ai_credits_10000", credits_amount=10_000,
        )  # fmt: skip
        persona.plant(PACKS, row["id"])
    else:
        row = course_sale(persona, 1, name="only")
        persona.plant("course_purchases", row["id"])


@fault
def amount_negative(persona: Persona) -> None:
    """A recorded amount below zero: the list speaks instead."""
    one_pack(persona, amount_paid="-2.95", currency="USD")


@fault
def amount_absurd(persona: Persona) -> None:
    """A recorded amount that nobody pays: the list speaks instead."""
    one_pack(persona, amount_paid="29500.00", currency="USD")


@fault
def amount_without_currency(persona: Persona) -> None:
    """A recorded amount that could be any currency's."""
    one_pack(persona, amount_paid="2.95")


@fault
def amount_not_a_number(persona: Persona) -> None:
    """NaN where money should stand."""
    one_pack(persona, amount_paid="NaN", currency="USD")


@fault
def amount_in_unknown_currency(persona: Persona) -> None:
    """A currency for which there is no rate: recorded, so no list price stands in for it."""
    one_pack(persona, amount_paid="11.11", currency="XTS", verdict="unpriced", paid=-1)


@fault
def seconds_for_milliseconds(persona: Persona) -> None:
    """Epoch seconds where milliseconds belong."""
    row = pack(persona, 1, name="only", transaction_date=str(persona.at(1)))
    persona.plant(PACKS, row["id"])


@fault
def local_time_without_zone(persona: Persona) -> None:
    """A local time as text where epoch milliseconds belong."""
    local = datetime.fromtimestamp(persona.at(1) - 5 * 3_600, UTC).strftime("%Y-%m-%d %H:%M:%S")
    row = pack(persona, 1, name="only", transaction_date=local)
    persona.plant(PACKS, row["id"])


@fault
def date_in_1970(persona: Persona) -> None:
    """A clock that was never set."""
    one_pack(persona, transaction_date="86400000000")


@fault
def date_in_2099(persona: Persona) -> None:
    """A clock far ahead."""
    one_pack(persona, transaction_date="4083955200000")


@fault
def token_empty(persona: Persona) -> None:
    """Two sales with an empty token: absent, so they are not the same."""
    for day, name in ((1, "one"), (2, "two")):
        row = pack(persona, day, name=name, purchase_token="")
        persona.plant(PACKS, row["id"])


@fault
def store_unknown(persona: Persona) -> None:
    """A course from a store that is none of the two."""
    row = course_sale(persona, 1, name="only", source="amazon")
    persona.plant("course_purchases", row["id"])


@unseen("On Apple the transaction is the sale: one receipt may hold several.")
@fault
def apple_receipt_of_two_packs(persona: Persona) -> None:
    """Two Apple transactions, ten minutes apart, under one receipt."""
    persona = persona.shops_at("app_store")
    for minutes, name in ((0, "one"), (10, "two")):
        row = pack(
            persona, 1 + minutes / 1_440, name=name, purchase_token=persona.token("envelope")
        )
        persona.plant(PACKS, row["id"])


@unseen("Apple's original transaction number repeats on renewals, as Apple documents.")
@fault
def apple_original_transaction(persona: Persona) -> None:
    """A month and its renewal under one transaction number."""
    persona, order = persona.shops_at("app_store"), persona.order("original")
    start = persona.at(1)
    first, end = paid_month(persona, start, purchase_id=order)
    second, last = paid_month(persona, end, event_type="renewed", purchase_id=order)
    event(persona, "expired", at=last + HOUR, ends=last, purchase_id=order)
    mrr = tell_period(persona, first, start=start, end=end, ended_by="renewed")
    tell_period(persona, second, start=end, end=last, ended_by="expired", renewal_number=1)
    tell_begin(persona, start, mrr=mrr)
    tell_churn(persona, last, mrr=mrr)
    persona.plant("subscription_events", second["id"])


@fault
def pack_of_the_future(persona: Persona) -> None:
    """A pack dated four hundred days after the opening."""
    days = (persona.scenario.opened - persona.at(0)) / DAY + 400
    row = pack(persona, days, name="only", verdict="future")
    persona.plant(PACKS, row["id"])
