"""The site's pages below the overview: what each answers, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.figures import Figure, laid_out
from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.render.html import render
from reports.render.pdf import write_pdf
from reports.state import state_of
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
    has_paper: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats it comes in."""
        return ("html", "pdf") if self.has_paper else ("html",)


PAGES = (
    Page("revenue", "Revenue", "What came in, what is left of it, and what is earned?",
         revenue.figures, has_paper=True),
    Page("subscriptions", "Subscriptions", "What moved MRR, and who comes and goes?",
         subscriptions.figures),
    Page("retention", "Retention", "How many stay, how long, and what are they worth?",
         retention.figures, has_paper=True),
    Page("credits", "AI credits", "How much is used, and what is owed in unused credits?",
         credits.figures),
    Page("referrals", "Referrals and partners", "Who brings whom, and whom do we owe?",
         referrals.figures, has_paper=True),
    Page("discounts", "Discounts and experiments", "What do codes cost, and which arm wins?",
         discounts.figures),
    Page("engagement", "Engagement", "What is heard, and how fast is custom audio made?",
         engagement.figures),
    Page("operations", "Operations", "Do the app and its servers work?", operations.figures),
    Page("quality", "Data quality", "May these numbers be trusted?", quality.figures,
         has_paper=True),
)  # fmt: skip


def page_report(page: Page) -> Callable[..., list[Entry]]:
    """How a page is written as a report of a day."""

    def write(
        published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
    ) -> list[Entry]:
        figures = page.figures(published, published.until(period))
        entries = []
        for format in formats:
            path = folder / f"{page.name}.{format}"
            if format == "pdf":
                write_pdf(
                    path,
                    title=page.title,
                    question=page.question,
                    state=state_of(published, published.until(period)).sentence,
                    as_of_at=published.as_of_at,
                    figures=figures,
                )
            else:
                path.write_text(
                    page_text(page, published, period=period, figures=figures), encoding="utf-8"
                )
            entries.append(
                entry_of(
                    path,
                    folder,
                    report=page.name,
                    format=format,
                    as_of_at=published.as_of_at,
                    period=str(period) if period else None,
                )
            )
        return entries

    return write


def page_text(
    page: Page, published: Published, *, period: Period | None, figures: Sequence[Figure]
) -> str:
    """The page with its figures, of months up to the period or the day of the extraction."""
    context = shared_context(published, period) | {"page": page, "figures": laid_out(figures)}
    trail = [("Reports", "index.html"), (page.title, f"{page.name}.html")]
    return render("page.html", context | {"trail": trail}, script="sort.js")


def shared_context(published: Published, period: Period | None) -> dict[str, Any]:
    """What the template of every page is told."""
    return {
        "siblings": PAGES,
        "pages": published.pages,
        "period": str(period) if period else None,
        "as_of_at": published.as_of_at,
        "run_id": published.run_id,
        "state": state_of(published, published.until(period)),
        "described": published.described,
        "dictionary": published.dictionary,
        "exported": published.exported,
        "data_docs": published.data_docs,
        "meanings": published.meanings,
    }
