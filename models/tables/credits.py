"""AI credits: packs bought and balances."""

from __future__ import annotations

from models.tables.contract import Column, Table

CREDITS = (
    Table(
        "ai_credit_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("product_id", "text"),
            Column("purchase_id", "text"),
            Column("purchase_token", "text", policy="secret"),
            Column("source", "text"),
            Column("credits_amount", "integer", is_summed=True),
            Column("amount_paid", "numeric(12,4)", is_nullable=True, is_summed=True),
            Column("currency", "text", is_nullable=True),
            Column("status", "text"),
            Column("transaction_date", "text"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "ai_usage",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("weekly_limit_credits", "integer", is_summed=True),
            Column("weekly_used_credits", "integer", default="0", is_summed=True),
            Column("weekly_reset_date", "timestamptz", is_nullable=True),
            Column("bank_limit_credits", "integer", default="0", is_summed=True),
            Column("bank_used_credits", "integer", default="0", is_summed=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        policies=("select",),
    ),
)
