"""Receipts that the marts count as repetitions of another: each is money not earned twice."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite


def _repeated(verdict: str, explanation: str) -> Rule:
    asset = "marts/fct_receipts"
    return Rule(verdict, "marts.fct_receipts", "verdict", asset, explanation, unwanted=(verdict,))


SUITE = Suite(
    "duplicates",
    "receipts_and_revenue",
    (
        _repeated(
            "duplicate_token", "The store token was used before by the same user: not counted again"
        ),
        _repeated(
            "duplicate_order",
            "The order number was used before by the same user: not counted again",
        ),
        _repeated(
            "replayed", "Another user's token or order number is presented again: not counted"
        ),
    ),
)
