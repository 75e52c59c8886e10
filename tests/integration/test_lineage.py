"""Every operational table answers a question: it reaches at least one mart."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from models.tables import TABLES
from tests.warehouse import parsed_manifest

# The mart for which the business keeps the table; others may use it too.
ANSWERED_BY = {
    "ai_credit_purchases": "fct_credit_lots",
    "ai_usage": "fct_credit_consumption",
    "analytics": "course_engagement",
    "app_logs": "app_health_daily",
    "audio_usage": "fct_listening",
    "cached_handshake_responses": "sync_freshness",
    "cohorts": "dim_cohorts",
    "course_purchases": "fct_receipts",
    "courses": "dim_courses",
    "custom_course_purchases": "custom_course_funnel_monthly",
    "custom_courses": "custom_course_funnel_monthly",
    "discount_codes": "dim_discount_codes",
    "manifest_cohorts": "content_reach",
    "master_manifests": "content_reach",
    "referral_credits": "fct_referrals",
    "server_logs": "function_health_daily",
    "subscription_events": "fct_subscription_periods",
    "subscriptions": "dim_users",
    "user_cohorts": "cohort_performance",
    "user_discounts": "fct_discount_assignments",
    "user_profile": "dim_users",
}


@pytest.fixture(scope="module")
def reached() -> dict[str, set[str]]:
    """Marts that each source table feeds, walking the project's own graph downwards."""
    manifest: Any = parsed_manifest()
    children: dict[str, set[str]] = defaultdict(set)
    for name, node in manifest.nodes.items():
        for parent in node.depends_on.nodes if node.resource_type == "model" else []:
            children[parent].add(name)
    marts = {
        name: node.name
        for name, node in manifest.nodes.items()
        if node.resource_type == "model" and node.schema == "marts"
    }
    feeds: dict[str, set[str]] = defaultdict(set)
    for source_id, source in manifest.sources.items():
        seen: set[str] = set()
        waiting = {source_id}
        while waiting:
            node = waiting.pop()
            seen.add(node)
            waiting |= children[node] - seen
        feeds[source.name] |= {marts[name] for name in seen if name in marts}
    return feeds


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_each_table_reaches_the_mart_that_it_is_kept_for(
    table: str, reached: dict[str, set[str]]
) -> None:
    assert ANSWERED_BY[table] in reached[table]
