"""Reports from a published file: what is written where, and that text stays text."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import threading
import time
from html import unescape
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from models.errors import BadConfiguration
from reports.folders import only_writer
from reports.headlines import headlines
from reports.overview import all_figures
from reports.pages import PAGES
from reports.published import open_published
from reports.render.html import TEMPLATES
from reports.run import available_reports, write_reports
from reports.subjects import retention
from tests.published_sample import FORMULA, HOSTILE, write_published

DAY = "2026-11-22"
PAYOUTS = {"names": ["payouts"]}
SORT = (TEMPLATES / "sort.js").read_text("utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("published") / "hypnomart.duckdb")


def page_of(published: Path, out: Path, *, period: str | None = None) -> str:
    write_reports(published, out, names=["overview"], period=period)
    return (out / (period or DAY) / "overview.html").read_text("utf-8")


def test_all_reports_are_written_with_a_manifest_that_holds(
    published: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    paths = write_reports(published, tmp_path, progress=said.append)
    assert {path.relative_to(tmp_path / DAY).parts[0] for path in paths} == {
        "index.html", "overview.html", "overview.pdf", "csv", "parquet", "monthly_marts.xlsx",
        "manifest.json", "partner_payouts.csv",
        *(f"{page.name}.{kind}" for page in PAGES for kind in page.formats),
    }  # fmt: skip
    assert {path.name for path in tmp_path.iterdir()} == {DAY, "latest", "index.html"}
    assert (tmp_path / "latest" / "overview.html").samefile(tmp_path / DAY / "overview.html")
    assert f'href="{DAY}/index.html"' in (tmp_path / "index.html").read_text("utf-8")
    manifest = json.loads((tmp_path / DAY / "manifest.json").read_text())
    assert manifest["run_id"] == "run-7" and manifest["version"] == version("hypnomart")
    assert manifest["checks"] == "2 warnings, of 3 checks; none of severity error"
    entries = manifest["files"]
    files = {str(p.relative_to(tmp_path / DAY)) for p in paths} - {"manifest.json"}
    assert {entry["file"] for entry in entries} == files
    for entry in entries:
        content = (tmp_path / DAY / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["as_of"] == "2026-11-22T14:05:00Z" and entry["period"] is None
    assert len(said) == len(available_reports()) - 1  # the dictionary needs what a run keeps


def test_csv_and_parquet_hold_every_row_of_every_mart(published: Path, tmp_path: Path) -> None:
    write_reports(published, tmp_path, names=["exports"])
    entries = json.loads((tmp_path / DAY / "manifest.json").read_text())["files"]
    counts = {(e["mart"], e["format"]): e["rows"] for e in entries}
    with duckdb.connect(str(published), read_only=True) as con:
        marts = [name for (name,) in con.execute("select mart from meta.marts").fetchall()]
        for mart in marts:
            expected = con.execute(f"select count(*) from {mart}").fetchone()
            parquet = tmp_path / DAY / "parquet" / f"{mart}.parquet"
            assert con.execute(f"select count(*) from '{parquet}'").fetchone() == expected
            assert (counts[mart, "csv"],) == (counts[mart, "parquet"],) == expected
            (difference,) = con.execute(
                f"select count(*) from (from {mart} except all from '{parquet}')"
            ).fetchone() or (None,)
            assert difference == 0
    assert len(marts) > 10


def test_csv_defuses_formulas_and_leaves_numbers_alone(published: Path, tmp_path: Path) -> None:
    write_reports(published, tmp_path, names=["exports"], formats=["csv"])
    with (tmp_path / DAY / "csv" / "dim_courses.csv").open(newline="", encoding="utf-8") as stream:
        rows = {row["course_code"]: row for row in csv.DictReader(stream)}
    assert rows["H02ENB"]["title"] == "'" + FORMULA
    assert rows["H02ENB"]["plays"] == "-3"
    assert [rows[code]["title"] for code in "PMATR"] == ["'+1", "'-1", "'@x", "'\tx", "'\rx"]
    assert rows["H01ENB"]["title"] == HOSTILE
    assert rows["OK"]["title"] == 'plain, "quoted"\nline'
    with (tmp_path / DAY / "csv" / "fct_revenue.csv").open(newline="", encoding="utf-8") as stream:
        assert [row["gross_usd"] for row in csv.DictReader(stream)] == ["4.9500", "-4.9500"]


def test_csv_for_excel_begins_with_the_mark_of_its_encoding(
    published: Path, tmp_path: Path
) -> None:
    plain, marked = tmp_path / "plain", tmp_path / "marked"
    write_reports(published, plain, names=["exports"], formats=["csv"])
    write_reports(published, marked, names=["exports"], formats=["csv+bom"])
    for path in (plain / DAY / "csv").iterdir():
        bytes_of = (marked / DAY / "csv" / path.name).read_bytes()
        assert bytes_of == b"\xef\xbb\xbf" + path.read_bytes()
    assert {path.suffix for path in (marked / DAY / "csv").iterdir()} == {".csv"}


def test_parquet_says_what_its_columns_mean(published: Path, tmp_path: Path) -> None:
    write_reports(published, tmp_path, names=["exports"], formats=["parquet"])
    path = tmp_path / DAY / "parquet" / "mrr_bridge_monthly.parquet"
    (found,) = duckdb.execute(
        f"select decode(value) from parquet_kv_metadata('{path}') where decode(key) = 'columns'"
    ).fetchone() or ("{}",)
    assert json.loads(found)["new_usd"] == "MRR of customers who pay for the first time."


def test_the_same_file_gives_the_same_bytes(published: Path, tmp_path: Path) -> None:
    write_reports(published, tmp_path / "a")
    write_reports(published, tmp_path / "b")
    manifests = [(tmp_path / x / DAY / "manifest.json").read_text() for x in "ab"]
    assert manifests[0] == manifests[1]


def test_a_second_run_of_the_day_replaces_its_own_files_and_keeps_the_others(
    published: Path, tmp_path: Path
) -> None:
    write_reports(published, tmp_path, names=["overview"])
    page = (tmp_path / DAY / "overview.html").stat().st_ino
    write_reports(published, tmp_path, names=["exports"], formats=["csv"])
    assert (tmp_path / DAY / "overview.html").stat().st_ino == page, "no copy of it"
    (tmp_path / DAY / "csv" / "fct_revenue.csv").write_text("touched")
    (tmp_path / DAY / "left_over.txt").write_text("no report of ours")
    write_reports(published, tmp_path, names=["exports"], formats=["csv"])
    assert "touched" not in (tmp_path / DAY / "csv" / "fct_revenue.csv").read_text()
    assert (tmp_path / DAY / "overview.html").is_file()
    entries = json.loads((tmp_path / DAY / "manifest.json").read_text())["files"]
    assert {entry["report"] for entry in entries} == {"index", "overview", "exports"}
    assert not (tmp_path / DAY / "left_over.txt").exists()


def test_a_period_restricts_what_is_dated_and_leaves_the_rest(
    published: Path, tmp_path: Path
) -> None:
    write_reports(published, tmp_path, period="2026-10")
    entries = json.loads((tmp_path / "2026-10" / "manifest.json").read_text())["files"]
    found = {e["mart"]: (e["rows"], e["period"]) for e in entries if e["format"] == "csv"}
    assert found["revenue_monthly"] == (3, "2026-10")
    assert found["mrr_bridge_daily"] == (31, "2026-10")
    assert found["fct_revenue"] == (1, "2026-10")  # 31 October 23:59, not 1 November 00:00
    assert found["dim_courses"] == (8, None)
    assert found["quality_results"] == (8, None)


def test_reports_of_a_period_leave_the_day_s_alone(published: Path, tmp_path: Path) -> None:
    before = page_of(published, tmp_path)
    paths = write_reports(published, tmp_path, names=["overview"], period="2026-W36")
    assert {path.parent.name for path in paths} == {"2026-W36"}
    assert (tmp_path / "latest" / "overview.html").read_text("utf-8") == before
    assert 'href="2026-W36/index.html"' in (tmp_path / "index.html").read_text("utf-8")


def test_the_page_of_a_period_ends_with_it(published: Path, tmp_path: Path) -> None:
    page = page_of(published, tmp_path, period="2026-08")
    assert "months up to 2026-08" in page
    assert "Aug 2026, charges less refunds" in page and "vs Jul 2026" in page
    assert "Sep 26" not in page and "Sep 2026" not in page and "at the end of 2026-08-31" in page


def test_the_page_shows_the_figures_of_the_marts(published: Path, tmp_path: Path) -> None:
    page = page_of(published, tmp_path)
    with duckdb.connect(str(published), read_only=True) as con:
        mrr, customers = con.execute(
            "select closing_mrr_usd, closing_customers from mrr_bridge_daily"
            " where movement_date = '2026-11-22'"
        ).fetchone() or (0, 0)
        (net,) = con.execute(
            "select sum(net_usd) from revenue_monthly where revenue_month = '2026-10-01'"
        ).fetchone() or (0,)
    assert "at present, 2026-11-22" in page  # the day is not over
    assert "are final unless hatched or hollow" in page
    months = "Oct 2026, charges less refunds"
    # 1857.60 a month and 868.80 a year before 2076.80; 296 and 129 before 311
    assert re.findall(r"[▲▼] ([\d.]+) % vs (\d{4}-\d\d-\d\d)", page) == [
        ("11.8", "2026-10-22"), ("139.0", "2025-11-22"),
        ("5.1", "2026-10-22"), ("141.1", "2025-11-22"),
    ]  # fmt: skip
    for text in (f"${mrr:,.2f}", f"{customers:,}", f"${net:,.2f}", months, "2 warnings"):
        assert text in page, text
    assert "2026-11-22 14:05 UTC" in page and "run-7" in page
    assert "within 45 days of their referrer" in page, "the window is the mart's"
    for mart in ("mrr_bridge_monthly", "revenue_monthly", "retention_cohorts",
                 "subscription_states_daily", "credit_consumption_weekly",
                 "referral_performance_monthly", "quality_results"):  # fmt: skip
        assert f"{mart}, as of 2026-11-22" in page or f"{mart} and" in page


def test_the_page_fetches_nothing_and_runs_nothing_of_others(
    published: Path, tmp_path: Path
) -> None:
    page = page_of(published, tmp_path)
    assert page.lower().count("<script") == 1 and SORT in page  # it sorts and filters, no more
    assert HOSTILE not in page and "&lt;script&gt;" in page
    for word in ("http:", "https:", "url(", "@import", " src=", "<link"):
        assert word not in page.replace("http://example.invalid", ""), word
    assert "\u202e" not in page and "\x07" not in page


def test_every_number_says_what_it_means_and_where_it_comes_from(
    published: Path, tmp_path: Path
) -> None:
    """Each column has a definition, by the mart or the query; the query as shown gives the rows."""
    with open_published(published) as source:
        until = source.until(None)
        figures = [*all_figures(source, until)]
        figures += [figure for page in PAGES for figure in page.figures(source, until)]
        meant = {*source.meanings} | {
            (figure.words.mart, column) for figure in figures for column in figure.query.meanings
        }
        shown = {
            (figure.words.mart, column)
            for figure in figures
            for column in [*figure.table.columns, *(one.column for one in figure.legend)]
        }
        heads = headlines(source, until)
        assert shown - meant == set()
        meant |= {(one.mart, column) for one in heads for column in one.query.meanings}
        assert {(one.mart, one.column) for one in heads} - meant == set()
        for query in {one.query.sql for one in (*figures, *heads)}:
            source.con.execute(query)
    write_reports(published, tmp_path, names=["overview", "exports"], formats=["html", "csv"])
    page = (tmp_path / DAY / "overview.html").read_text("utf-8")
    assert "movement_month &lt; date &#39;2026-12-01&#39;" in page
    assert 'href="csv/mrr_bridge_monthly.csv"' in page
    write_reports(published, tmp_path / "alone", names=["overview"], formats=["html"])
    assert "csv/" not in (tmp_path / "alone" / DAY / "overview.html").read_text("utf-8")


def test_the_page_on_quality_says_what_the_gate_said_and_leads_to_data_docs(
    published: Path, tmp_path: Path
) -> None:
    page = tmp_path / DAY / "quality.html"
    docs = tmp_path / "documentation" / "great_expectations" / "index.html"
    write_reports(published, tmp_path, names=["quality"], formats=["html"])
    said = "The gate let the run through that is published: 2 warnings, of 3 checks"
    assert said in page.read_text("utf-8") and "Data Docs" not in page.read_text("utf-8")
    docs.parent.mkdir(parents=True)
    docs.touch()
    write_reports(published, tmp_path, names=["quality"], formats=["html"])
    (link,) = re.findall(r'href="([^"]*great_expectations[^"]*)"', page.read_text("utf-8"))
    assert (page.parent / link).samefile(docs)


def test_every_check_has_its_strip_and_those_that_passed_in_every_run_are_folded(
    published: Path, tmp_path: Path
) -> None:
    write_reports(published, tmp_path, names=["quality"], formats=["html"])
    page = unescape((tmp_path / DAY / "quality.html").read_text("utf-8"))
    figure = page[page.index('id="strip"') :].partition("</figure>")[0]
    strips = re.findall(
        r"<code>([^<]*|text <.*>)</code></td>.*?aria-label=\"(.*?)\">(.+?)</", figure
    )
    assert strips == [
        (
            "receipts_are_priced",
            "passed 1 time, then could not run 1 time, then failed 1 time",
            "●\N{MULTIPLICATION SIGN}○",
        ),
        (f"text {HOSTILE}", "no check yet 1 time, then failed 2 times", "·○○"),
        ("receipts_keep_their_token", "passed 3 times", "●●●"),
    ]
    folded = figure[figure.index("<summary>AI credits: 1 check passed in every run</summary>") :]
    assert "receipts_keep_their_token" in folded and "receipts_are_priced" not in folded


def test_codes_are_shown_in_words_with_what_a_query_asks_for_beside_a_check(
    published: Path, tmp_path: Path
) -> None:
    write_reports(published, tmp_path, names=["quality", "revenue", "discounts"], formats=["html"])
    quality = (tmp_path / DAY / "quality.html").read_text("utf-8")
    assert "<bdi>Receipts are priced</bdi> <code>receipts_are_priced</code>" in quality
    assert "<bdi>receipts and revenue</bdi>" in quality
    revenue = (tmp_path / DAY / "revenue.html").read_text("utf-8")
    assert "<bdi>AI credits</bdi>" in revenue and "ai_credits<" not in revenue
    discounts = (tmp_path / DAY / "discounts.html").read_text("utf-8")
    experiments = discounts[discounts.index('id="experiments"') :]
    assert experiments.count("not as meant") >= 2


def test_a_table_that_a_query_cuts_says_so(published: Path, tmp_path: Path) -> None:
    longer = write_published(tmp_path / "longer.duckdb", months=24)
    for path, is_cut in ((longer, True), (published, False)):
        out = tmp_path / str(is_cut)
        write_reports(path, out, names=["subscriptions"], formats=["html"])
        page = (out / DAY / "subscriptions.html").read_text("utf-8")
        assert ("Cut after 24 rows; mrr_bridge_monthly has all." in page) is is_cut


def test_a_day_s_index_lists_pages_by_importance_and_paper_before_data(
    published: Path, tmp_path: Path
) -> None:
    write_reports(published, tmp_path)
    links = re.findall(r'<dt><a href="([^"]+)"', (tmp_path / DAY / "index.html").read_text("utf-8"))
    pages = [f"{name}.html" for name in ("overview", *(page.name for page in PAGES))]
    paper = ["overview.pdf", *sorted(f"{page.name}.pdf" for page in PAGES if page.has_paper)]
    assert links[: len(pages) + len(paper)] == [*pages, *sorted(paper)]


def test_the_triangle_ends_with_the_mean_of_all_cohorts(published: Path) -> None:
    with open_published(published) as source:
        (monthly, yearly) = retention.triangles(source.rows("retention", until=source.until(None)))
    for figure, second, size in ((monthly, "88", 80), (yearly, "60", 14)):
        assert figure.svg.rindex(">all cohorts<") > figure.svg.rindex(f">Nov 2026 ({size})<")
        last = figure.svg[figure.svg.index("<title>All cohorts, renewal 0") :]
        assert re.findall(r">(\d+)</text>", last)[:2] == ["100", second]


def test_shares_of_few_people_are_gray_in_every_figure_on_retention(
    published: Path, tmp_path: Path
) -> None:
    """Of the eldest cohort of the yearly plan 8 customers alone have their renewal due."""
    few = tmp_path / "few.duckdb"
    few.write_bytes(published.read_bytes())
    with duckdb.connect(str(few)) as con:
        con.execute(
            "update retention_cohorts set eligible = case first_paid_month when"
            " (select min(first_paid_month) from retention_cohorts) then 8 else 0 end"
            " where billing_months = 12 and period_number = 1"
        )
    write_reports(few, tmp_path, names=["retention"], formats=["html"])
    page = (tmp_path / DAY / "retention.html").read_text("utf-8")
    gray = re.findall(r'<g class="cell[^"]* few"><title>(All cohorts[^<]*)', page)
    assert gray == ["All cohorts, renewal 1: of 8 eligible"]
    dots = re.findall(r'<circle class="dot [^"]*\bfew"[^>]*><title>([^<]*)', page)
    assert dots == ["1 · observed: 60.0%, of 8 people"]


@pytest.mark.parametrize(
    ("status", "said"), [("fitted", ""), ("pooled", "of all plans"), ("too_little_data", "little")]
)
def test_survival_says_whose_the_forecast_is(published: Path, status: str, said: str) -> None:
    with open_published(published) as source:
        rows = source.rows("retention/curve", until=source.until(None)).where("billing_months", 12)
    text = retention.survival([row | {"fit_status": status} for row in rows], 12).words.text
    assert said in text and ("Too little" in text) is (status != "fitted")


def test_no_ring_is_none_found(tmp_path: Path) -> None:
    published = write_published(tmp_path / "p.duckdb", is_empty=True)
    write_reports(published, tmp_path, names=["referrals"])
    if program := shutil.which("pdftotext"):  # on paper as well
        paper = subprocess.run([program, tmp_path / DAY / "referrals.pdf", "-"],
                               capture_output=True, text=True, check=True).stdout  # fmt: skip
        assert paper.count("None found.") == 1
    page = (tmp_path / DAY / "referrals.html").read_text("utf-8")
    assert "<p>None found.</p>" in page[page.index('id="rings"') :].partition("</figure>")[0]


def test_a_month_s_waterfall_leads_from_its_opening_to_its_closing_mrr(
    published: Path, tmp_path: Path
) -> None:
    for period, title in ((None, "Oct 2026"), ("2026-07", "Jul 2026")):
        write_reports(published, tmp_path, names=["subscriptions"], period=period)
        page = (tmp_path / (period or DAY) / "subscriptions.html").read_text("utf-8")
        assert f"From opening to closing MRR of {title}" in page
        figure = page[page.index('id="mrr-waterfall"') :].partition("</figure>")[0]
        with duckdb.connect(str(published), read_only=True) as con:
            opening, closing = con.execute(
                "select opening_mrr_usd, closing_mrr_usd from mrr_bridge_monthly"
                " where movement_month = strptime(?, '%b %Y')", [title],
            ).fetchone() or (0, 0)  # fmt: skip
        assert f"opening: {opening:,.2f}".removesuffix(".00") in figure
        assert f"closing: {closing:,.2f}".removesuffix(".00") in figure


def test_charts_over_time_say_when_prices_changed_and_experiments_began(
    published: Path, tmp_path: Path
) -> None:
    page = page_of(published, tmp_path)
    prices = f"2026-06-01: new prices: monthly {HOSTILE}"
    begins = "2026-08-04: experiment begins: onboarding"  # with the first of its arms
    for figure in ("mrr-bridge", "revenue", "states", "credit-liability", "referral-k"):
        part = unescape(page[page.index(f'id="{figure}"') :].partition("</figure>")[0])
        assert part.index(f"<li><bdi>{prices}") < part.index(f"<li><bdi>{begins}"), figure
        assert part.count('class="flag"') in (2, 4), figure
    assert "2020-01-01" not in page  # the first prices are no change
    assert "new prices" not in page_of(published, tmp_path, period="2026-05")


def test_the_payout_list_holds_what_is_owed_for_one_month(published: Path, tmp_path: Path) -> None:
    """The last complete one, or the one named; by code, in cents, without who is owed nothing."""
    write_reports(published, tmp_path, names=["payouts"])
    write_reports(published, tmp_path, names=["payouts"], period="2026-09")
    head = "partner_code,period,amount,currency,reference\n"
    assert (tmp_path / DAY / "partner_payouts.csv").read_text() == (
        head + "'=IPART2,2026-10,2.50,USD,'=IPART2 2026-10\n"
        "IPART01,2026-10,6.00,USD,IPART01 2026-10\n"
    )
    assert (tmp_path / "2026-09" / "partner_payouts.csv").read_text() == (
        head + "IOLD01,2026-09,4.00,USD,IOLD01 2026-09\n"
    )


def test_a_pdf_shows_what_the_page_shows_and_hostile_text_stays_text(
    published: Path, tmp_path: Path
) -> None:
    names = ["overview", "quality"]
    write_reports(published, tmp_path, names=names, formats=["pdf"])
    for name in names:
        content = (tmp_path / DAY / f"{name}.pdf").read_bytes()
        assert content.startswith(b"%PDF-") and b"/Count" in content
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext, which reads a PDF's words, is not installed")
    words = {
        name: subprocess.run(
            [program, "-layout", str(tmp_path / DAY / f"{name}.pdf"), "-"],
            check=True, capture_output=True, text=True,
        ).stdout
        for name in names
    }  # fmt: skip
    assert "Monthly recurring revenue" in words["overview"]
    assert "as of 2026-11-22 14:05 UTC" in words["overview"]
    assert "<script>" in words["quality"]  # as words; Typst has no such markup


@pytest.mark.parametrize("months", [0, 1, 2])
def test_little_data_makes_a_page_all_the_same(tmp_path: Path, months: int) -> None:
    published = write_published(tmp_path / "p.duckdb", months=months, is_empty=not months)
    page = page_of(published, tmp_path / "out")
    assert ("No data yet" in page) is (months == 0)
    assert "nan" not in page.lower().replace("finance", "") and "None" not in page
    write_reports(published, tmp_path / "out", names=["exports"])


def test_months_before_christ_stand_before_the_others(tmp_path: Path) -> None:
    """The source's times may lie there, and Python holds no such day."""
    published = write_published(tmp_path / "p.duckdb", months=5)
    dated = {
        "retention_cohorts": "first_paid_month",
        "revenue_monthly": "revenue_month",
        "referral_performance_monthly": "signup_month",
        "cohort_performance": "first_assigned_at",
    }
    with duckdb.connect(str(published)) as con:
        for mart, column in dated.items():
            first = f"(select min({column}) from {mart} where {column} > date '2000-01-01')"
            for month in ("0044-03-01 (BC)", "4713-01-01 (BC)"):
                con.execute(
                    f"insert into {mart} select * replace (date '{month}' as {column}) from {mart} "
                    f"where {column} = {first}"
                )
    write_reports(published, tmp_path / "out", formats=["html", "xlsx"])
    page = (tmp_path / "out" / "2026-11-22" / "retention.html").read_text()
    assert page.index("4713-01-01 (BC)") < page.index("0044-03-01 (BC)")


def test_marts_that_are_not_published_are_named_in_their_place(tmp_path: Path) -> None:
    published = tmp_path / "p.duckdb"
    with duckdb.connect(str(published)) as con:
        con.execute(
            "create schema meta; create table meta.marts (mart varchar, event_time varchar)"
        )
        con.execute("create table run_manifest as select 'r' as run_id, 't' as table_name,"
                    " timestamp '2026-11-22 14:05' as as_of_at")  # fmt: skip
    names = ["overview", *(page.name for page in PAGES)]
    write_reports(published, tmp_path / "out", names=names)
    texts = {name: (tmp_path / "out" / DAY / f"{name}.html").read_text("utf-8") for name in names}
    said = re.findall(r"Not published: this file has no (\w+)\.", texts["overview"])
    assert {"mrr_bridge_monthly", "revenue_monthly", "quality_findings"} <= {*said}
    for text in texts.values():
        assert "None found." not in text and "No data yet" not in text and ">SQL<" not in text
        assert text.count("<figure") == text.count("Not published")


def test_a_segment_has_one_place_and_one_color_on_every_page(
    published: Path, tmp_path: Path
) -> None:
    """Seven countries: the five of most revenue are drawn alone, in its order, then the others."""
    path = tmp_path / "p.duckdb"
    path.write_bytes(published.read_bytes())
    ranked = [f"Country {n}" for n in (3, 6, 0, 5, 1, 2, 4)]
    with duckdb.connect(str(path)) as con:
        for place, country in enumerate(ranked):
            con.execute(
                "insert into revenue_by_segment_monthly (revenue_month, dimension, segment, "
                "net_usd, is_complete) values ('2026-10-01', 'country', ?, ?, true)",
                [country, 100 - place],
            )
    names = ["revenue", "subscriptions"]
    write_reports(path, tmp_path / "out", names=names, formats=["html"])
    found = {}
    for name, figure in (("revenue", "by-country"), ("subscriptions", "by-country")):
        page = (tmp_path / "out" / DAY / f"{name}.html").read_text("utf-8")
        part = page[page.index(f'id="{figure}"') :].partition("</figure>")[0]
        colors = re.findall(r'<i class="key ([\w-]+)"></i>', part)
        terms = [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in
                 re.findall(r'<li><i class="key.*?</li>', part, re.DOTALL)]  # fmt: skip
        found[name] = [*zip((term[:9].strip() for term in terms), colors, strict=True)]
    assert [color for _, color in found["revenue"]] == [*(f"place-{n}" for n in range(5)), "other"]
    assert [color for _, color in found["subscriptions"]] == [c for _, c in found["revenue"]]
    for page in found.values():
        assert [name for name, _ in page] == [*ranked[:5], "2 others"]
    panels = re.findall(r'aria-label="What moved MRR, by country: ([^".]+)\.', page_text(tmp_path))
    assert panels == [*ranked[:5], "2 others"]


def page_text(folder: Path) -> str:
    return (folder / "out" / DAY / "subscriptions.html").read_text("utf-8")


def test_pages_lead_to_those_that_are_written_with_them(published: Path, tmp_path: Path) -> None:
    """In whatever order."""
    names = ["quality", "overview", "revenue"]
    for out, order in (("a", names), ("b", names[::-1])):
        write_reports(published, tmp_path / out, names=order)
    for name in names:
        texts = [(tmp_path / out / DAY / f"{name}.html").read_text("utf-8") for out in "ab"]
        assert texts[0] == texts[1]
        assert all(f'href="{other}.html"' in texts[0] for other in names)
        assert 'href="retention.html"' not in texts[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ["weekly"]}, "no report 'weekly'; there are overview, revenue, subscriptions"),
        (
            {"formats": ["docx"]},
            "no format 'docx'; there are csv, csv\\+bom, html, md, parquet, pdf, xlsx",
        ),
        ({"names": ["engagement"], "formats": ["pdf"]}, "engagement comes as html, not as pdf"),
        ({"names": ["overview"], "formats": ["csv"]}, "overview comes as html, pdf, not as csv"),
        ({"period": "2026-13"}, "no month '2026-13'; the published marts know 2025-04 to 2026-11"),
        ({"period": "2026-1"}, "no month '2026-1'"),
        ({"period": "October"}, "no month 'October'"),
        ({"period": "2031-01"}, "know 2025-04 to 2026-11"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    published: Path, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(BadConfiguration, match=message):
        write_reports(published, tmp_path, **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_or_wrong_published_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"none\.duckdb does not exist yet"):
        write_reports(tmp_path / "none.duckdb", tmp_path)
    (tmp_path / "text.duckdb").write_text("not a database")
    with pytest.raises(BadConfiguration, match="is no published file"):
        write_reports(tmp_path / "text.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as con:
        con.execute("create table t (a int)")
    with pytest.raises(BadConfiguration, match="is no published file"):
        write_reports(tmp_path / "other.duckdb", tmp_path)


def test_a_file_of_an_earlier_version_is_named_as_such(published: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.duckdb"
    older.write_bytes(published.read_bytes())
    with duckdb.connect(str(older)) as con:
        con.execute("alter table revenue_monthly drop column proceeds_usd")
    with pytest.raises(BadConfiguration, match="published by an earlier version"):
        write_reports(older, tmp_path / "out", names=["overview"])
    assert not list((tmp_path / "out").iterdir())


def test_a_failure_leaves_the_earlier_reports(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_reports(published, tmp_path)
    before = (tmp_path / DAY / "manifest.json").read_text()

    def no_room(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.exports.write_parquet", no_room)
    with pytest.raises(BadConfiguration, match="No space left on device"):
        write_reports(published, tmp_path)
    assert (tmp_path / DAY / "manifest.json").read_text() == before
    assert {path.name for path in tmp_path.iterdir()} == {DAY, "latest", "index.html"}


def test_a_report_reads_what_is_published_when_its_turn_comes(
    published: Path, tmp_path: Path
) -> None:
    """Else it would name a person who was erased while it waited."""
    current, out = tmp_path / "hypnomart.duckdb", tmp_path / "out"
    shutil.copy(published, current)
    with only_writer(out):
        report = threading.Thread(target=write_reports, args=(current, out), kwargs=PAYOUTS)
        report.start()
        time.sleep(0.3)
        newer = tmp_path / "newer.duckdb"
        shutil.copy(published, newer)
        with duckdb.connect(str(newer)) as con:
            con.execute("update run_manifest set run_id = 'run-8'")
        newer.replace(current)
    report.join()
    assert json.loads((out / DAY / "manifest.json").read_text())["run_id"] == "run-8"


def test_a_folder_that_cannot_be_made_is_named(published: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadConfiguration, match="cannot be written to"):
        write_reports(published, tmp_path / "file" / "reports")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
