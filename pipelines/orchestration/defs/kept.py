"""Who keeps each group of assets, and how old what is refreshed daily may become."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from models.marts import MARTS

PIPELINE = "team:analytics"
# Who answers for what a mart means, by area; the pipeline's own people keep all else.
OWNERS = {
    "ai_credits": "team:finance",
    "changes": "team:finance",
    "receipts_and_revenue": "team:finance",
    "seeds": "team:finance",
    "referrals_and_discounts": "team:growth",
    "segments_and_conversion": "team:growth",
    "subscriptions_and_retention": "team:growth",
    "engagement_and_operations": "team:product",
}
# A day and two hours for the run; two days missed are a fault.
DAILY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=50)
)
DAILY_PREFIXES = ("operational", "raw", MARTS, "publication")


def kept(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The asset with its owner, and with its freshness policy where a refresh makes it."""
    owner = OWNERS.get(spec.group_name or "", PIPELINE)
    policy = DAILY if spec.key.path[0] in DAILY_PREFIXES else None
    return spec.replace_attributes(owners=[owner], freshness_policy=policy)
