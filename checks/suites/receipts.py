"""Receipts at the border: tokens, orders, states, amounts and times in their three formats."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite

STORES = ("google_play", "app_store")
RECEIPTS = "marts/fct_receipts"

SUITE = Suite(
    "receipts",
    "receipts_and_revenue",
    (
        Rule(
            "receipt_token_present",
            "receipts",
            "token",
            RECEIPTS,
            "The receipt has no store token, so that a repetition can show only by its order",
            known=("present",),
        ),
        Rule(
            "receipt_order_present",
            "receipts",
            "order_number",
            RECEIPTS,
            "The receipt has no order number, so that a repetition can show only by its token",
            known=("present",),
        ),
        Rule(
            "receipt_store_known",
            "receipts",
            "store",
            RECEIPTS,
            "The receipt names no known source, so that it counts as no sale",
            known=(*STORES, "premium_slot", "admin"),
        ),
        Rule(
            "receipt_status_known",
            "receipts",
            "status",
            RECEIPTS,
            "The receipt's status is none of the contract's",
            known=("purchased", "restored", "pending_validation", "refunded", "free"),
        ),
        Rule(
            "amount_not_negative",
            "receipts",
            "amount_paid",
            "raw/ai_credit_purchases",
            "The recorded amount is below zero",
            minimum=0,
        ),
        Rule(
            "amount_has_currency",
            "receipts",
            "amount_has_unit",
            "raw/ai_credit_purchases",
            "An amount is recorded without its currency, so that it has no value in dollars",
            known=("yes",),
        ),
        Rule(
            "transaction_date_format",
            "transaction_dates",
            "agreement",
            RECEIPTS,
            "The time of sale is not in the agreed format",
            known=("as agreed",),
            shows_value=True,
        ),
        Rule(
            "transaction_date_plausible",
            "transaction_dates",
            "plausibility",
            RECEIPTS,
            "The time of sale cannot be right",
            unwanted=("before the first sale", "after the extraction"),
            shows_value=True,
        ),
    ),
)
