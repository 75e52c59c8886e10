"""Rows of the operational tables for tests of referrals, discounts and cohorts, with short names.

A premium month on Google costs 4.95 and brings 4.2075 (15 % store fee, no tax); a month on offer
a-1 costs 2.45 and brings 2.0825; a pack of 4,000 credits costs 2.95 and brings 2.065 (30 %).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

MONTH_PROCEEDS = Decimal("4.2075")
Row = dict[str, Any]


def uid(number: int) -> UUID:
    """A readable id: number 7 is 00000000-0000-0000-0000-000000000007."""
    return UUID(int=number)


def profile(
    user: int,
    at: datetime,
    *,
    code: str | None = None,
    by: str | None = None,
    role: str = "user",
    country: str | None = None,
) -> Row:
    """A user_profile row; `by` is the code used at sign-up."""
    return {
        "user_id": uid(user),
        "referral_code": code,
        "referred_by_code": by,
        "role": role,
        "country": country,
        "created_at": at,
        "updated_at": at,
    }


def month_bought(
    event: int,
    user: int,
    at: datetime,
    until: datetime,
    *,
    offer: str | None = None,
    order: str | None = None,
    kind: str = "created",
) -> Row:
    """A subscription event on Google that opens one month of premium."""
    return {
        "id": uid(event),
        "user_id": uid(user),
        "event_type": kind,
        "product_id": "hypnoelp_subscriptions",
        "base_plan_id": "monthly-plan",
        "offer_id": offer,
        "source": "google_play",
        "purchase_id": order or f"GPA.{event}",
        "expires_at": until,
        "created_at": at,
    }


def pack_bought(
    purchase: int,
    user: int,
    at: datetime,
    *,
    product: str = "ai_credits_4000",
    order: str | None = None,
) -> Row:
    """A counted receipt for 4,000 AI credits on Google."""
    return {
        "id": uid(purchase),
        "user_id": uid(user),
        "product_id": product,
        "purchase_id": order or f"GPA.{purchase}",
        "purchase_token_hash": f"token {purchase}",
        "source": "google_play",
        "credits_amount": 4000,
        "status": "purchased",
        "transaction_date": str(int(at.replace(tzinfo=UTC).timestamp() * 1000)),
        "created_at": at,
        "updated_at": at,
    }


def credit(
    number: int,
    to: int,
    at: datetime,
    *,
    referred: int | None = None,
    amount: str = "1.00",
    expires: datetime | None = None,
    used: datetime | None = None,
) -> Row:
    """A referral_credits row: money off custom audio for user `to`."""
    return {
        "id": uid(number),
        "user_id": uid(to),
        "referred_user_id": None if referred is None else uid(referred),
        "amount": Decimal(amount),
        "source": "user_referral",
        "expires_at": expires,
        "used_at": used,
        "created_at": at,
        "updated_at": at,
    }


def cohort(
    number: int, code: str, at: datetime, *, kind: str = "partner", name: str | None = None
) -> Row:
    """A cohorts row."""
    return {
        "id": uid(number),
        "code": code,
        "name": name,
        "cohort_type": kind,
        "created_at": at,
        "updated_at": at,
    }


def membership(number: int, user: int, in_cohort: int, at: datetime) -> Row:
    """A user_cohorts row."""
    return {
        "id": uid(number),
        "user_id": uid(user),
        "cohort_id": uid(in_cohort),
        "created_at": at,
        "updated_at": at,
    }


def discount_code(number: int, code: str, at: datetime, **columns: Any) -> Row:
    """A discount_codes row for subscriptions, universal unless `cohort_id` is given."""
    return {
        "id": uid(number),
        "code": code,
        "product_type": "subscription",
        "lifespan_days": 7,
        "created_at": at,
        "updated_at": at,
        **columns,
    }


def assignment(
    number: int,
    user: int,
    code: int,
    at: datetime,
    until: datetime,
    *,
    used: datetime | None = None,
    order: str | None = None,
) -> Row:
    """A user_discounts row."""
    return {
        "id": uid(number),
        "user_id": uid(user),
        "discount_code_id": uid(code),
        "assigned_at": at,
        "expires_at": until,
        "used_at": used,
        "purchase_id": order,
        "created_at": at,
        "updated_at": at,
    }
