"""Subscriptions: what moved MRR, by segment; states, churn, trials, conversion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports import charts
from reports.charts.scales import Series
from reports.figures import Event, Figure, Words, flags, months, numbers, pivot
from reports.published import Published
from reports.queries import Row, query_behind
from reports.shapes import over_time, split_over_time, table, tabled, waterfall
from reports.subjects import churn

FLOWS = ("new", "reactivation", "expansion", "contraction", "churn")
STEPS = (
    ("opening_mrr_usd", "opening", True),
    *((f"{name}_usd", name, False) for name in FLOWS),
    ("closing_mrr_usd", "closing", True),
)
STATES = ("active_renewing", "active_canceling", "grace", "trial")
SEGMENTS = (
    ("plan", "MRR by plan"),
    ("store", "MRR by store"),
    ("country", "MRR by country"),
    ("acquisition", "MRR by how customers came"),
)


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    bridge = published.rows("bridge_months", until=until).oldest_first()
    return [
        mrr_bridge(bridge),
        month_waterfall(published.rows("subscriptions/waterfall", until=until)),
        churn.rates(bridge),
        churn.reasons(published.rows("subscriptions/churn", until=until)),
        *(
            churn.lost(
                published.rows("subscriptions/segments", until=until, dimension=dimension),
                dimension,
                title,
            )
            for dimension, title in churn.LOST
        ),
        states(published.rows("states", until=until)),
        trials(published.rows("subscriptions/trials", until=until)),
        *(_segments(published, until, dimension, title) for dimension, title in SEGMENTS),
        conversion(published.rows("subscriptions/conversion", until=until)),
    ]


def mrr_bridge(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """What moved monthly recurring revenue, month by month."""
    words = Words(
        "mrr-bridge",
        "What moved monthly recurring revenue",
        "Closing MRR above; gains and losses of each month below. Hatched: not complete yet.",
        "mrr_bridge_monthly",
        "USD",
    )
    happened = flags(events, [row["movement_month"] for row in rows])
    flows = [Series(name, name, numbers(rows, f"{name}_usd"), f"{name}_usd") for name in FLOWS]
    svg = charts.bridge(
        months(rows, "movement_month"),
        flows,
        Series("closing MRR", "closing", numbers(rows, "closing_mrr_usd")),
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[not row["is_complete"] for row in rows],
        flags=happened,
    )
    columns = {
        "movement_month": "month",
        "opening_mrr_usd": "opening MRR",
        **{f"{name}_usd": name for name in FLOWS},
        "closing_mrr_usd": "closing MRR",
        "is_complete": "complete",
    }
    return Figure(
        words, svg, query_behind(rows), flows, tabled(rows[::-1], columns), is_wide=True,
        notes=tuple(happened.values()),
    )  # fmt: skip


def month_waterfall(rows: list[Row]) -> Figure:
    """What led from opening to closing MRR in the last complete month."""
    return waterfall(
        Words(
            "mrr-waterfall",
            "From opening to closing MRR",
            "Of the last complete month; `hypnomart report --period` shows any other.",
            "mrr_bridge_monthly",
            "USD",
        ),
        rows,
        at="movement_month",
        steps=STEPS,
    )


def states(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """Customers by state of their subscription, day by day; the table is of the last day."""
    words = Words(
        "states",
        "Subscriptions by state",
        "Customers at the end of each day; trials pay nothing yet, grace is past its end.",
        "subscription_states_daily",
        "customers",
    )
    days = sorted({row["date"] for row in rows})
    happened = flags(events, days)
    series = pivot(rows, days, "date", "state", value="customers", order=STATES)
    svg = charts.areas(
        [f"{d.day} {d:%b %y}" for d in days],
        series,
        title=words.title,
        description=words.text,
        unit=words.unit,
        flags=happened,
    )
    last = [row for row in rows if row["date"] == days[-1]] if days else []
    columns = {"date": "date", "state": "state", "customers": "customers", "mrr_usd": "MRR USD"}
    return Figure(
        words, svg, query_behind(rows), series, tabled(last, columns),
        notes=tuple(happened.values()),
    )  # fmt: skip


def _segments(published: Published, until: date, dimension: str, title: str) -> Figure:
    text = "Closing MRR of each month, gross of store fees and tax, by the attribute at that time."
    return split_over_time(
        Words(f"by-{dimension}", title, text, "mrr_bridge_by_segment_monthly", "USD"),
        published.rows("subscriptions/segments", until=until, dimension=dimension),
        at="movement_month",
        by="segment",
        value="closing_mrr_usd",
    )


def trials(rows: list[Row]) -> Figure:
    """Trials by month: started, converted, lapsed."""
    return over_time(
        Words(
            "trials",
            "Trials",
            "Started in the month, turned into a paid period, or ended without one.",
            "trial_movements_daily",
            "trials a month",
        ),
        rows,
        at="trial_month",
        series={
            "started": ("started", "place-0"),
            "converted": ("converted", "place-1"),
            "lapsed": ("lapsed", "place-2"),
        },
        as_lines=True,
    )


def conversion(rows: list[Row]) -> Figure:
    """Of the sign-ups of each month, who became what within 30 days."""
    return table(
        Words(
            "conversion",
            "Conversion of sign-ups within 30 days",
            "By month of sign-up, of users whose 30 days have passed: who started a trial, paid "
            "for a subscription, or bought anything.",
            "conversion_cohorts",
        ),
        rows,
        {
            "signup_month": "sign-up month",
            "users": "users",
            "trial_rate": "started a trial",
            "paid_rate": "paid subscription",
            "purchase_rate": "any purchase",
            "is_complete": "complete",
        },
    )
