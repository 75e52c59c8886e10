"""Subscriptions: what moved MRR, by segment; states, churn, trials, conversion."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure, mrr_bridge, states
from reports.marks import percent
from reports.published import Published
from reports.shapes import Words, over_time, split_over_time, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    bridge = published.rows("bridge_months", until=until)[::-1]
    return [
        mrr_bridge(bridge),
        over_time(
            Words(
                "rates",
                "Churn and retention",
                "Of those present at the start of the month: customers lost, and MRR kept "
                "with expansion. "
                "Hollow: not complete yet.",
                "mrr_bridge_monthly",
                "share",
            ),
            bridge,
            at="movement_month",
            series={
                "customer_churn_rate": ("customer churn", "churn"),
                "gross_mrr_churn_rate": ("gross MRR churn", "contraction"),
                "net_revenue_retention": ("net revenue retention", "expansion"),
            },
            as_lines=True,
            number=percent,
        ),
        split_over_time(
            Words(
                "churn-reasons",
                "Customers lost, by reason",
                "Voluntary: canceled before the period ended. Involuntary: the renewal never came.",
                "fct_mrr_movements",
                "customers",
            ),
            published.rows("subscriptions/churn", until=until),
            at="movement_month",
            by="churn_reason",
            value="customers",
        ),
        states(published.rows("states", until=until)),
        *(
            _segments(published, until, dimension, title)
            for dimension, title in (
                ("plan", "MRR by plan"),
                ("store", "MRR by store"),
                ("country", "MRR by country"),
                ("acquisition", "MRR by how customers came"),
            )
        ),
        over_time(
            Words(
                "trials",
                "Trials",
                "Started in the month, turned into a paid period, or ended without one.",
                "trial_movements_daily",
                "trials a month",
            ),
            published.rows("subscriptions/trials", until=until),
            at="trial_month",
            series={
                "started": ("started", "place-0"),
                "converted": ("converted", "place-1"),
                "lapsed": ("lapsed", "place-2"),
            },
            as_lines=True,
        ),
        table(
            Words(
                "conversion",
                "Conversion of sign-ups within 30 days",
                "By month of sign-up, of users whose 30 days have passed: who started a "
                "trial, paid for "
                "a subscription, or bought anything.",
                "conversion_cohorts",
            ),
            published.rows("subscriptions/conversion", until=until),
            {
                "signup_month": "sign-up month",
                "users": "users",
                "trial_rate": "started a trial",
                "paid_rate": "paid subscription",
                "purchase_rate": "any purchase",
                "is_complete": "complete",
            },
        ),
    ]


def _segments(published: Published, until: date, dimension: str, title: str) -> Figure:
    text = "Closing MRR of each month, gross of store fees and tax, by the attribute at that time."
    return split_over_time(
        Words(f"by-{dimension}", title, text, "mrr_bridge_by_segment_monthly", "USD"),
        published.rows("subscriptions/segments", until=until, dimension=dimension),
        at="movement_month",
        by="segment",
        value="closing_mrr_usd",
    )
