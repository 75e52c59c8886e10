"""Hold a page that was written against the published file: its numbers and cells, made anew."""

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
STATE = "state"  # of the page as a whole: how new and how complete it is
WHOLE = ("td", "badge")  # tags or classes whose text counts without a digit too: marks, words
UNREAD = ("style", "script", "pre")  # what nobody takes for a figure


@dataclass(frozen=True)
class Shown:
    """One text of a page: all of a cell and of the badge; of headlines, marks, axes and notes those
    with a digit. Of none of a mart's are those at the head and the foot of the page."""

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
        self._figure = self._unread = self._whole = ""
        self._pending: list[str] = []
        self.feed(text)
        self._show(STATE)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("name", "").startswith("report-"):
            self.meta[given["name"].removeprefix("report-")] = given["content"]
        if tag in ("article", "figure"):
            self._figure = given.get("id", "headlines")
        if tag in UNREAD:
            self._unread = tag
        if {tag, *given.get("class", "").split()} & {*WHOLE}:
            self._whole = tag
        if given.get("class") == "source":
            self._unread = "p"

    def handle_data(self, data: str) -> None:
        if self._unread == "p" and self._pending and data.strip():
            self._show(data.split(",")[0].strip())
        elif not self._unread and (self._whole or any(letter.isdigit() for letter in data)):
            self._pending += [words] if (words := " ".join(data.split())) else []

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""
        if tag == self._whole:
            self._whole = ""
        if tag == "header":
            self._show(STATE)

    def _show(self, mart: str) -> None:
        """What was read belongs to a mart, or to the page as a whole."""
        place = STATE if mart == STATE else self._figure
        self.shown += [Shown(place, mart, text) for text in self._pending]
        self._pending = []


def read_page(path: Path) -> PageReader:
    """A page that was written. Raises BadConfiguration for a file that is no page of ours."""
    if not path.is_file():
        raise BadConfiguration(f"{path} does not exist; name a page, such as revenue.html.")
    given = PageReader(path.read_text(encoding="utf-8"))
    if not given.meta:
        raise BadConfiguration(f"{path} is no page of these reports that holds figures.")
    return given


def verify_page(path: Path, published: Path, *, documents: Documents | None) -> Verification:
    """Make the page anew from the published file and compare its cells and its figures.

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
            page_text(page, source, period=period, figures=page.figures(source, until))
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
            where = f"{place.figure} ({place.mart})"
            yield f"{where}: the page has {found}, right is {right}"
