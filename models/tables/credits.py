"""AI credits: packs bought and balances."""

from __future__ import annotations

from models.tables.contract import Column, Table
from models.tables.usage import Area, Usage, inferred, sourced

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
        usage=Usage(
            Area.CREDITS,
            inferred(
                "The edge function validate_purchase_ai_credits, once the store confirms a pack."
            ),
            inferred("The duplicate test of that function; support."),
            inferred("Inserted once per store transaction; only the status changes later."),
            inferred("Whether a receipt is new: no unique key stands on tokens or order numbers.")
            + inferred("Refunds other than by status; whether the amount is net of store fees."),
            frozenset({"credits_amount", "transaction_date"}),
        ),
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
        usage=Usage(
            Area.CREDITS,
            sourced("validate_purchase_ai_credits raises bank_limit_credits by the size of a pack.")
            + inferred(
                "Who writes spending back is not documented; the handshake most likely does."
            ),
            sourced("Returned by every handshake and by the validation of a pack."),
            sourced("The weekly counter returns to zero by itself at weekly_reset_date.")
            + inferred("One row per user, overwritten; only history.ai_usage knows earlier ones."),
            inferred(
                "When a credit was used: consumption is the difference between two extractions."
            ),
            frozenset({"user_id"}),
        ),
    ),
)
