"""Faults to plant into the clean business: one function each, with what the checks must find.

Each returns the findings it must cause, (check_name, source_table, source_id, money at stake); the
users are of its own, so that all faults stand in one set of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tests.checked_rows import AS_OF, Rows, milliseconds

Finding = tuple[str, str, UUID, str | None]
Plant = Callable[[Rows, int], Sequence[Finding]]
PLANTS: list[Plant] = []
PACKS, EVENTS, PROFILES = "ai_credit_purchases", "subscription_events", "user_profile"


def plant(function: Plant) -> Plant:
    """Register a fault."""
    PLANTS.append(function)
    return function


@plant
def same_token_again(rows: Rows, number: int) -> list[Finding]:
    """One user's token twice: the later is not counted."""
    user = rows.user(number)
    rows.pack(user, "twice")
    again = rows.pack(user, "twice-b", purchase_token_hash="hash-twice", bank=0,
                      at=datetime(2026, 10, 2))  # fmt: skip
    return [("duplicate_token", PACKS, again, "2.95")]


@plant
def same_order_again(rows: Rows, number: int) -> list[Finding]:
    """One user's order number in other letters."""
    user = rows.user(number)
    rows.pack(user, "order")
    again = rows.pack(user, "order-b", purchase_id=" gpa.ORDER ", bank=0, at=datetime(2026, 10, 2))
    return [("duplicate_order", PACKS, again, "2.95")]


@plant
def token_of_another(rows: Rows, number: int) -> list[Finding]:
    """Another user presents the token."""
    rows.pack(rows.user(number), "mine")
    thief = rows.user(number + 1)
    again = rows.pack(thief, "theirs", purchase_token_hash="hash-mine", bank=0,
                      at=datetime(2026, 10, 2))  # fmt: skip
    return [("replayed", PACKS, again, "2.95")]


@plant
def restored_alone(rows: Rows, number: int) -> list[Finding]:
    """Restored, and no sale is there; a restored one beside its sale is no fault."""
    user = rows.user(number)
    rows.pack(user, "sold")
    rows.pack(user, "sold-b", purchase_token_hash="hash-sold", status="restored",
              at=datetime(2026, 10, 2))  # fmt: skip
    alone = rows.pack(user, "alone", status="restored")
    return [("restored_without_original", PACKS, alone, "2.95")]


@plant
def pack_of_no_credits(rows: Rows, number: int) -> list[Finding]:
    """Packs of 4,000 recorded with 0 and with -1 credits: lots of 4,000 all the same."""
    user = rows.user(number)
    found = [rows.pack(user, f"empty{amount}", credits_amount=amount) for amount in (0, -1)]
    return [("pack_credits_recorded", PACKS, pack, "2.95") for pack in found]


@plant
def product_of_no_book(rows: Rows, number: int) -> list[Finding]:
    """A product that nobody priced."""
    found = rows.pack(rows.user(number), "gold", product_id="ai_credits_777", bank=0)
    return [("unknown_product", PACKS, found, None), ("unpriced_receipt", PACKS, found, None)]


@plant
def pending_for_weeks(rows: Rows, number: int) -> list[Finding]:
    """Pending a month; one of yesterday may still clear."""
    user = rows.user(number)
    rows.pack(user, "fresh", status="pending_validation", at=AS_OF - timedelta(days=1))
    found = rows.pack(user, "stale", status="pending_validation")
    return [("pending_never_clears", PACKS, found, "2.95")]


@plant
def bought_by_a_tester(rows: Rows, number: int) -> list[Finding]:
    """No fault: testers buy to test."""
    user = rows.user(number)
    rows.change(PROFILES, user, role="tester")
    rows.pack(user, "sandbox", bank=0)
    return []


@plant
def times_that_cannot_be_read(rows: Rows, number: int) -> list[Finding]:
    """Local time, words, nothing at all."""
    user = rows.user(number)
    texts = ("2026-10-01T09:00:00", "yesterday", " ")
    found = [
        rows.pack(user, f"time-{place}", transaction_date=text) for place, text in enumerate(texts)
    ]
    return [("transaction_date_readable", PACKS, each, "2.95") for each in found]


@plant
def times_that_cannot_be(rows: Rows, number: int) -> list[Finding]:
    """Seconds for milliseconds, dates in 1970 and 2099, and one before there were stores."""
    user = rows.user(number)
    years = (1970, 2001, 2099)
    texts = ("1759309200", *(milliseconds(datetime(year, 9, 9, 12)) for year in years))
    found = [
        rows.pack(user, f"when-{place}", transaction_date=text) for place, text in enumerate(texts)
    ]
    return [("transaction_date_plausible", PACKS, each, "2.95") for each in found]


@plant
def subscription_time_in_milliseconds(rows: Rows, number: int) -> list[Finding]:
    """Milliseconds where ISO 8601 stands by agreement."""
    user = rows.user(number)
    rows.change("subscriptions", user, transaction_date="1759309200000")
    found = next(r["id"] for r in rows.raw["subscriptions"] if r["user_id"] == user)
    return [("transaction_date_readable", "subscriptions", found, None)]


@plant
def amounts_at_fault(rows: Rows, number: int) -> list[Finding]:
    """Negative, without currency, no number, of an unknown currency, a hundred times too much."""
    user = rows.user(number)
    negative = rows.pack(user, "below", amount_paid=Decimal("-2.95"), currency="USD")
    unit = rows.pack(user, "unit", amount_paid=Decimal("2.95"))
    number_not = rows.pack(user, "nan", currency="USD", _unreadable="amount_paid=NaN")
    currency = rows.pack(user, "moon", amount_paid=Decimal("2.95"), currency="XMN", bank=0)
    absurd = rows.pack(user, "cents", amount_paid=Decimal("295.00"), currency="USD")
    return [
        ("amount_negative", PACKS, negative, "2.95"),
        ("amount_without_currency", PACKS, unit, "2.95"),
        ("amount_unreadable", PACKS, number_not, "0"),  # it stands in the next one
        ("readable_values", PACKS, number_not, "2.95"),
        ("no_exchange_rate", PACKS, currency, None),
        ("unpriced_receipt", PACKS, currency, "2.95"),
        ("absurd_amount", PACKS, absurd, "292.05"),  # 295.00 less the book's 2.95
    ]


@plant
def credits_at_fault(rows: Rows, number: int) -> list[Finding]:
    """One and a half packs, and a hundred packs in one."""
    user, other = rows.user(number), rows.user(number + 1)
    broken = rows.pack(user, "half", credits_amount=6_000, bank=0)
    rows.change("ai_usage", user, bank_limit_credits=6_000)
    absurd = rows.pack(other, "hundred", credits_amount=400_000)
    return [
        ("contradicting_credits", PACKS, broken, "2.95"),
        ("contradicting_credits", PACKS, absurd, "2.95"),
    ]


@plant
def receipts_that_show_too_little(rows: Rows, number: int) -> list[Finding]:
    """Without token, without order, of no store, in no known state, without a required value."""
    user = rows.user(number)
    token = rows.pack(user, "tokenless", purchase_token_hash=None)
    order = rows.pack(user, "orderless", purchase_id=" ")
    store = rows.pack(user, "market", source="market", bank=0)
    status = rows.pack(user, "odd", status="odd", bank=1)
    rows.change("ai_usage", user, bank_limit_credits=12_000)
    credits = rows.pack(rows.user(number + 1), "creditless", updated_at=None)
    return [
        ("receipt_token_present", PACKS, token, "2.95"),
        ("receipt_order_present", PACKS, order, "2.95"),
        ("receipt_store_known", PACKS, store, None),
        ("receipt_status_known", PACKS, status, "2.95"),
        ("required_values", PACKS, credits, "2.95"),
    ]


@plant
def renewed_out_of_nothing(rows: Rows, number: int) -> list[Finding]:
    """A renewal that no created event precedes."""
    user = rows.user(number, plan="premium")
    found = rows.event(user, "renewed", datetime(2026, 10, 10, 8))
    return [("renewal_without_created", EVENTS, found, "4.95")]


@plant
def expired_too_early(rows: Rows, number: int) -> list[Finding]:
    """Expired on the day before it was created."""
    user = rows.user(number, plan="premium")
    found = rows.event(user, "expired", datetime(2026, 10, 9, 8))
    rows.event(user, "created", datetime(2026, 10, 10, 8))
    return [("expired_before_created", EVENTS, found, "0")]


@plant
def renewed_after_the_end(rows: Rows, number: int) -> list[Finding]:
    """A renewal and a cancel after the expired event, and a cancel before anything."""
    user = rows.user(number, plan="premium")
    early = rows.event(user, "canceled", datetime(2026, 8, 30))
    rows.event(user, "created", datetime(2026, 9, 5, 8))
    rows.event(user, "expired", datetime(2026, 10, 5, 8), expires_at=datetime(2026, 10, 5, 8))
    cancel = rows.event(user, "canceled", datetime(2026, 10, 6, 8))
    late = rows.event(user, "renewed", datetime(2026, 10, 9, 8))
    return [
        ("event_out_of_order", EVENTS, early, "0"),
        ("event_out_of_order", EVENTS, cancel, "0"),
        ("event_out_of_order", EVENTS, late, "4.95"),
    ]


@plant
def told_twice(rows: Rows, number: int) -> list[Finding]:
    """A cancel told twice within a minute, and a created event with the same order."""
    user = rows.user(number, plan="premium")
    told = {"purchase_id": "GPA.told", "expires_at": datetime(2026, 11, 10, 8)}
    rows.event(user, "created", datetime(2026, 10, 10, 8), **told)
    created = rows.event(user, "created", datetime(2026, 10, 10, 9), **told)
    rows.event(user, "canceled", datetime(2026, 10, 20), purchase_id="GPA.told")
    canceled = rows.event(
        user, "canceled", datetime(2026, 10, 20, 0, 0, 30), purchase_id="GPA.told"
    )
    return [("duplicate_order", EVENTS, created, "4.95"), ("repeated_event", EVENTS, canceled, "0")]


@plant
def two_subscriptions_at_once(rows: Rows, number: int) -> list[Finding]:
    """Created again on the same plan in the other store while the first runs."""
    user = rows.user(number, plan="premium")
    rows.event(user, "created", datetime(2026, 10, 10, 8))
    found = rows.event(user, "created", datetime(2026, 10, 15, 8), source="app_store")
    return [("overlapping_periods", EVENTS, found, "4.95")]


@plant
def ended_without_a_word(rows: Rows, number: int) -> list[Finding]:
    """A period that ended in September and of which nothing more was heard."""
    user = rows.user(number)
    found = rows.event(user, "created", datetime(2026, 8, 10, 8))
    return [("missing_expired", EVENTS, found, "0")]


@plant
def periods_that_contradict_their_plan(rows: Rows, number: int) -> list[Finding]:
    """A month of five minutes, and one that ends in the year 9999."""
    start = datetime(2026, 10, 10, 8)
    short, long = rows.user(number), rows.user(number + 1)
    minutes = rows.event(short, "created", start, expires_at=start + timedelta(minutes=5))
    ages = rows.event(long, "created", start, expires_at=datetime(9999, 1, 1))
    return [
        ("implausible_period", EVENTS, minutes, "4.95"),
        ("implausible_period", EVENTS, ages, "4.95"),
    ]


@plant
def premium_after_its_end(rows: Rows, number: int) -> list[Finding]:
    """A month that expired in May, while the source still says premium."""
    user = rows.user(number, plan="premium")
    rows.event(user, "created", datetime(2026, 4, 10, 8))
    rows.event(user, "expired", datetime(2026, 5, 10, 8), expires_at=datetime(2026, 5, 10, 8))
    (found,) = [r["id"] for r in rows.raw["subscriptions"] if r["user_id"] == user]
    return [("premium_without_access", "subscriptions", found, None)]


@plant
def a_month_of_next_year(rows: Rows, number: int) -> list[Finding]:
    """A subscription recorded after the extraction."""
    user = rows.user(number)
    found = rows.event(user, "created", datetime(2027, 3, 1, 9))
    return [("not_yet_happened", EVENTS, found, "0")]


@plant
def words_within_blanks(rows: Rows, number: int) -> list[Finding]:
    """Blanks that staging takes away are no fault; with one that it leaves it is another word."""
    user = rows.user(number, plan="premium", referred_by_code="\t")
    rows.event(user, "created\t", datetime(2026, 10, 10, 8), source="\ngoogle_play")
    strange = rows.event(rows.user(number + 1), "created\u00a0", datetime(2026, 10, 10, 8))
    return [("event_type_known", EVENTS, strange, None)]


@plant
def events_at_fault(rows: Rows, number: int) -> list[Finding]:
    """An unknown type, an unknown store, a period that ends before it begins."""
    user = rows.user(number, plan="premium")
    paused = rows.event(user, "paused", datetime(2026, 10, 10, 7))
    store = rows.event(user, "created", datetime(2026, 10, 10, 8), source="market")
    start = datetime(2026, 10, 20, 8)
    other = rows.user(number + 1, plan="premium")
    backwards = rows.event(other, "created", start, expires_at=start - timedelta(hours=1))
    return [
        ("event_type_known", EVENTS, paused, None),
        ("event_store_known", EVENTS, store, None),
        ("event_period_in_order", EVENTS, backwards, "4.95"),
    ]


@plant
def billing_states_at_fault(rows: Rows, number: int) -> list[Finding]:
    """A plan of another name, premium of which no event tells, no billing state at all."""
    gold, silent, absent = (rows.user(number + step) for step in range(3))
    rows.change("subscriptions", gold, plan="gold")
    rows.change("subscriptions", silent, plan="premium")
    rows.raw["subscriptions"] = [r for r in rows.raw["subscriptions"] if r["user_id"] != absent]
    ids = {row["user_id"]: row["id"] for row in rows.raw["subscriptions"]}
    return [
        ("plan_known", "subscriptions", ids[gold], None),
        ("premium_without_event", "subscriptions", ids[silent], None),
        ("subscription_row_missing", PROFILES, absent, "0"),
    ]
