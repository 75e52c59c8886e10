"""AI credits: use by pool, exhaustion, what is owed in unused credits and soon earned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports import charts
from reports.charts.scales import Series
from reports.figures import Event, Figure, Words, flags, pivot
from reports.published import Published
from reports.queries import Row, query_behind
from reports.render.html import money
from reports.shapes import over_time, table, tabled

POOLS = {"weekly_consumed_credits": "allowance", "bank_consumed_credits": "bank"}
UNSEEN = {
    "unobserved_consumed_credits": "used before the first snapshot, credits",
    "unobserved_recognised_usd": "used before the first snapshot, USD",
}


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        consumption(published.rows("credits", until=until)),
        liability(published.rows("liability", until=until).oldest_first()),
        flows(published.rows("credits/flows", until=until).oldest_first()),
        outlook(published.rows("credits/outlook", until=until)),
        exhaustion(published.rows("credits/exhausted", until=until)),
    ]


def consumption(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """AI credits used by week, access and pool."""
    words = Words(
        "credits",
        "AI credits used by week",
        "One credit is one started second of the AI. What was seen from one run to the next: at "
        "least this much, from the second run on. Hatched: not observed from its first day, or "
        "not over.",
        "credit_consumption_weekly",
        "credits a week",
    )
    weeks = sorted({row["week_start_date"] for row in rows})
    series = [
        Series(f"{one.name}, {pool}", f"{one.style}-{pool}", one.values, column)
        for column, pool in POOLS.items()
        for one in pivot(
            rows,
            weeks,
            label="week_start_date",
            name="access",
            value=column,
            order=("premium", "free"),
        )
    ]
    happened = flags(events, weeks)
    settled = {row["week_start_date"]: bool(row["is_settled"]) for row in rows}
    svg = charts.columns(
        [f"{week.day} {week:%b %y}" for week in weeks],
        series,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[not settled[week] for week in weeks],
        flags=happened,
    )
    columns = {
        "week_start_date": "week of", "access": "access", **POOLS,
        "is_settled": "observed and over",
    }  # fmt: skip
    return Figure(
        words, svg, query_behind(rows), series, tabled(rows[::-1], columns),
        notes=tuple(happened.values()),
    )  # fmt: skip


def exhaustion(rows: list[Row]) -> Figure:
    """How far the weekly allowances are used."""
    return table(
        Words(
            "exhaustion",
            "How far allowances are used",
            "One credit is one started second of the AI. Exhausted: use reached the allowance. "
            "Begins with the first week whose use was observed.",
            "credit_consumption_weekly",
        ),
        rows,
        columns={
            "week_start_date": "week of",
            "access": "access",
            "users": "users",
            "active_users": "active",
            "exhausted_users": "exhausted",
            "utilisation_rate": "of the allowance used",
            "is_complete": "complete",
        },
    )


def liability(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """What is owed in credits that were paid for and not used, at the end of each month."""
    return over_time(
        Words(
            "credit-liability",
            "Owed in unused bank credits",
            "At the price of the packs they came in, at the end of each month and at present. "
            "Hatched: use was not observed yet, so too much stands there; it is taken off in the "
            "month of the first run, and the fall shows it. The present month is hatched until it "
            "is over.",
            "credit_liability_monthly",
            "USD",
        ),
        rows,
        at="month",
        series={"liability_usd": ("liability", "ai-credits")},
        also={
            "outstanding_credits": "outstanding credits",
            **UNSEEN,
            "is_observed": "observed",
        },
        complete="is_settled",
        events=events,
    )


def flows(rows: list[Row]) -> Figure:
    """What moved the liability."""
    return over_time(
        Words(
            "liability-flows",
            "What moved the liability",
            "Packs sold add; credits used and refunds take away. Use before the first extraction "
            "has no month of its own and stands in the flagged month of that extraction.",
            "credit_liability_monthly",
            "USD a month",
        ),
        rows,
        at="month",
        series={
            "purchased_usd": ("sold", "place-1"),
            "recognised_usd": ("used", "place-2"),
            "refunded_usd": ("refunded", "place-4"),
        },
        also=UNSEEN,
        events=first_looks(rows),
    )


def first_looks(rows: list[Row]) -> list[Event]:
    """The months that hold use of credits from before the first extraction, and how much."""
    return [
        Event(
            row["month"],
            f"of the use, {row['unobserved_consumed_credits']:,} credits "
            f"({money(row['unobserved_recognised_usd'])}) are from before the first snapshot, "
            "of unknown months",
        )
        for row in rows
        if row["unobserved_consumed_credits"]
    ]


def outlook(rows: list[Row]) -> Figure:
    """What unused credits will earn."""
    return over_time(
        Words(
            "outlook",
            "What the coming weeks will earn",
            "Unused credits at their packs' price, if users go on as in the last 28 days.",
            "credit_recognition_outlook",
            "USD a week",
        ),
        rows,
        at="week_start_date",
        series={"expected_recognised_usd": ("expected revenue", "place-0")},
        is_timed=False,
    )
