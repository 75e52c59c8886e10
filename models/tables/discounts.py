"""Discount codes, who got them, and credits for referring."""

from __future__ import annotations

from models.tables.contract import Column, Table

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
    ),
)
