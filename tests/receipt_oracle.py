"""Verdict, original, price and amounts of every receipt, in plain Python over rows of the source.

Reads the shipped seeds as text; shares no code with the project. Rows are those of raw.*, by table.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.subscription_oracle import Event, openings_in_order, purchases_of

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
STORES = ("google_play", "app_store")
NOBODY = UUID(int=0)
GRACE = timedelta(days=16)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass
class Receipt:
    """A receipt as the source tells it, and what the oracle finds; money in Decimal dollars."""

    table: str
    source_id: UUID
    user_id: UUID
    is_test: bool
    store: str | None
    product_key: str
    kind: str
    offer: str | None
    order: str | None
    token: str | None
    status: str | None
    transacted_at: datetime
    created_at: datetime
    time_fault: str | None
    event_key: tuple[Any, ...] | None = None
    named_end: datetime | None = None
    is_trial: bool = False
    offer_paid: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    credits: int | None = None
    quantity: int = 1
    verdict: str = ""
    duplicate_of: str | None = None
    paid: Decimal | None = None
    list_price: Decimal | None = None
    basis: str = "none"
    neighbours: list[Receipt] = field(default_factory=list, repr=False)

    @property
    def receipt_id(self) -> str:
        return f"{self.table}:{self.source_id}"

    @property
    def rank(self) -> tuple[datetime, datetime, UUID]:
        return (self.transacted_at, self.created_at, self.source_id)


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def stripped(text: str | None) -> str | None:
    return (text or "").strip(" \t\r\n") or None


def cents(amount: Fraction) -> Decimal:
    """Four decimals, half away from zero."""
    scaled = abs(amount) * 10000
    whole = int(scaled)
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole if amount >= 0 else -whole) / Decimal(10000)


def plain_product(product_id: str | None) -> tuple[str | None, str | None]:
    """Product and offer of a pack's or course's store id."""
    text = (stripped(product_id) or "").lower().removeprefix("me.hypnoelp.app.")
    parts = text.split("_")
    if text.startswith("ai_credits_") and len(parts) > 3:
        return "_".join(parts[:3]), "_".join(parts[3:])
    if not text.startswith("ai_credits_") and len(parts) == 2:
        return parts[0], parts[1]
    return text or None, None


def subscription_product(product_id: str | None, base_plan_id: str | None) -> str | None:
    text = (stripped(product_id) or "").lower().removeprefix("me.hypnoelp.app.") or None
    if text == "subscription_1month":
        return "hypnoelp_subscriptions/monthly-plan"
    plan = (stripped(base_plan_id) or "").lower()
    return f"{text or 'hypnoelp_subscriptions'}/{plan}" if plan else text


def time_of(text: str | None, created_at: datetime, as_of: datetime) -> tuple[datetime, str | None]:
    cleaned = stripped(text)
    if cleaned is None:
        return created_at, "absent"
    if not re.fullmatch(r"[0-9]{1,14}", cleaned):
        return created_at, "unreadable"
    stated = datetime(1970, 1, 1) + timedelta(milliseconds=int(cleaned))
    if stated < datetime(2010, 1, 1) or stated > as_of:
        return created_at, "implausible"
    return stated, None


def receipts_of(rows: Rows, as_of: datetime) -> Iterator[Receipt]:
    testers = {
        row["user_id"]
        for row in rows.get("user_profile", [])
        if (row.get("role") or "").strip(" ").lower() in ("tester", "admin")
    }
    owners = {row["id"]: row["user_id"] for row in rows.get("custom_courses", [])}
    for table, kind in (("ai_credit_purchases", "ai_credits"), ("course_purchases", "course")):
        for row in rows.get(table, []):
            key, offer = plain_product(row.get("product_id"))
            if key is None and kind == "course":
                key = row["course_code"].lower()
            at, fault = time_of(row.get("transaction_date"), row["created_at"], as_of)
            is_audio = kind == "course" and (key or "").startswith("x99")
            yield Receipt(
                **common(table, row, row["user_id"], testers),
                product_key=key or f"unknown_{kind}",
                kind="custom_audio" if is_audio else kind,
                offer=offer,
                token=row.get("purchase_token_hash") or None,
                status=status_of(row),
                transacted_at=at,
                time_fault=fault,
                amount=row.get("amount_paid"),
                credits=row.get("credits_amount"),
                currency=(stripped(row.get("currency")) or "").upper() or None,
            )
    for row in rows.get("custom_course_purchases", []):
        yield Receipt(
            **common("custom_course_purchases", row, owners.get(row["course_id"], NOBODY), testers),
            product_key="x99enb",
            kind="custom_audio",
            offer=None,
            token=row.get("purchase_token_hash") or None,
            status=status_of(row),
            transacted_at=row["created_at"],
            time_fault=None,
        )
    for row in rows.get("subscription_events", []):
        event_type = row["event_type"].strip(" ").lower()
        if event_type in ("created", "renewed"):
            key = subscription_product(row.get("product_id"), row.get("base_plan_id"))
            yield Receipt(
                **common("subscription_events", row, row["user_id"], testers),
                product_key=key or "unknown_subscription",
                kind="subscription",
                offer=(stripped(row.get("offer_id")) or "").lower() or None,
                token=None,
                status=event_type,
                transacted_at=row["created_at"],
                time_fault=None,
                event_key=(row.get("subscription_id") or row["user_id"], event_type),
                named_end=row.get("expires_at"),
            )


def common(table: str, row: Mapping[str, Any], user_id: UUID, testers: set[UUID]) -> dict[str, Any]:
    return {
        "table": table,
        "source_id": row["id"],
        "user_id": user_id,
        "is_test": user_id in testers,
        "store": ((row.get("source") or "").strip(" ").lower()) or None,
        "order": stripped(row.get("purchase_id")),
        "created_at": row["created_at"],
    }


def status_of(row: Mapping[str, Any]) -> str | None:
    return (row.get("status") or "").strip(" ").lower().removeprefix("purchasestatus.") or None


def book_price(book: list[dict[str, str]], receipt: Receipt, offer: str) -> Decimal | None:
    day = receipt.transacted_at.date().isoformat()
    for store in (receipt.store, ""):
        for row in book:
            if (
                row["product_key"] == receipt.product_key
                and row["offer_id"] == offer
                and row["store"] == store
                and row["valid_from"] <= day
                and (not row["valid_to"] or day < row["valid_to"])
            ):
                return Decimal(row["price_usd"])
    return None


def rate_on(rates: list[dict[str, str]], currency: str, day: date) -> Fraction | None:
    if currency == "USD":
        return Fraction(1)
    known = [
        (date.fromisoformat(row["rate_date"]), row["usd_per_unit"])
        for row in rates
        if row["currency"] == currency and date.fromisoformat(row["rate_date"]) <= day
    ]
    if not known or (day - max(known)[0]).days > 31:
        return None
    return Fraction(max(known)[1])


def quantity_of(receipt: Receipt) -> int:
    """How many packs the recorded credits are, if that is a whole number up to ten."""
    size = re.fullmatch(r"ai_credits_(4000|10000)", receipt.product_key)
    if receipt.kind != "ai_credits" or size is None or not receipt.credits:
        return 1
    whole, rest = divmod(receipt.credits, int(size[1]))
    return whole if rest == 0 and 1 <= whole <= 10 else 1


def price(receipt: Receipt, book: list[dict[str, str]], rates: list[dict[str, str]]) -> None:
    receipt.quantity = quantity_of(receipt)
    if receipt.store not in STORES:
        return
    offer = receipt.offer if receipt.offer_paid is None else receipt.offer_paid
    booked = book_price(book, receipt, offer or "")
    if booked is not None:
        booked *= receipt.quantity
    listed = book_price(book, receipt, "")
    receipt.list_price = None if listed is None else listed * receipt.quantity
    if receipt.amount is not None and receipt.amount >= 0 and receipt.currency:
        rate = rate_on(rates, receipt.currency, receipt.transacted_at.date())
        if rate is None:
            return
        paid = cents(Fraction(receipt.amount) * rate)
        usual = receipt.list_price if booked is None else booked
        if not paid or usual is None or usual / 10 <= paid <= usual * 10:
            receipt.paid, receipt.basis = paid, "recorded"
            return
    receipt.paid = booked
    receipt.basis = "none" if booked is None else "price_book"


def own_verdict(receipt: Receipt, as_of: datetime) -> str:
    """The verdict that needs no other receipt and no price, or an empty text."""
    if receipt.store not in STORES:
        return "not_a_sale"
    if receipt.transacted_at > as_of:
        return "future"
    if receipt.is_test:
        return "test"
    if (receipt.status or "").startswith("pending"):
        return "pending"
    if receipt.status in ("error", "failed", "canceled", "cancelled") and receipt.table in (
        "ai_credit_purchases",
        "course_purchases",
    ):
        return "pending"
    return "restored" if receipt.status == "restored" else ""


def is_same_event(one: Receipt, other: Receipt) -> bool:
    """Whether two subscription events of a store tell the same."""
    if one.named_end is None or other.named_end is None:
        is_same_period = one.named_end is other.named_end
    else:
        apart = abs(one.named_end - other.named_end)
        is_same_period = apart < timedelta(minutes=60)
    if one.order and other.order:
        return is_same_period and one.order.lower() == other.order.lower()
    if one.event_key is None or other.event_key is None:
        return False
    if one.named_end is None:
        is_same_period = is_same_period and one.created_at == other.created_at
    return is_same_period and one.event_key == other.event_key


def neighbourhoods(receipts: Sequence[Receipt]) -> None:
    """Join each receipt with those that are the same sale."""
    sharing: dict[Any, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        if receipt.table == "subscription_events":
            sharing["kind", receipt.store, receipt.event_key].append(receipt)
            if receipt.order:
                sharing["number", receipt.store, receipt.order.lower()].append(receipt)
            continue
        if receipt.order:
            sharing["order", receipt.store, receipt.order.lower()].append(receipt)
        if receipt.token:
            sharing["token", receipt.store, receipt.token].append(receipt)
    for (way, store, _), together in sharing.items():
        if way in ("kind", "number"):
            pairs = [(a, b) for a, b in combinations(together, 2) if is_same_event(a, b)]
        elif way == "token" and store == "app_store":
            # The transaction is the sale: only rows without one join the first of the envelope.
            first = min(together, key=lambda one: (*one.rank, one.table))
            pairs = [(first, one) for one in together if one is not first and not one.order]
        else:
            pairs = list(pairwise(together))
        for one, other in pairs:
            one.neighbours.append(other)
            other.neighbours.append(one)


def groups_of(receipts: Sequence[Receipt]) -> Iterator[list[Receipt]]:
    """Connected components, by walking from receipt to receipt over what they share."""
    neighbourhoods(receipts)
    seen: set[str] = set()
    for receipt in receipts:
        if receipt.receipt_id in seen:
            continue
        seen.add(receipt.receipt_id)
        group, waiting = [], [receipt]
        while waiting:
            one = waiting.pop()
            group.append(one)
            for other in one.neighbours:
                if other.receipt_id not in seen:
                    seen.add(other.receipt_id)
                    waiting.append(other)
        yield sorted(group, key=lambda member: (*member.rank, member.table))


def trials_among(receipts: Sequence[Receipt], book: list[dict[str, str]]) -> None:
    """Say of each event that opens a period whether it is a trial, or names a trial once more."""
    by_user: dict[UUID, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_user[receipt.user_id].append(receipt)
    for mine in by_user.values():
        told = {receipt.source_id.int: receipt for receipt in mine}
        events = openings_in_order(
            [
                Event(
                    id=receipt.source_id.int,
                    user=receipt.user_id.int,
                    kind=receipt.status or "",
                    at=receipt.created_at,
                    plan=receipt.product_key,
                    store=receipt.store or "",
                    expires=receipt.named_end,
                    order=receipt.order or "",
                )
                for receipt in mine
            ]
        )
        given: set[tuple[int, str]] = set()
        for event, purchase in zip(events, purchases_of(events, GRACE), strict=True):
            receipt = told[event.id]
            if book_price(book, receipt, receipt.offer or "") != 0:
                continue
            if receipt.offer and (purchase, receipt.offer) in given and event.kind == "renewed":
                receipt.offer_paid = ""
            else:
                receipt.is_trial = True
            given.add((purchase, receipt.offer or ""))


def judge(rows: Rows, as_of: datetime) -> dict[str, Receipt]:
    """Every receipt of the rows by receipt_id, with verdict, original and price."""
    book, rates = seed("price_book"), seed("fx_rates")
    receipts = list(receipts_of(rows, as_of))
    for receipt in receipts:
        receipt.verdict = own_verdict(receipt, as_of)
    groups = list(groups_of([receipt for receipt in receipts if not receipt.verdict]))
    openings = [group[0] for group in groups]
    openings += [receipt for receipt in receipts if receipt.verdict == "test"]
    trials_among([one for one in openings if one.table == "subscription_events"], book)
    for group in groups:
        for receipt in group:
            receipt.offer_paid = group[0].offer_paid
    for receipt in receipts:
        price(receipt, book, rates)
    for group in groups:
        tokens: set[str] = set()
        for receipt in group:
            if receipt is group[0]:
                is_free = receipt.is_trial or receipt.paid == 0
                sold = "unpriced" if receipt.paid is None else "counted"
                receipt.verdict = "not_a_sale" if is_free else sold
            else:
                receipt.duplicate_of = group[0].receipt_id
                if receipt.user_id != group[0].user_id:
                    receipt.verdict = "replayed"
                elif receipt.token in tokens:
                    receipt.verdict = "duplicate_token"
                else:
                    receipt.verdict = "duplicate_order"
            if receipt.token and receipt.table != "subscription_events":
                tokens.add(receipt.token)
    for receipt in receipts:
        if receipt.verdict == "not_a_sale" or receipt.is_trial:
            receipt.paid, receipt.basis = None, "none"
    return {receipt.receipt_id: receipt for receipt in receipts}


def fee_rate(receipt: Receipt, paid_days: int, program: str = "standard") -> Decimal:
    """The store's share; Apple's falls after a year of paid service."""
    if program == "small_business":
        return Decimal("0.15")
    if receipt.kind != "subscription":
        return Decimal("0.30")
    if receipt.store == "google_play":
        return Decimal("0.15")
    return Decimal("0.15") if paid_days >= 365 else Decimal("0.30")


def amounts(receipt: Receipt, rate: Decimal, tax_rate: Decimal) -> dict[str, Decimal | None]:
    """tax_usd, store_fee_usd, proceeds_usd and both parts of the way from the list price."""
    if receipt.paid is None:
        names = ("tax_usd", "store_fee_usd", "proceeds_usd", "discount_usd", "price_difference_usd")
        return dict.fromkeys(names)
    tax = cents(Fraction(receipt.paid) * Fraction(tax_rate) / (1 + Fraction(tax_rate)))
    fee = cents(Fraction(rate) * Fraction(receipt.paid - tax))
    discount = difference = None
    if receipt.list_price is not None:
        difference = receipt.list_price - receipt.paid
        discount = Decimal(0)
        if receipt.offer and difference > 0:
            discount, difference = difference, Decimal(0)
    return {
        "tax_usd": tax,
        "store_fee_usd": fee,
        "proceeds_usd": receipt.paid - tax - fee,
        "discount_usd": discount,
        "price_difference_usd": difference,
    }


def expected_row(receipt: Receipt, paid_days: int, program: str, tax_rate: str) -> dict[str, Any]:
    """The columns of fct_receipts that the oracle knows."""
    rate = fee_rate(receipt, paid_days, program)
    return {
        "user_id": receipt.user_id,
        "is_test": receipt.is_test,
        "store": receipt.store,
        "product_key": receipt.product_key,
        "product_kind": receipt.kind,
        "offer_id": receipt.offer,
        "order_id": receipt.order,
        "token_hash": receipt.token,
        "transacted_at": receipt.transacted_at,
        "time_fault": receipt.time_fault,
        "verdict": receipt.verdict,
        "duplicate_of": receipt.duplicate_of,
        "list_price_usd": receipt.list_price,
        "quantity": receipt.quantity,
        "paid_usd": receipt.paid,
        "price_basis": receipt.basis,
        **amounts(receipt, rate, Decimal(tax_rate)),
    }
