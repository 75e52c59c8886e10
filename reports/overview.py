"""The overview: one self-contained HTML page of the business at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from reports import state
from reports.charts import sparkline
from reports.explain.changes import last_change
from reports.explain.words import sentence
from reports.figures import Event, Figure, month, numbers
from reports.manifest import Entry, entry_of
from reports.pages import shared_context
from reports.published import Period, Published
from reports.queries import Query, Row, query_behind
from reports.render.html import ABSENT, money, rate, render, whole
from reports.render.pdf import PaperHeadline, write_pdf
from reports.subjects import credits, quality, referrals, retention, revenue, subscriptions


@dataclass(frozen=True)
class Change:
    """How a figure differs from an earlier one: words, and good, bad or neither."""

    text: str
    state: str


@dataclass(frozen=True)
class Headline:
    """One figure of the page's head; `state` colours it."""

    label: str
    value: str
    note: str
    mart: str
    column: str = ""
    query: Query = field(default_factory=Query)
    spark: str = ""
    state: str = ""
    changes: tuple[Change, ...] = ()


def write_overview(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write overview.html and overview.pdf into the folder, as asked for."""
    entries = []
    for format in formats:
        path = folder / f"overview.{format}"
        if format == "pdf":
            write_overview_pdf(path, published, period)
        else:
            path.write_text(overview_page(published, period), encoding="utf-8")
        entries.append(
            entry_of(
                path,
                folder,
                report="overview",
                format=format,
                as_of_at=published.as_of_at,
                period=str(period) if period else None,
            )
        )
    return entries


def write_overview_pdf(path: Path, published: Published, period: Period | None) -> None:
    """The overview on paper."""
    until = published.until(period)
    write_pdf(
        path,
        title="Overview",
        question=moved(published, until),
        as_of_at=published.as_of_at,
        figures=all_figures(published, until),
        headlines=[
            PaperHeadline(one.label, one.value, one.note, tuple(c.text for c in one.changes))
            for one in headlines(published, until)
        ],
    )


def overview_page(published: Published, period: Period | None) -> str:
    """The page, of months up to the period, or up to the day of the extraction."""
    until = published.until(period)
    context = shared_context(published, period) | {
        "trail": [("Reports", "index.html")],
        "page": {
            "name": "overview",
            "title": "Overview",
            "question": "How is the business, what moved it, and what needs attention?",
        },
        "headlines": headlines(published, until),
        "figures": all_figures(published, until),
        "moved": moved(published, until),
    }
    return render("overview.html", context, script="sort.js")


def all_figures(published: Published, until: date) -> list[Figure]:
    """Every figure of the page in its order, of months before the day `until`."""
    happened = [
        Event(row["day"], f"{row['what']}: {row['names']}")
        for row in published.rows("annotations", until=until)
    ]
    return [
        subscriptions.mrr_bridge(
            published.rows("bridge_months", until=until).oldest_first(), happened
        ),
        revenue.by_kind(published.rows("revenue_kinds", until=until), happened),
        subscriptions.states(published.rows("states", until=until), happened),
        *retention.triangles(published.rows("retention", until=until)),
        credits.consumption(published.rows("credits", until=until), happened),
        credits.liability(published.rows("liability", until=until).oldest_first(), happened),
        referrals.k_factor(published.rows("referrals", until=until).oldest_first(), happened),
        quality.failed(published.rows("failed_checks", until=until)),
        quality.findings(published.rows("findings", until=until)),
    ]


def headlines(published: Published, until: date) -> list[Headline]:
    """The figures of the head, newest first in each query."""
    bridge = published.rows("bridge_months", until=until)
    sales = published.rows("revenue_months", until=until)
    return [
        *_balance(published.rows("bridge_day", until=until)),
        _of_month(
            sales, "revenue_month", "net_usd", "Net revenue",
            "revenue_monthly", money, "charges less refunds",
        ),
        _of_month(
            sales, "revenue_month", "proceeds_usd", "Proceeds",
            "revenue_monthly", money, "net of tax and store fees",
        ),
        _of_month(
            bridge, "movement_month", "customer_churn_rate", "Customer churn",
            "mrr_bridge_monthly", rate, "of those present at its start", is_up_good=False,
        ),
        _of_month(
            bridge, "movement_month", "net_revenue_retention", "Net revenue retention",
            "mrr_bridge_monthly", rate, "of the MRR at its start",
        ),
        _liability(published.rows("liability", until=until)),
        _quality(published.rows("checks", until=until)),
    ]  # fmt: skip


def _balance(days: list[Row]) -> list[Headline]:
    """MRR and customers at the end of the last day, with the quarter before it."""
    last = days[0] if days else {}
    note = f"at the end of {last['movement_date']}; line: the 90 days to it" if last else ""
    return [
        Headline(
            label,
            show(last.get(column)),
            note,
            "mrr_bridge_daily",
            column,
            query_behind(days),
            _spark(days, column, label),
        )
        for label, column, show in (
            ("Monthly recurring revenue", "closing_mrr_usd", money),
            ("Paying customers", "closing_customers", whole),
        )
    ]


def _of_month(
    rows: list[Row],
    at: str,
    column: str,
    label: str,
    mart: str,
    show: Any,
    meaning: str,
    is_up_good: bool = True,
) -> Headline:
    """A figure of the last complete month, and how it differs from the month and year before."""
    complete = [row for row in rows if row["is_complete"]]
    if not complete:
        note = "no month is complete yet"
        return Headline(label, ABSENT, note, mart, column, query_behind(rows))
    note = f"{month(complete[0][at])}, {meaning}"
    spark = _spark(complete, column, label)
    changed = changes(complete, at, column, is_up_good=is_up_good)
    return Headline(
        label, show(complete[0][column]), note, mart, column, query_behind(rows), spark,
        changes=changed,
    )  # fmt: skip


def changes(
    newest_first: Sequence[Row], at: str, column: str, *, is_up_good: bool
) -> tuple[Change, ...]:
    """The last row against the one before and the one of the same month a year before.

    Shares differ by points, amounts by per cent; nothing is said where the earlier one is absent
    or 0.
    """
    last = newest_first[0]
    earlier = [*newest_first[1:2], *newest_first[12:13]]
    found = []
    for row in earlier:
        new, old = last[column], row[column]
        if new is None or not old:
            continue
        if isinstance(new, float):
            difference, unit = (new - old) * 100, " points"
        else:
            difference, unit = float((new - old) / abs(old)) * 100, " %"
        arrow = "▲" if difference > 0 else "▼" if difference < 0 else "="
        state = "" if difference == 0 else "good" if (difference > 0) == is_up_good else "bad"
        found.append(Change(f"{arrow} {abs(difference):.1f}{unit} vs {month(row[at])}", state))
    return tuple(found)


def _liability(rows: list[Row]) -> Headline:
    last = rows[0] if rows else {}
    note = f"for {whole(last['outstanding_credits'])} unused bank credits" if last else ""
    label, column = "Credit liability", "liability_usd"
    return Headline(
        label,
        money(last.get(column)),
        note,
        "credit_liability_monthly",
        column,
        query_behind(rows),
        _spark(rows, column, label),
    )


def _quality(rows: list[Row]) -> Headline:
    found = state.quality(rows)
    query = query_behind(rows)
    return Headline(
        "Data quality", found.word, found.note, "quality_results", "checks", query,
        state=found.state,
    )  # fmt: skip


def moved(published: Published, until: date) -> str:
    """What moved MRR in the last complete month, in a sentence; empty before the first."""
    change = last_change(published, "mrr", until=until)
    return sentence(change) if change else ""


def _spark(newest_first: Sequence[Row], column: str, label: str) -> str:
    return sparkline(numbers(newest_first, column)[::-1], title=f"{label} over time")
