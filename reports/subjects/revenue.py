"""Revenue: from list price to proceeds, by segment; recognized and deferred; refunds."""

from __future__ import annotations

from datetime import date

from reports import charts
from reports.figures import KINDS, Figure, month, numbers, revenue
from reports.published import Published, Row
from reports.shapes import Words, over_time, split_over_time, table, tabled

STEPS = (
    ("list_usd", "list price", True),
    ("discount_usd", "discounts", False),
    ("gross_usd", "gross", True),
    ("refunds_usd", "refunds", False),
    ("tax_usd", "tax", False),
    ("store_fees_usd", "store fees", False),
    ("proceeds_usd", "proceeds", True),
)


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    recognition = published.rows("revenue/recognition", until=until)[::-1]
    return [
        waterfall(published.rows("revenue/waterfall", until=until)),
        revenue(published.rows("revenue_kinds", until=until)),
        *(
            _segments(published, until, dimension, title)
            for dimension, title in (
                ("store", "Net revenue by store"),
                ("country", "Net revenue by country"),
                ("plan", "Net revenue by plan"),
            )
        ),
        over_time(
            Words(
                "recognition",
                "Recognized revenue and what is deferred",
                "Gross of tax and store fees. Deferred: billed and not yet earned at the "
                "end of the month. Hollow: not over, or before the use of credits was seen.",
                "revenue_recognition_monthly",
                "USD",
            ),
            recognition,
            at="recognition_month",
            series={
                "recognised_usd": ("recognized", "place-1"),
                "deferred_closing_usd": ("deferred at the end", "place-2"),
            },
            as_lines=True,
        ),
        split_over_time(
            Words(
                "deferred",
                "When deferred revenue will be earned",
                "What is deferred now, by the month in which it becomes revenue. Credits "
                "have no month.",
                "deferred_revenue_schedule",
                "USD",
            ),
            published.rows("revenue/deferred", until=until),
            at="release_month",
            by="product_kind",
            value="release_usd",
            order=KINDS,
        ),
        table(
            Words(
                "refunds",
                "Refunds",
                "Refunded USD by the month of booking; the rate is the share of the month's sales "
                "that stand refunded now, which goes on moving.",
                "revenue_monthly",
            ),
            published.rows("revenue/refunds", until=until),
            {
                "revenue_month": "month",
                "product_kind": "kind",
                "charges": "charges",
                "refunds": "refunds booked",
                "refunds_usd": "refunded USD",
                "refund_rate": "of its sales refunded",
            },
        ),
        table(
            Words(
                "assumed-fees",
                "Store fees that rest on an assumption",
                "Sales whose store's rate is marked as assumed in store_fees: not confirmed by the "
                "store. None is listed where every rate is confirmed.",
                "fct_receipts",
            ),
            published.rows("revenue/assumed_fees", until=until),
            {
                "revenue_month": "month",
                "store": "store",
                "sales": "sales",
                "assumed_sales": "at an assumed rate",
                "store_fees_usd": "store fees USD",
                "assumed_fees_usd": "of them assumed USD",
            },
        ),
    ]


def waterfall(rows: list[Row]) -> Figure:
    """What lies between list price and proceeds in the last complete month."""
    row = rows[0] if rows else None
    at = f" of {month(row['revenue_month'])}" if row else ""
    title = f"From list price to proceeds{at}"
    text = "Of the last complete month: what discounts, refunds, tax and the stores take."
    steps = [(name, numbers(rows, column)[0], total) for column, name, total in STEPS if rows]
    columns = {column: name for column, name, _ in STEPS}
    header, cells = tabled(rows, columns)
    svg = charts.waterfall(steps, title=title, description=text, unit="USD")
    return Figure("waterfall", title, text, "revenue_monthly", svg, "", header, cells)


def _segments(published: Published, until: date, dimension: str, title: str) -> Figure:
    text = (
        "Charges less refunds, store fees and tax included, by the user's attribute at that time."
    )
    return split_over_time(
        Words(f"by-{dimension}", title, text, "revenue_by_segment_monthly", "USD"),
        published.rows("revenue/segments", until=until, dimension=dimension),
        at="revenue_month",
        by="segment",
        value="net_usd",
    )
