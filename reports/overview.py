"""The overview: one self-contained HTML page of the business at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from models.words import product_in_words
from reports.explain.changes import last_change
from reports.explain.words import sentence
from reports.figures import Event, Figure, laid_out
from reports.headlines import headlines
from reports.manifest import Entry, entry_of
from reports.pages import shared_context
from reports.published import Period, Published
from reports.queries import Row
from reports.render.html import render
from reports.render.pdf import PaperHeadline, write_pdf
from reports.state import state_of
from reports.subjects import bridge, credits, quality, referrals, retention, revenue, subscriptions


def write_overview(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write overview.html and overview.pdf into the folder, as asked for."""
    entries = []
    for format in formats:
        path = folder / f"overview.{format}"
        if format == "pdf":
            write_overview_pdf(path, published, period=period)
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


def write_overview_pdf(path: Path, published: Published, *, period: Period | None) -> None:
    """The overview on paper."""
    until = published.until(period)
    write_pdf(
        path,
        title="Overview",
        question=moved(published, until),
        state=state_of(published, until).sentence,
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
        "figures": laid_out(all_figures(published, until)),
        "moved": moved(published, until),
    }
    return render("overview.html", context, script="sort.js")


def all_figures(published: Published, until: date) -> list[Figure]:
    """Every figure of the page in its order, of months before the day `until`."""
    happened = events(published.rows("annotations", until=until))
    of_months = [event for event in happened if event.day < published.month_until(until)]
    return [
        bridge.of_all(published.rows("bridge_months", until=until).oldest_first(), of_months),
        revenue.by_kind(published.rows("revenue_kinds", until=until), of_months),
        subscriptions.states(published.rows("states", until=until), happened),
        *retention.triangles(published.rows("retention", until=until)),
        credits.consumption(published.rows("credits", until=until), happened),
        credits.liability(published.rows("liability", until=until).oldest_first(), of_months),
        referrals.k_factor(published.rows("referrals", until=until).oldest_first(), of_months),
        quality.failed(
            published.rows("failed_checks", until=until), state_of(published, until).quality
        ),
        quality.findings(published.rows("findings", until=until)),
    ]


def events(rows: Sequence[Row]) -> list[Event]:
    """What happened on a day, told once for all products whose price is new."""
    found: dict[tuple[date, str], list[str]] = {}
    for row in rows:
        name = product_in_words(
            row["name"],
            row["product_kind"],
            months=row["billing_months"],
            credits=row["credits_amount"],
        )
        found.setdefault((row["day"], row["what"]), []).append(name)
    return [Event(day, f"{what}: {', '.join(names)}") for (day, what), names in found.items()]


def moved(published: Published, until: date) -> str:
    """What moved MRR in the last complete month, in a sentence; empty before the first."""
    change = last_change(published, "mrr", until=until)
    return sentence(change) if change else ""
