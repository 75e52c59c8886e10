"""The overview: one self-contained HTML page of the business at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.charts import sparkline
from reports.dictionary.site import FOLDER as DICTIONARY
from reports.explain.changes import last_change
from reports.explain.words import sentence
from reports.figures import all_figures, month, numbers
from reports.manifest import Entry, entry_of
from reports.pages import PAGES
from reports.published import Period, Published, Row
from reports.render.html import ABSENT, money, rate, render, whole
from reports.render.pdf import PaperHeadline, write_pdf


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
    until = (period or Period(published.as_of.replace(day=1))).next_month
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
    until = (period or Period(published.as_of.replace(day=1))).next_month
    context: dict[str, Any] = {
        "siblings": PAGES,
        "described": published.described,
        "dictionary": DICTIONARY,
        "as_of_at": published.as_of_at,
        "run_id": published.run_id,
        "period": str(period) if period else None,
        "headlines": headlines(published, until),
        "figures": all_figures(published, until),
        "failed_checks": published.rows("failed_checks", until=until),
        "moved": moved(published, until),
        "findings": published.rows("findings", until=until),
        "quality": quality(published.rows("checks", until=until)),
    }
    return render("overview.html", context)


def headlines(published: Published, until: date) -> list[Headline]:
    """The figures of the head, newest first in each query."""
    bridge = published.rows("bridge_months", until=until)
    revenue = published.rows("revenue_months", until=until)
    return [
        *_balance(published.rows("bridge_day", until=until)),
        _of_month(
            revenue, "revenue_month", "net_usd", "Net revenue",
            "revenue_monthly", money, "charges less refunds",
        ),
        _of_month(
            revenue, "revenue_month", "proceeds_usd", "Proceeds",
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
        quality(published.rows("checks", until=until)),
    ]  # fmt: skip


def _balance(days: Sequence[Row]) -> list[Headline]:
    """MRR and customers at the end of the last day, with the quarter before it."""
    last = days[0] if days else {}
    note = f"at the end of {last['movement_date']}; line: the 90 days to it" if last else ""
    return [
        Headline(
            label, show(last.get(column)), note, "mrr_bridge_daily", _spark(days, column, label)
        )
        for label, column, show in (
            ("Monthly recurring revenue", "closing_mrr_usd", money),
            ("Paying customers", "closing_customers", whole),
        )
    ]


def _of_month(
    rows: Sequence[Row],
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
        return Headline(label, ABSENT, "no month is complete yet", mart)
    note = f"{month(complete[0][at])}, {meaning}"
    spark = _spark(complete, column, label)
    changed = changes(complete, at, column, is_up_good=is_up_good)
    return Headline(label, show(complete[0][column]), note, mart, spark, changes=changed)


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


def _liability(rows: Sequence[Row]) -> Headline:
    last = rows[0] if rows else {}
    note = f"for {whole(last['outstanding_credits'])} unused bank credits" if last else ""
    label, column = "Credit liability", "liability_usd"
    return Headline(
        label,
        money(last.get(column)),
        note,
        "credit_liability_monthly",
        _spark(rows, column, label),
    )


def moved(published: Published, until: date) -> str:
    """What moved MRR in the last complete month, in a sentence; empty before the first."""
    change = last_change(published, "mrr", until=until)
    return sentence(change) if change else ""


def quality(rows: Sequence[Row]) -> Headline:
    """The state of the newest run's checks in a word."""
    count = {(row["severity"], row["status"]): row["checks"] for row in rows}
    total = sum(count.values())
    errors = sum(n for (severity, status), n in count.items()
                 if severity == "error" and status != "passed")  # fmt: skip
    warnings = total - errors - sum(n for (_, status), n in count.items() if status == "passed")
    mart = "quality_results"
    if not total:
        return Headline("Data quality", "not checked", "no check has run", mart, state="warn")
    if errors:
        return Headline("Data quality", f"{errors} failed", f"of {total} checks", mart, state="bad")
    if warnings:
        label = "1 warning" if warnings == 1 else f"{warnings} warnings"
        note = f"of {total} checks; none of severity error"
        return Headline("Data quality", label, note, mart, state="warn")
    return Headline("Data quality", "passed", f"all {total} checks", mart, state="good")


def _spark(newest_first: Sequence[Row], column: str, label: str) -> str:
    return sparkline(numbers(newest_first, column)[::-1], title=f"{label} over time")
