"""Rewards, referral codes, cohorts and discounts, each by itself."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite

SUITE = Suite(
    "referrals",
    "referrals_and_discounts",
    (
        Rule(
            "reward_amount_positive",
            "border_referral_credits",
            "amount",
            "raw/referral_credits",
            "The reward is not above zero",
            "every reward is above zero",
            minimum=0.01,
            cause="edited by hand",
        ),
        Rule(
            "reward_used_in_time",
            "border_referral_credits",
            "use",
            "raw/referral_credits",
            "The reward was used after it had expired",
            "no reward is used after it has expired",
            known=("in time",),
            cause="reward logic fails",
        ),
        Rule(
            "referral_code_shape",
            "border_profiles",
            "referral_code",
            "raw/user_profile",
            "The user's own code is not the letter U and six letters or digits",
            "every user's own code is the letter U and six letters or digits",
            known=("as agreed",),
            cause="edited by hand",
        ),
        Rule(
            "cohort_type_known",
            "border_cohorts",
            "cohort_type",
            "raw/cohorts",
            "The cohort is neither institution nor experiment arm nor partner",
            "every cohort is an institution, an arm of an experiment or a partner",
            known=("institution", "ab_test", "partner"),
            cause="edited by hand",
        ),
        Rule(
            "discount_product_known",
            "border_discount_codes",
            "product_type",
            "raw/discount_codes",
            "The code lowers the price of no known kind of product",
            "every discount code is for a known kind of product",
            known=("subscription", "ai_credits", "custom_audio"),
            cause="edited by hand",
        ),
        Rule(
            "discount_used_in_time",
            "border_discounts",
            "use",
            "raw/user_discounts",
            "The discount was used after it had expired",
            "no discount is used after it has expired",
            known=("in time",),
            cause="server writes a wrong value",
        ),
    ),
)
