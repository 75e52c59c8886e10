"""The site's pages below the overview: what each answers, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.dictionary.site import FOLDER as DICTIONARY
from reports.figures import Figure
from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.render.html import render
from reports.subjects import (
    credits,
    discounts,
    engagement,
    operations,
    quality,
    referrals,
    retention,
    revenue,
    subscriptions,
)


@dataclass(frozen=True)
class Page:
    """A page: file name without ending, title, the question it answers, its figures."""

    name: str
    title: str
    question: str
    figures: Callable[[Published, date], list[Figure]]


PAGES = (
    Page("revenue", "Revenue", "What came in, what is left of it, and what is earned?",
         revenue.figures),
    Page("subscriptions", "Subscriptions", "What moved MRR, and who comes and goes?",
         subscriptions.figures),
    Page("retention", "Retention", "How many stay, how long, and what are they worth?",
         retention.figures),
    Page("credits", "AI credits", "How much is used, and what is owed in unused credits?",
         credits.figures),
    Page("referrals", "Referrals and partners", "Who brings whom, and whom do we owe?",
         referrals.figures),
    Page("discounts", "Discounts and experiments", "What do codes cost, and which arm wins?",
         discounts.figures),
    Page("engagement", "Engagement", "What is heard, and how fast is custom audio made?",
         engagement.figures),
    Page("operations", "Operations", "Do the app and its servers work?", operations.figures),
    Page("quality", "Data quality", "May these numbers be trusted?", quality.figures),
)  # fmt: skip


def page_report(page: Page) -> Callable[..., list[Entry]]:
    """How a page is written as a report of a day."""

    def write(
        published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
    ) -> list[Entry]:
        path = folder / f"{page.name}.html"
        path.write_text(page_text(page, published, period), encoding="utf-8")
        return [
            entry_of(
                path,
                folder,
                report=page.name,
                format="html",
                as_of_at=published.as_of_at,
                period=str(period) if period else None,
            )
        ]

    return write


def page_text(page: Page, published: Published, period: Period | None) -> str:
    """The page, of months up to the period, or up to the day of the extraction."""
    until = (period or Period(published.as_of.replace(day=1))).next_month
    context: dict[str, Any] = {
        "trail": [("Reports", "index.html"), (page.title, f"{page.name}.html")],
        "page": page,
        "siblings": PAGES,
        "period": str(period) if period else None,
        "as_of_at": published.as_of_at,
        "run_id": published.run_id,
        "figures": page.figures(published, until),
        "has_dictionary": published.documents is not None and published.documents.are_complete,
        "dictionary": DICTIONARY,
    }
    return render("page.html", context, script="sort.js")
