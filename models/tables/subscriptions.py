"""Subscriptions and what the stores said of them."""

from __future__ import annotations

from models.tables.contract import Column, Table
from models.tables.usage import Area, Usage, inferred, sourced

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
        usage=Usage(
            Area.SUBSCRIPTIONS,
            inferred("The edge function validate_purchase."),
            sourced(
                "Returned by the handshake; a trigger on becoming premium awards the referrer."
            ),
            inferred("One row per user, overwritten at each purchase, renewal, cancel and expiry."),
            inferred(
                "Who subscribes: free users may have a row too. Earlier plans are in the events."
            ),
            frozenset(
                {
                    "user_id",
                    "plan",
                    "expires_at",
                    "auto_renew",
                    "purchase_token",
                    "transaction_date",
                }
            ),
        ),
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
        usage=Usage(
            Area.SUBSCRIPTIONS,
            inferred(
                "Whatever validates purchases and hears of renewals; no webhook is documented."
            ),
            inferred("Audits; the app reads subscriptions instead."),
            inferred("Append-only: created, renewed, canceled, expired."),
            sourced("Refunds, pauses and changes of plan: four kinds of event are named.")
            + inferred(
                "When the store acted: a row says when it was recorded, which may be later."
            ),
            frozenset({"event_type"}),
        ),
    ),
)
