"""Subscriptions and what the stores said of them."""

from __future__ import annotations

from models.tables.contract import Column, Table

SUBSCRIPTIONS = (
    Table(
        "subscriptions",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("plan", "text", default="'free'"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("auto_renew", "boolean", default="false"),
            Column("purchase_token", "text", is_nullable=True, policy="secret"),
            Column("purchase_id", "text", is_nullable=True),
            Column("product_id", "text", is_nullable=True),
            Column("base_plan_id", "text", is_nullable=True),
            Column("offer_id", "text", is_nullable=True),
            Column("plan_title", "text", is_nullable=True),
            Column("plan_description", "text", is_nullable=True),
            Column("source", "text", is_nullable=True),
            Column("transaction_date", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        policies=("select",),
        triggers=("handle_premium_subscription_referral",),
    ),
    Table(
        "subscription_events",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("subscription_id", "uuid", is_nullable=True),
            Column("event_type", "text"),
            Column("product_id", "text", is_nullable=True),
            Column("base_plan_id", "text", is_nullable=True),
            Column("offer_id", "text", is_nullable=True),
            Column("source", "text", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("details", "json", is_nullable=True, policy="pii"),
            Column("created_at", "timestamptz", default="now()"),
        ),
        key=("id",),
    ),
)
