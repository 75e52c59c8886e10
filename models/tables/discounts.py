"""Discount codes, who got them, and credits for referring."""

from __future__ import annotations

from models.tables.contract import Column, Table
from models.tables.usage import Area, Usage, inferred, sourced

DISCOUNTS = (
    Table(
        "discount_codes",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("code", "text"),
            Column("product_type", "text"),
            Column("cohort_id", "uuid", is_nullable=True),
            Column("lifespan_days", "integer", default="7"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("store_offer_id", "text", is_nullable=True),
            Column("product_suffix", "text", is_nullable=True),
            Column("parent_code", "text", is_nullable=True),
            Column("referrer_user_id", "uuid", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("code",),),
        usage=Usage(
            Area.DISCOUNTS,
            inferred("Administrators."),
            sourced(
                "The handshake, to hand out discounts; validate_referral_code, before profiles."
            ),
            inferred("Few rows; a code ends by its expiry."),
            inferred("What a discount is worth: the amount lives in the stores' offers."),
            frozenset({"code", "product_type", "lifespan_days", "expires_at"}),
        ),
    ),
    Table(
        "user_discounts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("discount_code_id", "uuid"),
            Column("assigned_at", "timestamptz", default="now()"),
            Column("expires_at", "timestamptz"),
            Column("used_at", "timestamptz", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id", "discount_code_id"),),
        policies=("select",),
        usage=Usage(
            Area.DISCOUNTS,
            sourced("The handshake assigns a discount, once per user and code."),
            sourced("The app checks that a discount is neither used nor past its days."),
            sourced("Assigned, then valid for the code's days, then used or lapsed."),
            inferred(
                "Interest: a code is assigned when the app is opened, so exposure follows use."
            ),
            frozenset({"user_id", "discount_code_id"}),
        ),
    ),
    Table(
        "referral_credits",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("referred_user_id", "uuid", is_nullable=True),
            Column("amount", "numeric(10,2)", is_summed=True),
            Column("source", "text"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("used_at", "timestamptz", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
        usage=Usage(
            Area.DISCOUNTS,
            sourced("The database trigger handle_premium_subscription_referral awards the credit.")
            + inferred("The checkout of custom audio marks it as used."),
            inferred("The app, to show what a user has earned."),
            inferred(
                "Created when the referred user first becomes premium; ends by use or expiry."
            ),
            sourced("AI credits: a referral credit is money off custom audio.")
            + inferred("Partner payouts, which are paid outside the app."),
            frozenset({"user_id", "amount", "source", "expires_at"}),
        ),
    ),
)
