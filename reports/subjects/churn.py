"""Churn: its rates, its reasons, and whom it takes."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.scales import percent
from reports.figures import Figure, Words
from reports.queries import Row
from reports.segments import DIMENSIONS
from reports.shapes import over_time, split_over_time


def rates(rows: list[Row]) -> Figure:
    """Churn and retention by month."""
    return over_time(
        Words(
            "rates",
            "Churn and retention",
            "Of those present at the start of the month: customers lost, and MRR kept with "
            "expansion. Hollow: not complete yet.",
            "mrr_bridge_monthly",
            "share",
        ),
        rows,
        at="movement_month",
        series={
            "customer_churn_rate": ("customer churn", "churn"),
            "gross_mrr_churn_rate": ("gross MRR churn", "contraction"),
            "net_revenue_retention": ("net revenue retention", "expansion"),
        },
        as_lines=True,
        number=percent,
    )


def reasons(rows: list[Row]) -> Figure:
    """Customers lost by month and reason."""
    return split_over_time(
        Words(
            "churn-reasons",
            "Customers lost, by reason",
            "Voluntary: canceled before the period ended. Involuntary: the renewal never came.",
            "fct_mrr_movements",
            "customers",
        ),
        rows,
        at="movement_month",
        by="churn_reason",
        value="customers",
    )


def lost(rows: list[Row], dimension: str, *, ranked: Sequence[str]) -> Figure:
    """Customers lost by month and segment of one dimension."""
    return split_over_time(
        Words(
            f"lost-{dimension}",
            f"Customers lost, by {DIMENSIONS[dimension]}",
            "Who left in the month; the figures have their share of those present at its start.",
            "mrr_bridge_by_segment_monthly",
            "customers",
        ),
        rows,
        at="movement_month",
        by="segment",
        value="churned_customers",
        ranked=ranked,
        also={"opening_customers": "at its start", "customer_churn_rate": "share lost"},
    )
