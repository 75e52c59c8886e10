"""Where RevenueCat's published definitions give another number: both, worked by hand, one build.

Read at docs.revenuecat.com/docs/charts (MRR amortized to 28 days, history that changes with a
refund), community.revenuecat.com (churn on the end of grace, July 2022; a return to the same
product counts as retained) and docs/dashboard-and-metrics/overview (what is active).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.subscription_histories import events_told, write_events
from tests.warehouse import build, parsed_project, read, settings_at, write_raw

AS_OF = datetime(2026, 7, 1)
M, Y = "monthly-plan", "yearly-plan"
DIFFER = ("mrr", "churned_customers", "retention_rate", "net_revenue", "subscriptions")
# Each user: events (kind, created_at, plan, expires_at).
STORIES: tuple[tuple[tuple[str, str, str, str | None], ...], ...] = (
    (("created", "2026-01-01", Y, "2027-01-01"),),
    (("created", "2026-04-20", M, "2026-05-20"),),  # never renewed, never canceled
    (  # back five months later
        ("created", "2025-11-10", M, "2025-12-10"),
        ("created", "2026-05-10", M, "2026-06-10"),
        ("canceled", "2026-05-11", M, None),
    ),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("other_definitions"))
    users = range(1, len(STORIES) + 1)
    profiles = [{"user_id": UUID(int=user), "created_at": "2025-11-01"} for user in users]
    pack = {
        "id": UUID(int=9),
        "user_id": UUID(int=1),
        "product_id": "ai_credits_4000",
        "purchase_id": "GPA.9",
        "purchase_token_hash": "9",
        "source": "google_play",
        "credits_amount": 4000,
        "status": "refunded",
        "transaction_date": int(datetime(2026, 1, 10, tzinfo=UTC).timestamp() * 1000),
        "created_at": "2026-01-10",
        "updated_at": "2026-02-03",
    }
    write_raw(settings, {"user_profile": profiles, "ai_credit_purchases": [pack]}, as_of=AS_OF)
    events = events_told(
        dict(zip(users, STORIES, strict=True)),
        ("kind", "at", "plan", "expires"),
        order="GPA.{user}-{number}",
    )
    write_events(settings, events)
    build(settings, "mrr_bridge_monthly", "retention_cohorts", "revenue_monthly")
    return settings


def test_mrr_is_a_twelfth_of_a_year_not_28_days_of_it(built: Settings) -> None:
    (found,) = read(built, "select closing_mrr_usd as usd from mrr_bridge_monthly where "
                    "movement_month = '2026-02-01'")  # fmt: skip
    assert found["usd"] == Decimal("3.7458")  # 44.95 / 12
    theirs = Decimal("44.95") / 365 * 28
    assert round(theirs, 4) == Decimal("3.4482")


def test_who_fails_to_renew_is_lost_as_paid_access_ends_not_as_grace_does(
    built: Settings,
) -> None:
    months = read(
        built,
        """
        select movement_month as month, churned_customers as churned from mrr_bridge_monthly
        where movement_month between '2026-05-01' and '2026-06-01' order by 1""",
    )
    assert [row["churned"] for row in months] == [1, 1]  # 20 May; in June the one who canceled
    (lost,) = read(
        built,
        """
        select movement_at from fct_mrr_movements where churn_reason = 'involuntary'
            and movement_at > '2026-01-01'""",
    )
    assert lost["movement_at"] == datetime(2026, 5, 20)
    assert lost["movement_at"] + timedelta(days=16) == datetime(2026, 6, 5)  # RevenueCat: June


def test_a_return_after_a_lapse_is_not_retained(built: Settings) -> None:
    (ours,) = read(
        built,
        """
        select eligible, retained from retention_cohorts
        where first_paid_month = '2025-11-01' and axis = 'renewal' and period_number = 1""",
    )
    assert (ours["eligible"], ours["retained"]) == (1, 0)  # RevenueCat: resubscribed, 1 of 1


def test_a_refund_is_booked_when_it_is_given_and_changes_no_month_before(built: Settings) -> None:
    found = read(
        built,
        """
        select revenue_month as month, net_usd from revenue_monthly
        where product_kind = 'ai_credits' order by 1""",
    )
    assert [tuple(row.values()) for row in found] == [
        (date(2026, 1, 1), Decimal("2.95")),  # RevenueCat: 0 once the refund is known
        (date(2026, 2, 1), Decimal("-2.95")),
    ]


@pytest.mark.parametrize("name", DIFFER)
def test_a_metric_that_differs_says_so(name: str) -> None:
    metrics = {m["name"]: m["description"] for m in parsed_project()["metrics"].values()}
    assert "RevenueCat" in metrics[name]
