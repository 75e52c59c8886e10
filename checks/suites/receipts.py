"""Receipts at the border: tokens, orders, states, amounts and times in their three formats."""

from __future__ import annotations

from functools import partial

from checks.suites.rule import Rule, Suite, rule_against
from models.words import STORES

RECEIPTS = "marts/fct_receipts"


# One kind of fault of a recorded amount, as the marts found it.
_amount = partial(
    rule_against,
    relation="intermediate.int_receipts_judged",
    column="price_fault",
    asset=RECEIPTS,
    cause="server writes a wrong value",
)


SUITE = Suite(
    "receipts",
    "receipts_and_revenue",
    (
        Rule(
            "receipt_token_present",
            "border_sales",
            "purchase_token_hash",
            RECEIPTS,
            "The receipt has no store token, so that a repetition can show only by its order",
            "every receipt has a store token",
            is_there=True,
            cause="server writes a wrong value",
        ),
        Rule(
            "receipt_order_present",
            "border_sales",
            "purchase_id",
            RECEIPTS,
            "The receipt has no order number, so that a repetition can show only by its token",
            "every receipt has an order number",
            is_there=True,
            cause="server writes a wrong value",
        ),
        Rule(
            "receipt_store_known",
            "border_receipts",
            "store",
            RECEIPTS,
            "The receipt names no known source, so that it counts as no sale",
            "every receipt names a known store or source",
            known=(*STORES, "premium_slot", "admin"),
            cause="server writes a wrong value",
        ),
        Rule(
            "receipt_status_known",
            "border_receipts",
            "status",
            RECEIPTS,
            "The receipt's status is none of the contract's",
            "every receipt has a status of the contract",
            known=("purchased", "restored", "pending_validation", "refunded", "free"),
            cause="server writes a wrong value",
        ),
        Rule(
            "pack_credits_recorded",
            "border_packs",
            "credits_amount",
            "marts/fct_credit_lots",
            "The pack records no credits above zero, so that its product says how many",
            "every pack records its credits",
            minimum=1,
            cause="server writes a wrong value",
        ),
        _amount(
            "amount_unreadable",
            "The recorded amount is no number: taken as none",
            expected="every recorded amount is a number",
        ),
        _amount(
            "amount_negative",
            "The recorded amount is below zero: taken as none",
            expected="no recorded amount is below zero",
        ),
        _amount(
            "amount_without_currency",
            "An amount is recorded without its currency, so that it has no value in dollars",
            expected="every recorded amount has its currency",
        ),
        _amount(
            "no_exchange_rate",
            "No exchange rate stands within a month before the sale, so that it has no price",
            expected="every recorded amount has an exchange rate within a month before the sale",
            cause="price book is incomplete",
        ),
        Rule(
            "transaction_date_readable",
            "border_transaction_dates",
            "state",
            RECEIPTS,
            "The time of sale is not in the agreed format, so that the row's own time counts",
            "every time of sale is in an agreed format",
            known=("readable", "implausible", "epoch seconds"),
            shows_value=True,
            cause="app writes a wrong value",
        ),
        Rule(
            "transaction_date_plausible",
            "border_transaction_dates",
            "state",
            RECEIPTS,
            "The time of sale lies before all sales or after the extraction: the row's own counts",
            "every time of sale lies between the first sales and the extraction",
            unwanted=("implausible", "epoch seconds"),
            shows_value=True,
            cause="app writes a wrong value",
        ),
    ),
)
