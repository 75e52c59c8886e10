"""Hold a page that was written against the published file: each of its numbers, made anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path

from models.errors import BadConfiguration
from reports.overview import overview_page
from reports.pages import PAGES, page_text
from reports.published import Documents, open_published, period_of

MOST = 20  # differences that are told
# Where figures stand: cells, the words of charts, and paragraphs of these classes.
CELLS = ("td", "title", "text")
PARAGRAPHS = ("value", "change", "moved")


@dataclass(frozen=True)
class Shown:
    """One text of a page that a reader takes for a figure: a cell, a headline, a mark's words."""

    figure: str
    mart: str
    text: str


@dataclass(frozen=True)
class Verification:
    """How many figures were compared, by mart, and the first differences in words."""

    figures: dict[str, int]
    differences: tuple[str, ...]


class PageReader(HTMLParser):
    """The figures of a page with the mart that each names, and what its head says of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.shown: list[Shown] = []
        self._figure = ""
        self._pending: list[str] = []
        self._capture: list[str] | None = None
        self._is_source = self._is_in_body = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("name", "").startswith("report-"):
            self.meta[given["name"].removeprefix("report-")] = given["content"]
        if tag == "figure":
            self._figure = given.get("id", "")
        if tag in ("td", "title") or given.get("class", "").startswith(
            ("value", "change", "moved")
        ):
            self._capture = []
        self._is_source = given.get("class") == "source" or (self._is_source and tag == "a")

    def handle_data(self, data: str) -> None:
        if self._is_source and data.strip():
            mart = data.split(",")[0].strip()
            self.shown += [Shown(self._figure, mart, text) for text in self._pending]
            self._pending, self._is_source = [], False
        elif self._capture is not None:
            self._capture.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._capture is not None and tag in (*CELLS, "p"):
            self._pending.append("".join(self._capture).strip())
            self._capture = None


def read_page(path: Path) -> PageReader:
    """A page that was written. Raises BadConfiguration for a file that is no page of ours."""
    if not path.is_file():
        raise BadConfiguration(f"{path} does not exist; name a page, such as revenue.html.")
    given = PageReader(path.read_text(encoding="utf-8"))
    if not given.meta:
        raise BadConfiguration(f"{path} is no page of these reports that holds figures.")
    return given


def verify_page(path: Path, published: Path, documents: Documents | None) -> Verification:
    """Make the page anew from the published file and compare each figure that it shows.

    Raises BadConfiguration for a file that is no page of ours, or one of another run.
    """
    given = read_page(path)
    with open_published(published, documents) as source:
        if source.run_id != given.meta["run"]:
            raise BadConfiguration(
                f"{path} is of run {given.meta['run']}, {published} of run {source.run_id}; "
                "that run's is not kept: name a copy of it with --published."
            )
        period = period_of(given.meta["period"] or None, source)
        until = source.until(period)
        page = next((page for page in PAGES if page.name == given.meta["page"]), None)
        text = (
            page_text(page, source, period, page.figures(source, until))
            if page
            else overview_page(source, period)
        )
    expected = PageReader(text)
    return Verification(
        dict(sorted(Counter(one.mart for one in expected.shown).items())),
        tuple(_differences(given, expected))[:MOST],
    )


def _differences(given: PageReader, expected: PageReader) -> Iterator[str]:
    for ours, theirs in zip_longest(expected.shown, given.shown):
        if ours != theirs:
            place = ours or theirs
            found, right = ("nothing" if one is None else repr(one.text) for one in (theirs, ours))
            where = f"{place.figure or 'headlines'} ({place.mart})"
            yield f"{where}: the page has {found}, right is {right}"
