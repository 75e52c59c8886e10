"""Faults of receipts: repeated, replayed, without price, with times and amounts that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.simulation.faults.plot import Plot, Victim, fault, typical_fault, unseen
from models.simulation.faults.stories import (
    course_sale,
    event,
    pack,
    paid_month,
    price_at,
    tell_begin,
    tell_churn,
    tell_period,
)
from models.simulation.parameters import DAY, HOUR

PACKS = "ai_credit_purchases"


def receipt_of(table: str, row_id: str) -> str:
    """A receipt's id in the marts."""
    return f"{table}:{row_id}"


def repeated(plot: Plot, victim: Victim, verdict: str, **same: Any) -> None:
    """A pack, and a day later a row that shares with it what `same` says, the store included."""
    store = {name: same[name] for name in ("source", "product_id") if name in same}
    first = pack(plot, victim, 1, "first", **store)
    original = receipt_of(PACKS, first["id"])
    again = pack(plot, victim, 2, "again", verdict=verdict, original=original, **same)
    plot.plant(PACKS, again["id"], victim.user_id)


@typical_fault
def token_repeated(plot: Plot) -> None:
    """The same token twice for one user, at Google: Apple's may hold several transactions."""
    repeated(
        plot, plot.victim(), "duplicate_token", purchase_token=plot.token("first"),
        source="google_play", product_id="ai_credits_4000",
    )  # fmt: skip


@fault
def token_replayed(plot: Plot) -> None:
    """A token sent again by another user."""
    buyer, other = plot.pair()
    first = pack(plot, buyer, 1, "first", source="google_play", product_id="ai_credits_4000")
    again = pack(
        plot, other, 2, "again", verdict="replayed", original=receipt_of(PACKS, first["id"]),
        purchase_token=plot.token("first"), source="google_play", product_id="ai_credits_4000",
    )  # fmt: skip
    plot.plant(PACKS, again["id"], other.user_id)


@typical_fault
def order_in_other_case(plot: Plot) -> None:
    """The same order number in small letters."""
    repeated(plot, plot.victim(), "duplicate_order", purchase_id=plot.order("first").lower())


@fault
def order_with_blanks(plot: Plot) -> None:
    """The same order number with blanks around it."""
    repeated(plot, plot.victim(), "duplicate_order", purchase_id=f"  {plot.order('first')} ")


@fault
def order_in_two_tables(plot: Plot) -> None:
    """One order as a pack and as a course."""
    victim = plot.victim()
    first = pack(plot, victim, 1, "first")
    row = course_sale(
        plot, victim, 2, "again", purchase_id=plot.order("first"),
        verdict="duplicate_order", original=receipt_of(PACKS, first["id"]),
    )  # fmt: skip
    plot.plant("course_purchases", row["id"], victim.user_id)


@unseen("Stores report purchases again after a new installation: no sale, no fault.")
@typical_fault
def restored(plot: Plot) -> None:
    """A purchase that the store reports again as restored."""
    victim = plot.victim()
    pack(plot, victim, 1, "first")
    row = pack(plot, victim, 9, "first", verdict="restored", status="restored")
    plot.plant(PACKS, row["id"], victim.user_id)


def one_pack(plot: Plot, **values: Any) -> None:
    """A single pack that is the fault."""
    victim = plot.victim()
    row = pack(plot, victim, 1, "only", **values)
    plot.plant(PACKS, row["id"], victim.user_id)


@fault
def restored_without_original(plot: Plot) -> None:
    """A restored purchase whose sale nobody knows."""
    one_pack(plot, verdict="restored", status="PurchaseStatus.restored")


@typical_fault
def pending_forever(plot: Plot) -> None:
    """A queued purchase that never clears."""
    one_pack(plot, verdict="pending", status="pending_validation")


@unseen("Testers buy to test: verdict test, in no figure.")
@typical_fault
def sandbox_purchase(plot: Plot) -> None:
    """A tester's purchase in the sandbox."""
    victim = plot.victim()
    plot.change("user_profile", victim.user_id, role="tester")
    row = pack(plot, victim, 1, "only", verdict="test")
    plot.plant(PACKS, row["id"], victim.user_id)


@typical_fault
def unknown_product(plot: Plot) -> None:
    """A pack that no list names."""
    one_pack(plot, verdict="unpriced", paid=-1, product_id="ai_credits_777", credits_amount=777)


@fault
def price_missing(plot: Plot) -> None:
    """A known product on a day for which the list has no price."""
    victim = plot.victim()
    at = victim.at(1)
    if price_at("ai_credits_10000", at) < 0:
        row = pack(
            plot, victim, 1, "only", verdict="unpriced", paid=-1,
            product_id="ai_credits_10000", credits_amount=10_000,
        )  # fmt: skip
        plot.plant(PACKS, row["id"], victim.user_id)
    else:
        row = course_sale(plot, victim, 1, "only")
        plot.plant("course_purchases", row["id"], victim.user_id)


@fault
def amount_negative(plot: Plot) -> None:
    """A recorded amount below zero: the list speaks instead."""
    one_pack(plot, amount_paid="-2.95", currency="USD")


@fault
def amount_absurd(plot: Plot) -> None:
    """A recorded amount that nobody pays: the list speaks instead."""
    one_pack(plot, amount_paid="29500.00", currency="USD")


@fault
def amount_without_currency(plot: Plot) -> None:
    """A recorded amount that could be any currency's."""
    one_pack(plot, amount_paid="2.95")


@fault
def amount_not_a_number(plot: Plot) -> None:
    """NaN where money should stand."""
    one_pack(plot, amount_paid="NaN", currency="USD")


@fault
def amount_in_unknown_currency(plot: Plot) -> None:
    """A currency for which there is no rate: recorded, so no list price stands in for it."""
    one_pack(plot, amount_paid="11.11", currency="XTS", verdict="unpriced", paid=-1)


@fault
def seconds_for_milliseconds(plot: Plot) -> None:
    """Epoch seconds where milliseconds belong."""
    victim = plot.victim()
    row = pack(plot, victim, 1, "only", transaction_date=str(victim.at(1)))
    plot.plant(PACKS, row["id"], victim.user_id)


@fault
def local_time_without_zone(plot: Plot) -> None:
    """A local time as text where epoch milliseconds belong."""
    victim = plot.victim()
    local = datetime.fromtimestamp(victim.at(1) - 5 * 3_600, UTC).strftime("%Y-%m-%d %H:%M:%S")
    row = pack(plot, victim, 1, "only", transaction_date=local)
    plot.plant(PACKS, row["id"], victim.user_id)


@fault
def date_in_1970(plot: Plot) -> None:
    """A clock that was never set."""
    one_pack(plot, transaction_date="86400000000")


@fault
def date_in_2099(plot: Plot) -> None:
    """A clock far ahead."""
    one_pack(plot, transaction_date="4083955200000")


@fault
def token_empty(plot: Plot) -> None:
    """Two sales with an empty token: absent, so they are not the same."""
    victim = plot.victim()
    for day, name in ((1, "one"), (2, "two")):
        row = pack(plot, victim, day, name, purchase_token="")
        plot.plant(PACKS, row["id"], victim.user_id)


@fault
def store_unknown(plot: Plot) -> None:
    """A course from a store that is none of the two."""
    victim = plot.victim()
    row = course_sale(plot, victim, 1, "only", source="amazon")
    plot.plant("course_purchases", row["id"], victim.user_id)


@unseen("On Apple the transaction is the sale: one receipt may hold several.")
@fault
def apple_receipt_of_two_packs(plot: Plot) -> None:
    """Two Apple transactions, ten minutes apart, under one receipt."""
    victim = plot.victim().shops_at("app_store")
    for minutes, name in ((0, "one"), (10, "two")):
        row = pack(plot, victim, 1 + minutes / 1_440, name, purchase_token=plot.token("envelope"))
        plot.plant(PACKS, row["id"], victim.user_id)


@unseen("Apple's original transaction number repeats on renewals, as Apple documents.")
@fault
def apple_original_transaction(plot: Plot) -> None:
    """A month and its renewal under one transaction number."""
    victim, order = plot.victim().shops_at("app_store"), plot.order("original")
    start = victim.at(1)
    first, end = paid_month(plot, victim, start, purchase_id=order)
    second, last = paid_month(plot, victim, end, event_type="renewed", purchase_id=order)
    event(plot, victim, "expired", last + HOUR, ends=last, purchase_id=order)
    mrr = tell_period(plot, victim, first, start=start, end=end, ended_by="renewed")
    tell_period(plot, victim, second, start=end, end=last, ended_by="expired", renewal_number=1)
    tell_begin(plot, victim, start, mrr)
    tell_churn(plot, victim, last, mrr)
    plot.plant("subscription_events", second["id"], victim.user_id)


@fault
def pack_of_the_future(plot: Plot) -> None:
    """A pack dated four hundred days after the opening."""
    victim = plot.victim()
    days = (plot.opened - victim.at(0)) / DAY + 400
    row = pack(plot, victim, days, "only", verdict="future")
    plot.plant(PACKS, row["id"], victim.user_id)
