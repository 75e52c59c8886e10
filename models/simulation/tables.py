"""The tables of the business, in the order in which they are loaded."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

Tables = Mapping[str, pl.DataFrame]
ACCOUNTS = "auth.users"
# Parents before children; custom courses before their purchases.
LOAD_ORDER = (
    ACCOUNTS,
    "cohorts",
    "courses",
    "master_manifests",
    "manifest_cohorts",
    "user_profile",
    "user_cohorts",
    "discount_codes",
    "user_discounts",
    "referral_credits",
    "subscriptions",
    "subscription_events",
    "ai_credit_purchases",
    "ai_usage",
    "custom_courses",
    "custom_course_purchases",
    "course_purchases",
    "analytics",
    "audio_usage",
    "cached_handshake_responses",
    "app_logs",
    "server_logs",
)
