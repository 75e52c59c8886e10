"""Revenue: before discounts to proceeds, by segment; recognized and deferred; refunds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports.figures import Event, Figure, Words
from reports.published import Published
from reports.queries import Row
from reports.segments import DIMENSIONS, Ranking, named, ranking
from reports.shapes import over_time, split_over_time, table, waterfall
from reports.subjects import credits

KINDS = ("subscription", "ai_credits", "custom_audio", "course")
STEPS = (
    ("undiscounted_usd", "before discounts", True),
    ("discount_usd", "discounts", False),
    ("gross_usd", "gross", True),
    ("refunds_usd", "refunds", False),
    ("tax_usd", "tax", False),
    ("store_fees_usd", "store fees", False),
    ("proceeds_usd", "proceeds", True),
)


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    ranked = ranking(published.rows("segments", until=until))
    return [
        price_to_proceeds(published.rows("revenue/waterfall", until=until)),
        by_kind(published.rows("revenue_kinds", until=until)),
        *(
            _segments(published, until, dimension=dimension, ranked=ranked)
            for dimension in DIMENSIONS
        ),
        recognition(
            published.rows("revenue/recognition", until=until).oldest_first(),
            credits.first_looks(published.rows("credits/flows", until=until)),
        ),
        deferred(published.rows("revenue/deferred", until=until)),
        refunds(published.rows("revenue/refunds", until=until)),
        assumed_fees(published.rows("revenue/assumed_fees", until=until)),
    ]


def price_to_proceeds(rows: list[Row]) -> Figure:
    """What lies between prices without discounts and proceeds month by month."""
    return waterfall(
        Words(
            "waterfall",
            "From prices to proceeds",
            "What discounts, refunds, tax and the stores take of the last month that is over; the "
            "figures below have every month.",
            "revenue_monthly",
            "USD",
        ),
        rows,
        at="revenue_month",
        steps=STEPS,
    )


def by_kind(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """Net revenue by month and kind of product."""
    return split_over_time(
        Words(
            "revenue",
            "Net revenue by kind of product",
            "Charges less refunds, store fees and tax included. Hatched: month not over.",
            "revenue_monthly",
            "USD a month",
        ),
        rows,
        at="revenue_month",
        by="product_kind",
        value="net_usd",
        order=KINDS,
        also={"proceeds_usd": "proceeds USD"},
        events=events,
    )


def _segments(published: Published, until: date, *, dimension: str, ranked: Ranking) -> Figure:
    text = (
        "Charges less refunds, store fees and tax included, by the user's attribute at that time."
    )
    title = f"Net revenue by {DIMENSIONS[dimension]}"
    rows = published.rows("revenue/segments", until=until, dimension=dimension)
    return split_over_time(
        Words(f"by-{dimension}", title, text, "revenue_by_segment_monthly", "USD"),
        named(rows, dimension),
        at="revenue_month",
        by="segment",
        value="net_usd",
        ranked=ranked.get(dimension, ()),
    )


def recognition(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """What is earned in each month, and what is deferred at its end."""
    return over_time(
        Words(
            "recognition",
            "Recognized revenue and what is deferred",
            "Gross of tax and store fees. Deferred: billed and not yet earned at the end of the "
            "month. Hollow: not over, or before the use of credits was seen.",
            "revenue_recognition_monthly",
            "USD",
        ),
        rows,
        at="recognition_month",
        series={
            "recognised_usd": ("recognized", "place-1"),
            "deferred_closing_usd": ("deferred at the end", "place-2"),
        },
        also={"billed_usd": "billed", "is_settled": "observed and over"},
        complete="is_settled",
        as_lines=True,
        events=events,
    )


def deferred(rows: list[Row]) -> Figure:
    """What is deferred now, by the month of its release."""
    return split_over_time(
        Words(
            "deferred",
            "When deferred revenue will be earned",
            "What is deferred now, by the month in which it becomes revenue. Credits have no "
            "month.",
            "deferred_revenue_schedule",
            "USD",
        ),
        rows,
        at="release_month",
        by="product_kind",
        value="release_usd",
        order=KINDS,
        is_timed=False,
    )


def refunds(rows: list[Row]) -> Figure:
    """Refunds by month and kind."""
    return table(
        Words(
            "refunds",
            "Refunds",
            "Refunded USD by the month of booking; the rate is the share of the month's sales "
            "that stand refunded now, which goes on moving.",
            "revenue_monthly",
        ),
        rows,
        columns={
            "revenue_month": "month",
            "product_kind": "kind",
            "charges": "charges",
            "refunds": "refunds booked",
            "refunds_usd": "refunded USD",
            "refund_rate": "of its sales refunded",
        },
    )


def assumed_fees(rows: list[Row]) -> Figure:
    """Sales whose store fee nobody has confirmed."""
    return table(
        Words(
            "assumed-fees",
            "Store fees that rest on an assumption",
            "Sales whose store's rate is marked as assumed in store_fees: not confirmed by the "
            "store.",
            "fct_receipts",
            empty="None found.",
        ),
        rows,
        columns={
            "revenue_month": "month",
            "store": "store",
            "sales": "sales",
            "assumed_sales": "at an assumed rate",
            "store_fees_usd": "store fees USD",
            "assumed_fees_usd": "of them assumed USD",
        },
    )
