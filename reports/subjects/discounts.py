"""Discounts and experiments: redemption, cost, and lift with its interval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row, query_behind
from reports.shapes import ranked, table

BROKEN = "\N{WARNING SIGN} Warning"


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
        columns={
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
    """Arms of experiments, those of a split that is not as it was meant marked."""
    broken = sorted({str(row["experiment"]) for row in rows if row["is_split_suspicious"]})
    warning = (
        f" {BROKEN}: members of {', '.join(broken)} are not split as was meant, so its arms "
        "cannot be compared."
        if broken
        else ""
    )
    shown = table(
        Words(
            "experiments",
            "Experiments",
            "Share of members that became premium, with 95 % intervals; arms against their "
            f"control.{warning}",
            "cohort_performance",
        ),
        [row | {"is_split_suspicious": split_of(row)} for row in rows],
        columns={
            "experiment": "experiment",
            "cohort_code": "cohort",
            "members": "members",
            "is_split_suspicious": "split",
            "sample_ratio_p_value": "p of the split",
            "premium_rate": "premium",
            "premium_rate_low": "premium, low end",
            "premium_rate_high": "premium, high end",
            "difference_to_control": "more than control",
            "difference_low": "more, low end",
            "difference_high": "more, high end",
            "proceeds_per_member_usd": "USD per member",
        },
    )
    return replace(shown, query=query_behind(rows))


def split_of(row: Row) -> str | None:
    """Whether members are split over the arms as was meant; none where there are no arms."""
    if row["sample_ratio_p_value"] is None:
        return None
    return f"{BROKEN}: not as meant" if row["is_split_suspicious"] else "as meant"
