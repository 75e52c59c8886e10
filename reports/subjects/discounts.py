"""Discounts and experiments: redemption, cost, and lift with its interval."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row
from reports.shapes import ranked, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    codes = published.rows("discounts/codes", until=until)
    return [
        cost(codes),
        redemption(codes),
        experiments(published.rows("discounts/experiments", until=until)),
    ]


def cost(rows: list[Row]) -> Figure:
    """What each code cost."""
    return ranked(
        Words(
            "cost",
            "What each code cost",
            "List price less the price paid, where a code gave it.",
            "discount_performance",
            "USD",
        ),
        rows,
        name="discount_code",
        value="discount_usd",
        is_wide=True,
    )


def redemption(rows: list[Row]) -> Figure:
    """Redemption by code."""
    return table(
        Words(
            "codes",
            "Redemption by code",
            "Used among those whose time has passed or who used it. Over all months.",
            "discount_performance",
        ),
        rows,
        {
            "discount_code": "code",
            "assigned": "assigned",
            "used": "used",
            "lapsed": "lapsed",
            "open": "open",
            "redemption_rate": "redeemed",
            "discount_usd": "cost USD",
            "gross_usd": "gross USD",
        },
    )


def experiments(rows: list[Row]) -> Figure:
    """Experiments."""
    return table(
        Words(
            "experiments",
            "Experiments",
            "Share of members that became premium, with 95 % intervals; arms against "
            "their control. "
            "A split with a p-value below 0.001 is not what was meant.",
            "cohort_performance",
        ),
        rows,
        {
            "cohort_code": "cohort",
            "members": "members",
            "premium_rate": "premium",
            "premium_rate_low": "premium, low end",
            "premium_rate_high": "premium, high end",
            "difference_to_control": "more than control",
            "difference_low": "more, low end",
            "difference_high": "more, high end",
            "sample_ratio_p_value": "p of the split",
            "proceeds_per_member_usd": "USD per member",
        },
    )
