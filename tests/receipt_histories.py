"""Random receipts of a seeded business: shared tokens and orders in chains, stars and ties, test
users, blanks and letters of any case, times and amounts with faults. Rows as raw.* holds them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.subscription_oracle import MONTHS, add_months

AS_OF = datetime(2026, 11, 1, 9, 30)
STORES = ["google_play"] * 6 + ["app_store"] * 4
ODD_STORES = [" Google_Play", "APP_STORE ", "premium_slot", "admin", "", None]
STATUSES = ["purchased"] * 12 + [
    "PurchaseStatus.purchased",
    " Purchased ",
    "restored",
    "PurchaseStatus.restored",
    "pending_validation",
    "PENDING_VALIDATION",
    "refunded",
    "PurchaseStatus.error",
    "",
]
PACKS = [
    "ai_credits_4000",
    "ai_credits_10000",
    "ai_credits_4000_x2",
    "AI_Credits_10000_X3",
    "me.hypnoelp.app.ai_credits_4000",
    " me.hypnoelp.app.AI_CREDITS_10000_x2\t",
    "ai_credits_2500",
    "ai_credits_4000_zz9",
    "",
]
COURSES = ["h01enb", "me.hypnoelp.app.S01ENB", "x99enb", "x99enb_c1", "c99enb", None, "z77enb"]
EVENTS = [
    ("hypnoelp_subscriptions", "monthly-plan"),
    ("hypnoelp_subscriptions", "quarterly-plan"),
    ("Hypnoelp_Subscriptions ", " Yearly-Plan"),
    ("me.hypnoelp.app.subscription_1month", None),
    ("me.hypnoelp.app.Subscription_1month", "yearly-plan"),
    (None, "monthly-plan"),
    ("hypnoelp_subscriptions", None),
    (None, None),
]
OFFERS = [None] * 6 + ["", "a-1", "A-2 ", "free-trial", "nobody-knows"]
AMOUNTS = [None] * 5 + ["2.95", "0.00005", "0", "-3.5", "19.9999", "2.34565", "29.50", "295"]
CURRENCIES = ["USD", "usd", "EUR", " gbp", "XXX", None, ""]


class Business:
    """Draws rows; every time lies on a coarse grid, so that ties are common."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.next_id = 1

    def uuid(self) -> UUID:
        """A new id whose order has nothing to do with that of the rows."""
        self.next_id += 1
        return UUID(int=self.random.getrandbits(120) * 2**8 + self.next_id % 256)

    def moment(self) -> datetime:
        return datetime(2025, 9, 1) + timedelta(days=self.random.randrange(400), hours=12)

    def transaction_date(self, at: datetime) -> str | None:
        milliseconds = int((at - datetime(1970, 1, 1)).total_seconds() * 1000)
        faulty = [
            None,
            "",
            at.isoformat(),
            str(milliseconds // 1000),
            "86400000000",
            "4070908800000",
            "-5",
            "17672256000001234567890",
            f"{milliseconds}.0",
        ]
        if self.random.random() < 0.12:
            return self.random.choice(faulty)
        return f" {milliseconds} " if self.random.random() < 0.1 else str(milliseconds)

    def order(self, pool: int) -> str:
        number = f"GPA.{self.random.randrange(pool):05d}"
        dressed = [number, number.lower(), f" {number}", f"{number}\t", f"{number}..0", "", "  "]
        return self.random.choices(dressed, [70, 8, 6, 3, 8, 3, 2])[0]

    def token(self, pool: int) -> str | None:
        return None if self.random.random() < 0.1 else f"hash-{self.random.randrange(pool)}"

    def store(self) -> str | None:
        odd = self.random.random() < 0.08
        return self.random.choice(ODD_STORES if odd else STORES)

    def proof(self, pool: int) -> dict[str, Any]:
        at = self.moment()
        return {
            "id": self.uuid(),
            "purchase_id": self.order(pool),
            "purchase_token_hash": self.token(pool),
            "source": self.store(),
            "status": self.random.choice(STATUSES),
            "created_at": at + timedelta(days=self.random.choice([0, 0, 0, 1])),
            "updated_at": at + timedelta(days=self.random.choice([2, 2, 90])),
        }

    def retold(self, event: dict[str, Any]) -> dict[str, Any]:
        """The same event once more, or nearly."""
        again = event | {"id": self.uuid()}
        if end := event.get("expires_at"):
            again["expires_at"] = end + timedelta(minutes=self.random.choice([0, 30, 59, 60, -59]))
        again["created_at"] += timedelta(minutes=self.random.choice([0, 0, 2]))
        if self.random.random() < 0.4:
            again["purchase_id"] = self.random.choice([None, f"GPA.{self.random.randrange(99)}"])
        return again

    def users(self, count: int) -> list[dict[str, Any]]:
        roles = ["user"] * 8 + [" Tester", "ADMIN"]
        return [{"user_id": self.uuid(), "role": self.random.choice(roles)} for _ in range(count)]


def random_rows(seed: int, scale: int = 1000) -> dict[str, list[dict[str, Any]]]:
    """About four times `scale` receipts over all four tables, with all they hang on."""
    draw = Business(seed)
    profiles = draw.users(max(scale // 6, 3))
    users = [row["user_id"] for row in profiles] + [draw.uuid() for _ in range(3)]
    packs, courses, audio, events, owned = [], [], [], [], []
    for _ in range(scale):
        row = draw.proof(scale)
        row |= {"user_id": draw.random.choice(users), "product_id": draw.random.choice(PACKS)}
        row["transaction_date"] = draw.transaction_date(draw.moment())
        row["credits_amount"] = draw.random.choice([4000, 4000, 8000, 10000, 44000, None])
        if amount := draw.random.choice(AMOUNTS):
            row |= {"amount_paid": Decimal(amount), "currency": draw.random.choice(CURRENCIES)}
        packs.append(row)
    for _ in range(scale // 2):
        row = draw.proof(scale) | {"user_id": draw.random.choice(users), "course_code": "P01ENB"}
        row["product_id"] = draw.random.choice(COURSES)
        row["transaction_date"] = draw.transaction_date(draw.moment())
        courses.append(row)
    for _ in range(scale // 2):
        course = {"id": draw.uuid(), "user_id": draw.random.choice(users), "course_code": "X99ENB"}
        course["created_at"] = draw.moment()
        owned.append(course)
        status = draw.random.choice(["active", "Active", None, "refunded", "canceled", "restored"])
        audio.append(draw.proof(scale) | {"course_id": course["id"], "status": status})
    for _ in range(scale):
        product, plan = draw.random.choice(EVENTS)
        user = draw.random.choice(users)
        event = {
            "id": draw.uuid(),
            "user_id": user,
            "subscription_id": draw.random.choice([user, user, None]),
            "event_type": draw.random.choice(["created", "renewed", "Renewed ", "canceled"]),
            "product_id": product,
            "base_plan_id": plan,
            "offer_id": draw.random.choice(OFFERS),
            "source": draw.store(),
            "purchase_id": draw.order(scale // 2) if draw.random.random() < 0.7 else None,
            "created_at": draw.moment(),
        }
        if event["event_type"] == "created" and draw.random.random() < 0.6:
            event["expires_at"] = plan_end(event)
        events.append(event)
        if draw.random.random() < 0.2:
            events.append(draw.retold(event))
    buyers = [row["user_id"] for row in profiles if row["role"] == "user"]
    packs += chain(draw, buyers, length=300) + star(draw, buyers, size=200)
    return {
        "user_profile": profiles,
        "custom_courses": owned,
        "ai_credit_purchases": packs,
        "course_purchases": courses,
        "custom_course_purchases": audio,
        "subscription_events": events,
    }


def plan_end(event: dict[str, Any]) -> datetime:
    """The end of the period that a created event opens, by its plan."""
    plan = (event["base_plan_id"] or "").strip().lower()
    if (event["product_id"] or "").lower().endswith("subscription_1month"):
        plan = "monthly-plan"
    months: int = MONTHS.get(plan, 1)
    return add_months(event["created_at"], months)


def chain(draw: Business, users: list[UUID], length: int) -> list[dict[str, Any]]:
    """One long group: each shares its token with one neighbour, its order with the other."""
    rows = []
    for place in range(length):
        row = draw.proof(1) | {"user_id": draw.random.choice(users), "status": "purchased"}
        row |= {"product_id": "ai_credits_4000", "source": "google_play", "credits_amount": 4000}
        row["purchase_token_hash"] = f"chain-{(place + 1) // 2}"
        row["purchase_id"] = f"CHAIN-{place // 2}"
        row["transaction_date"] = draw.transaction_date(draw.moment())
        rows.append(row)
    return rows


def star(draw: Business, users: list[UUID], size: int) -> list[dict[str, Any]]:
    """One wide group: many receipts of one order, each with a token of its own."""
    rows = []
    for place in range(size):
        row = draw.proof(1) | {"user_id": draw.random.choice(users), "status": "purchased"}
        row |= {"product_id": "ai_credits_10000", "source": "google_play", "credits_amount": 10000}
        row |= {"purchase_id": "STAR", "purchase_token_hash": f"star-{place}"}
        row["transaction_date"] = draw.transaction_date(draw.moment())
        rows.append(row)
    return rows
