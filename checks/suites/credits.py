"""AI-credit balances, each by itself."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite

ASSET = "raw/ai_usage"

SUITE = Suite(
    "credits",
    "ai_credits",
    (
        Rule(
            "balance_not_negative",
            "border_credit_balances",
            "lowest_credits",
            ASSET,
            "A limit or a counter is below zero",
            "no limit and no counter of credits is below zero",
            minimum=0,
            cause="server writes a wrong value",
        ),
        Rule(
            "weekly_used_within_limit",
            "border_credit_balances",
            "weekly_credits_beyond",
            ASSET,
            "More weekly credits are used than one started turn can overshoot the allowance",
            "no more weekly credits are used than the allowance and one started turn",
            maximum=0,
            cause="server writes a wrong value",
        ),
        Rule(
            "bank_used_within_limit",
            "border_credit_balances",
            "bank_credits_beyond",
            ASSET,
            "More bank credits are used than were ever put in",
            "no more bank credits are used than were put in",
            maximum=0,
            cause="server writes a wrong value",
        ),
        Rule(
            "reset_date_ahead",
            "border_credit_balances",
            "reset",
            ASSET,
            "The weekly reset is not ahead, as it must be",
            "every weekly reset is ahead",
            known=("ahead",),
            shows_value=True,
            cause="store or server is late",
        ),
    ),
)
