"""Subscriptions: what moved MRR, by segment; states, churn, trials, conversion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports import charts
from reports.charts.scales import FEW, percent
from reports.figures import Event, Figure, Words, flags, pivot
from reports.published import Published
from reports.queries import Row, query_behind
from reports.segments import DIMENSIONS, named, ranking
from reports.shapes import over_time, split_over_time, tabled
from reports.subjects import bridge, churn

STATES = ("active_renewing", "active_canceling", "grace", "trial")


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    months = published.rows("bridge_months", until=until).oldest_first()
    ranked = ranking(published.rows("segments", until=until))
    converted = published.rows("subscriptions/conversion", until=until).oldest_first()
    split = {
        one: named(published.rows("subscriptions/segments", until=until, dimension=one), one)
        for one in DIMENSIONS
    }
    return [
        bridge.of_all(months),
        bridge.of_month(published.rows("subscriptions/waterfall", until=until)),
        churn.rates(months),
        *(bridge.of_segments(split[one], one, ranked=ranked.get(one, ())) for one in split),
        churn.reasons(published.rows("subscriptions/churn", until=until)),
        *(churn.lost(split[one], one, ranked=ranked.get(one, ())) for one in split),
        states(published.rows("states", until=until)),
        trials(published.rows("subscriptions/trials", until=until)),
        *(_segments(split[one], one, ranked=ranked.get(one, ())) for one in split),
        conversion(converted),
        trial_conversion(converted),
    ]


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
    series = pivot(rows, days, label="date", name="state", value="customers", order=STATES)
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


def _segments(rows: list[Row], dimension: str, *, ranked: Sequence[str]) -> Figure:
    text = "Closing MRR of each month, gross of store fees and tax, by the attribute at that time."
    title = f"MRR by {DIMENSIONS[dimension]}"
    return split_over_time(
        Words(f"by-{dimension}", title, text, "mrr_bridge_by_segment_monthly", "USD"),
        rows,
        at="movement_month",
        by="segment",
        value="closing_mrr_usd",
        ranked=ranked,
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
    return over_time(
        Words(
            "conversion",
            "Conversion of sign-ups within 30 days",
            "By month of sign-up, of users whose 30 days have passed: who started a trial, paid "
            "for a subscription, or bought anything. Hollow: not all have had theirs.",
            "conversion_cohorts",
            "share",
        ),
        rows,
        at="signup_month",
        series={
            "purchase_rate": ("any purchase", "place-2"),
            "paid_rate": ("paid subscription", "place-0"),
            "trial_rate": ("started a trial", "place-1"),
        },
        people=dict.fromkeys(("purchase_rate", "paid_rate", "trial_rate"), "eligible"),
        also={"users": "users", "eligible": "30 days have passed"},
        as_lines=True,
        number=percent,
    )


def trial_conversion(rows: list[Row]) -> Figure:
    """Of the trials of each month of sign-up, which became paid subscriptions."""
    return over_time(
        Words(
            "trial-conversion",
            "Conversion of trials",
            "By month of sign-up, of users whose first trial has ended: who paid for a "
            f"subscription within 30 days of its end. Gray: fewer than {FEW} people. Hollow: not "
            "all have had their 30 days.",
            "conversion_cohorts",
            "share",
        ),
        rows,
        at="signup_month",
        series={"trial_conversion_rate": ("trials that became paid", "place-1")},
        people={"trial_conversion_rate": "trials"},
        also={"trials": "trials", "are_trials_settled": "settled"},
        complete="are_trials_settled",
        as_lines=True,
        number=percent,
    )
