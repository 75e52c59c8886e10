"""Every page of the site in a real browser: silent, asking for nothing, without a fault that
axe-core calls more than minor; tables sort and filter; a phone need not scroll sideways."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from models.live import read_catalogue, save_catalogue
from reports.pages import PAGES
from reports.published import Documents
from reports.run import write_reports
from tests.conftest import new_database
from tests.published_sample import AS_OF, COLUMNS, HOSTILE, write_published
from tests.written_site import MANIFEST, dead_links

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
DAY = "2026-11-22"
WRITTEN = (
    "../index.html", "index.html", "overview.html", *(f"{page.name}.html" for page in PAGES),
    "dictionary/index.html", "dictionary/tables/user_profile.html",
    "dictionary/marts/dim_courses.html",
)  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium browser is installed"),
]


@pytest.fixture(scope="module")
def site(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of all days, with one day's reports."""
    folder = tmp_path_factory.mktemp("site")
    documents = Documents(folder / "catalogue.json", folder / "manifest.json")
    with new_database(postgres_url, template=template_database) as url:
        save_catalogue(read_catalogue(url), documents.catalogue)
    documents.manifest.write_text(json.dumps(MANIFEST), encoding="utf-8")
    published = write_published(folder / "p.duckdb")
    with duckdb.connect(str(published)) as con:  # axe takes 8 s more for a page on all 76
        con.execute("delete from meta.marts where not list_contains(?, mart)", [[*COLUMNS]])
        # as after the first run: one column amid a chart that a phone shows a third of
        con.execute("delete from sync_freshness_history where as_of_at < ?", [AS_OF])
    write_reports(published, folder / "out", formats=["html"], documents=documents)
    return folder / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def opened(browser: Browser, path: Path, *, width: int = 1320, may_inject: bool = False) -> Page:
    """A page whose messages and requests are kept in `page.noise`."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, bypass_csp=may_inject, offline=True
    )
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: noise.append(request.url))
    page.goto(path.resolve().as_uri())
    assert noise[:1] == [page.url] and noise[1:] == [], noise
    return page


@pytest.mark.parametrize("width", [1320, 390])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_is_silent_and_accessible(
    browser: Browser, site: Path, name: str, width: int
) -> None:
    page = opened(browser, site / DAY / name, width=width, may_inject=True)
    found = Axe().run(page).response["violations"]
    loud = [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] != "minor"]
    assert loud == []
    assert page.title() and page.locator("h1").count() == 1
    page.context.close()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_phone_need_not_scroll_a_page_sideways(browser: Browser, site: Path, name: str) -> None:
    page = opened(browser, site / DAY / name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(
        "document.querySelectorAll('.legend .term').forEach(t => t.append('W'.repeat(400)))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_no_link_is_dead(site: Path) -> None:
    assert dead_links(site) == []


def test_tables_sort_by_number_and_filter(browser: Browser, site: Path) -> None:
    page = opened(browser, site / DAY / "revenue.html")
    table = page.locator("#refunds table")
    charges = (
        "[...document.querySelectorAll('#refunds tbody tr')].map(r => +r.cells[2].dataset.value)"
    )
    table.locator("th button").nth(2).click()
    rising = page.evaluate(charges)
    assert rising == sorted(rising) and rising[0] == 1 and rising[-1] == 40
    table.locator("th button").nth(2).click()
    assert page.evaluate(charges) == rising[::-1]
    page.context.close()
    page = opened(browser, site / DAY / "overview.html")
    page.locator("#revenue summary", has_text="Figures").click()
    cells = "[...document.querySelectorAll('#revenue tbody tr')].map(r => r.cells[%d].%s)"
    page.locator("#revenue th button").nth(2).click()  # a negative one, and ones below 1,000
    net = [float(value) for value in page.evaluate(cells % (2, "dataset.value"))]
    assert net == sorted(net) and net[0] == -25 and net[-1] > 1000
    page.locator("#revenue th button").nth(0).click()
    months = page.evaluate(cells % (0, "textContent"))
    dated = [datetime.strptime(text, "%b %Y") for text in months]
    assert dated == sorted(dated) and len({*months}) == 20
    page.context.close()
    page = opened(browser, site / DAY / "dictionary" / "index.html")
    page.locator("input[type=search]").fill("referred_by_code")
    shown = page.locator("#all-columns tbody tr:visible")
    texts = [row.inner_text() for row in shown.all()]
    assert 1 <= len(texts) < 10 and all("referred_by_code" in text for text in texts)
    assert any(text.startswith("user_profile") for text in texts)
    page.locator("td.own .term").first.focus()
    assert "auth.uid()" in page.locator("td.own .def:visible").inner_text()
    page.context.close()


def test_a_definition_shows_under_the_pointer_by_keyboard_and_by_tap(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, site / DAY / "overview.html")
    term = page.locator("#mrr-bridge .legend .term").first
    meaning = page.locator("#mrr-bridge .legend .def").first
    assert not meaning.is_visible()
    for show, hide in (
        (term.hover, lambda: page.mouse.move(0, 0)),
        (term.focus, term.blur),
        (term.click, lambda: page.mouse.click(0, 0)),
    ):
        show()
        assert (
            meaning.is_visible()
            and meaning.inner_text() == "MRR of customers who pay for the first time."
        )
        hide()
        assert not meaning.is_visible()
    page.locator("#mrr-bridge summary", has_text="Figures").click()
    page.locator("#mrr-bridge th button").nth(1).focus()
    head = page.locator("#mrr-bridge th .def").nth(1)
    assert head.is_visible() and head.inner_text().startswith("MRR as the day or month begins")
    page.locator("#mrr-bridge summary", has_text="SQL").click()
    assert "from mrr_bridge_monthly" in page.locator("#mrr-bridge .sql code").inner_text()
    page.context.close()


def test_the_diagram_of_tables_leads_to_each_by_keyboard(browser: Browser, site: Path) -> None:
    page = opened(browser, site / DAY / "dictionary" / "index.html")
    boxes = page.locator(".er a")
    assert boxes.count() == 21
    box = page.locator('.er a[href="tables/ai_usage.html"]')
    for _ in range(60):  # the tab key alone comes to it, past the way up and the boxes before it
        page.keyboard.press("Tab")
        if box.evaluate("link => link === document.activeElement"):
            break
    frame = "link => getComputedStyle(link.querySelector('rect')).strokeWidth"
    assert box.evaluate(frame) == "2px"  # who sees it knows where they are
    fits = """[...document.querySelectorAll('.er text')].map(t => [t.textContent,
        getComputedStyle(t).stroke, !t.parentNode.matches('a')
        || t.getBBox().width + 10 <= t.parentNode.querySelector('rect').getBBox().width])"""
    assert {(stroke, is_inside) for _, stroke, is_inside in page.evaluate(fits)} == {("none", True)}
    page.keyboard.press("Enter")
    page.wait_for_url("**/dictionary/tables/ai_usage.html")
    assert page.locator("h1").inner_text() == "ai_usage"
    page.context.close()


def test_every_check_has_a_strip_that_is_heard_as_it_is_seen(browser: Browser, site: Path) -> None:
    """Folded where it passed in every run; a screen reader hears the same."""
    page = opened(browser, site / DAY / "quality.html")
    heard = page.get_by_role("img", name="passed 1 time, then could not run 1 time, then failed")
    assert heard.is_visible() and heard.inner_text() == "●\N{MULTIPLICATION SIGN}○"
    always = page.get_by_role("img", name="passed 3 times")
    assert not always.is_visible()
    page.locator("#strip summary", has_text="AI credits: 1 check passed in every run").click()
    assert always.is_visible() and always.inner_text() == "●●●"
    page.context.close()


def test_panels_say_the_flows_of_a_month_and_its_table_the_same(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, site / DAY / "subscriptions.html")
    titles = (
        "[...document.querySelectorAll('#bridge-%s .chart .ends title')].map(t => t.textContent)"
    )
    plans = page.evaluate(titles % "plan")
    assert len(plans) == 3 * 20
    assert "Jun 2025 · monthly: new 27, reactivation 1.50, churn -2, switched -4" in plans[2]
    assert plans[19].endswith("(not complete)")
    countries = page.evaluate(titles % "country")
    assert len(countries) == 6 * 20 and "2 others: new 51" in countries[-1]
    page.locator("#bridge-country summary", has_text="Figures").click()
    assert page.locator("#bridge-country tbody tr").count() == 7 * 20
    page.context.close()


def test_an_engineer_finds_who_may_write_ai_usage_and_what_resets_it(
    browser: Browser, site: Path
) -> None:
    """From the newest day, by links alone."""
    page = opened(browser, site / "latest" / "index.html")
    page.get_by_role("link", name="Data dictionary").click()
    page.locator("#all-columns").scroll_into_view_if_needed()
    page.locator("input[type=search]").fill("ai_usage reset")
    page.locator("#all-columns tbody tr:visible a").first.click()
    text = page.locator("main").inner_text()
    assert "May write: service_role (insert, update, delete any row)." in text
    assert "The weekly counter returns to zero by itself at weekly_reset_date." in text
    page.context.close()


def test_a_growth_lead_comes_from_the_churn_of_the_month_to_who_left_and_why(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, site / "latest" / "overview.html")
    assert "Customer churn" in page.locator(".headlines").inner_text()
    page.get_by_role("link", name="who left and why").click()
    page.wait_for_url("**/subscriptions.html#churn-reasons")
    for reason in ("reason", "plan", "store", "country"):
        assert page.get_by_role("heading", name=f"Customers lost, by {reason}").count() == 1
    page.context.close()


def test_a_cfo_reads_every_month_from_prices_to_proceeds(browser: Browser, site: Path) -> None:
    """The chart is of the last month that is over, the table of each, October among them."""
    page = opened(browser, site / "latest" / "index.html")
    page.get_by_role("link", name="Revenue", exact=True).click()
    assert page.locator("#waterfall h2").inner_text() == "From prices to proceeds of Oct 2026"
    page.locator("#waterfall summary", has_text="Figures").click()
    lines = [row.inner_text() for row in page.locator("#waterfall tbody tr").all()]
    assert len(lines) == 20 and lines[0].startswith("Nov 2026") and lines[0].endswith("no")
    assert lines[1].startswith("Oct 2026") and lines[1].endswith("yes")
    page.context.close()


def test_a_small_screen_begins_with_the_newest_months(browser: Browser, site: Path) -> None:
    page = opened(browser, site / DAY / "overview.html", width=390)
    ends = page.evaluate(
        "[...document.querySelectorAll('.timed')].map(c => c.parentNode)"
        ".map(b => [b.scrollLeft, b.scrollWidth - b.clientWidth])"
    )
    assert len(ends) >= 5 and all(room > 50 and left >= room - 1 for left, room in ends)
    page.context.close()


def test_a_small_screen_begins_with_the_next_steps_of_what_lies_ahead(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, site / DAY / "retention.html", width=390)
    survival = page.locator("#survival-1 .across")
    assert survival.evaluate("f => [f.scrollLeft, f.scrollWidth > f.clientWidth]") == [0, True]
    page.context.close()


def test_a_small_screen_begins_where_there_is_something_to_see(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, site / DAY / "operations.html", width=390)
    inside = """f => [...f.querySelectorAll('rect:has(> title)')]
        .map(m => m.getBoundingClientRect()).filter(m => m.left > f.getBoundingClientRect().left
            && m.right < f.getBoundingClientRect().right).length"""
    assert page.locator("#sync-history .across").evaluate(inside) == 3  # its bands, of one day
    page.context.close()


def test_panels_stand_below_each_other_on_a_phone(browser: Browser, site: Path) -> None:
    across = (
        "[...document.querySelectorAll('#bridge-country .chart')]"
        ".map(c => c.getBoundingClientRect()).map(r => [r.left, r.width])"
    )
    for width, columns in ((1320, 3), (390, 1)):
        page = opened(browser, site / DAY / "subscriptions.html", width=width)
        places = page.evaluate(across)
        assert len(places) == 6 and len({left for left, _ in places}) == columns
        assert all(wide > 300 for _, wide in places)
        page.context.close()


@pytest.mark.parametrize("name", ["overview", "subscriptions", "revenue", "credits"])
def test_the_values_of_an_axis_stay_in_sight_on_a_phone(
    browser: Browser, site: Path, name: str
) -> None:
    page = opened(browser, site / DAY / f"{name}.html", width=390)
    seen = page.evaluate(
        """[...document.querySelectorAll('.across:has(> .chart.timed)')].map(frame => {
            const box = frame.getBoundingClientRect();
            const ticks = [...frame.querySelectorAll('.stays .tick')];
            const isSeen = t => t.left >= box.left - 1 && t.right < box.left + 80;
            const under = frame.querySelector('.stays .under');
            const covered = under ? under.getBoundingClientRect().right : 0;
            const most = Math.max(...ticks.map(t => t.getBoundingClientRect().right));
            return [frame.scrollLeft > 0, ticks.length > 1 && covered < most + 8
                && ticks.every(t => isSeen(t.getBoundingClientRect()))];
        })"""
    )
    assert len(seen) >= 1 and any(is_scrolled for is_scrolled, _ in seen)
    assert all(is_seen for _, is_seen in seen)
    page.context.close()


@pytest.mark.parametrize("width", [1320, 390])
def test_a_mark_says_its_words_to_the_keyboard_and_to_a_finger(
    browser: Browser, site: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=True)
    page = context.new_page()
    page.goto((site / DAY / "overview.html").resolve().as_uri())
    said = page.locator(".said")
    chart = page.locator("#revenue .across")
    assert said.inner_text() == "" and said.get_attribute("role") == "status"
    page.locator("#revenue .term").last.focus()
    page.keyboard.press("Tab")
    assert chart.evaluate("c => c === document.activeElement")
    titles = chart.locator("title").all_text_contents()[1:]
    assert said.inner_text() == titles[-1]  # the newest first
    page.keyboard.press("ArrowLeft")
    assert said.inner_text() == titles[-2]
    page.keyboard.press("Home")
    assert said.inner_text() == titles[0]
    ends = "box => { const r = box.getBoundingClientRect(); return [r.left, r.right] }"
    for left, right in (said.evaluate(ends), page.locator("#revenue .at").evaluate(ends)):
        assert 0 <= left <= right <= width
    page.keyboard.press("Escape")
    assert said.inner_text() == ""
    mark = page.locator("#revenue rect:has(> title)").last
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box() or {"x": 0.0, "y": 0.0, "width": 0.0}
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] - 9)  # a finger is not exact
    assert said.inner_text() in titles and "Nov 2026" in said.inner_text()
    page.context.close()


def test_paper_has_the_tables_that_no_chart_shows(browser: Browser, site: Path) -> None:
    page = opened(browser, site / DAY / "overview.html")
    page.emulate_media(media="print")
    assert page.locator("#findings tbody tr").first.is_visible()
    for hidden in ("#findings summary", "#mrr-bridge table", "#mrr-bridge summary"):
        assert not page.locator(hidden).first.is_visible(), hidden
    page.context.close()


def test_hostile_text_stays_text(browser: Browser, site: Path) -> None:
    page = opened(browser, site / DAY / "quality.html")
    assert HOSTILE in page.locator("main").inner_text()
    assert page.locator("main script").count() == 0
    page.context.close()
