"""Receipts that the marts count as repetitions of another: each is money not earned twice."""

from __future__ import annotations

from functools import partial

from checks.suites.rule import Suite, rule_against

_repeated = partial(
    rule_against,
    relation="marts.fct_receipts",
    column="verdict",
    asset="marts/fct_receipts",
    cause="store repeats itself",
)


SUITE = Suite(
    "duplicates",
    "receipts_and_revenue",
    (
        _repeated(
            "duplicate_token",
            "The store token was used before by the same user: not counted again",
            expected="no user presents a store token twice",
        ),
        _repeated(
            "duplicate_order",
            "The order number was used before by the same user: not counted again",
            expected="no user presents an order number twice",
        ),
        _repeated(
            "replayed",
            "Another user's token or order number is presented again: not counted",
            expected="nobody presents another user's token or order number",
            cause="receipt used twice",
        ),
    ),
)
