"""AI credits: use by pool, exhaustion, what is owed in unused credits and soon earned."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure, credit_consumption, credit_liability
from reports.published import Published
from reports.shapes import Words, over_time, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        credit_consumption(published.rows("credits", until=until)),
        table(
            Words(
                "exhaustion",
                "How far allowances are used",
                "One credit is one started second of the AI. Exhausted: use reached the allowance.",
                "credit_consumption_weekly",
            ),
            published.rows("credits/exhausted", until=until),
            {
                "week_start_date": "week of",
                "access": "access",
                "users": "users",
                "active_users": "active",
                "exhausted_users": "exhausted",
                "utilisation_rate": "of the allowance used",
                "is_complete": "complete",
            },
        ),
        credit_liability(published.rows("liability", until=until)[::-1]),
        over_time(
            Words(
                "liability-flows",
                "What moved the liability",
                "Packs sold add; credits used and refunds take away. Use before the first "
                "extraction "
                "has no month of its own and stands in the month of that extraction.",
                "credit_liability_monthly",
                "USD a month",
            ),
            published.rows("credits/flows", until=until)[::-1],
            at="month",
            series={
                "purchased_usd": ("sold", "place-1"),
                "recognised_usd": ("used", "place-2"),
                "refunded_usd": ("refunded", "place-4"),
            },
        ),
        over_time(
            Words(
                "outlook",
                "What the coming weeks will earn",
                "Unused credits at their packs' price, if users go on as in the last 28 days.",
                "credit_recognition_outlook",
                "USD a week",
            ),
            published.rows("credits/outlook", until=until),
            at="week_start_date",
            series={"expected_recognised_usd": ("expected revenue", "place-0")},
        ),
    ]
