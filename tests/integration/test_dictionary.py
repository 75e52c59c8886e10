"""The data dictionary of a real database: every table and mart has its page, no link is dead, and
what the database says for itself, hostile words included, is shown as text."""

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path

import psycopg
import pytest

from models.dictionary import Dictionary, read_dictionary
from models.errors import BadConfiguration
from models.examples import example_columns, example_rows
from models.live import load_catalogue, read_catalogue, save_catalogue
from models.tables import TABLES, TABLES_BY_NAME
from reports.dictionary.markdown import dictionary_text
from reports.dictionary.marts import Mart, MartColumn
from reports.dictionary.report import write_documents
from reports.dictionary.site import Stamp, write_site
from reports.published import Documents
from reports.run import write_reports
from tests.published_sample import write_published
from tests.written_site import MANIFEST, dead_links

HOSTILE = "</td><script>alert(1)</script> | 'x\""
DAY = "2026-11-22"


@pytest.fixture
def dictionary(source_url: str) -> Dictionary:
    return read_dictionary(read_catalogue(source_url))


def test_the_schema_as_applied_differs_in_nothing_and_every_column_is_described(
    dictionary: Dictionary,
) -> None:
    assert dictionary.differences == ()
    for page, table in zip(dictionary.tables, TABLES, strict=True):
        assert [column.name for column in page.columns] == [c.name for c in table.columns]
        assert all(column.meaning.endswith(".") for column in page.columns)
    courses = next(page for page in dictionary.tables if page.name == "courses")
    assert [f"{link.table}.{link.column}" for link in courses.incoming] == [
        "course_purchases.course_code", "analytics.course_code", "audio_usage.course_code",
        "custom_courses.course_code",
    ]  # fmt: skip


def test_the_access_matrix_is_that_of_policies_and_privileges(dictionary: Dictionary) -> None:
    access = {page.name: page.access for page in dictionary.tables}
    own = "(( SELECT auth.uid() AS uid) = user_id)"
    assert access["ai_usage"]["authenticated", "select"] == own
    assert access["ai_usage"]["authenticated", "update"] == "-"
    assert access["app_logs"]["authenticated", "insert"] == own
    assert access["courses"]["anon", "select"] == "-"
    assert access["courses"]["service_role", "delete"] == "all"
    assert access["courses"]["hypnomart_reader", "select"] == "all"
    assert access["courses"]["hypnomart_reader", "insert"] == "-"  # bypasses, but has no privilege


def test_a_catalogue_survives_its_file_and_a_broken_file_is_none(
    source_url: str, tmp_path: Path
) -> None:
    catalogue = read_catalogue(source_url)
    path = tmp_path / "catalogue.json"
    save_catalogue(catalogue, path)
    assert load_catalogue(path) == catalogue
    path.write_text(path.read_text("utf-8")[:1000], encoding="utf-8")
    assert load_catalogue(path) is None


def test_a_live_database_is_shown_as_it_is(source_url: str) -> None:
    with psycopg.connect(source_url) as con:
        con.execute("comment on column courses.price is 'What the shop says.'")
        con.execute("alter table cohorts disable row level security")
        con.execute("create policy everything on courses for select to anon using (price > 1)")
    found = read_dictionary(read_catalogue(source_url))
    text = dictionary_text(found)
    assert "What the shop says." in text
    assert "- public.cohorts: row level security is off, expected on" in text
    access = {page.name: page.access for page in found.tables}
    assert access["cohorts"]["anon", "select"] == "all"
    assert "price > " in access["courses"]["anon", "select"]


def test_pages_and_markdown_of_the_command(source_url: str, tmp_path: Path) -> None:
    with psycopg.connect(source_url) as con:
        comment = psycopg.sql.SQL("comment on column courses.title is {}")
        con.execute(comment.format(psycopg.sql.Literal(HOSTILE)))
        con.execute(psycopg.sql.SQL("alter table courses add column {} text").format(
            psycopg.sql.Identifier("<img src=x onerror=alert(1)>")))  # fmt: skip
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST), encoding="utf-8")
    folder = write_documents(tmp_path / "docs", read_catalogue(source_url), manifest=manifest)
    tables = {path.stem for path in (folder / "tables").glob("*.html")}
    assert tables == set(TABLES_BY_NAME)
    assert dead_links(folder) == []
    page = (folder / "tables" / "courses.html").read_text("utf-8")
    assert HOSTILE in unescape(page) and "<script>alert" not in page and "<img" not in page
    markdown = (folder / "data_dictionary.md").read_text("utf-8")
    assert "&lt;/td>&lt;script>alert(1)&lt;/script> \\| 'x\"" in markdown
    for table in TABLES:
        text = (folder / "tables" / f"{table.name}.html").read_text("utf-8")
        examples = unescape(text[text.index("<h2>Example rows</h2>") :])
        held_back = {column.name for column in table.columns if column.policy != "keep"}
        assert "Invented" in examples and examples.count("<tr>") == 4
        assert not held_back & set(re.findall(r'<th scope="col">(\w+)</th>', examples))
    mart = (folder / "marts" / "dim_courses.html").read_text("utf-8")
    assert "No code twice." in mart and '../tables/courses.html"' in mart
    assert re.search(r"Key: <code>course_code</code>", mart)
    alone = write_documents(tmp_path / "alone.md", read_catalogue(source_url), manifest=manifest)
    assert alone.read_text("utf-8") == markdown


def test_a_table_that_the_simulation_leaves_empty_has_no_example_rows() -> None:
    """A new table is in the contract before a subject of the simulation writes it."""
    table = replace(TABLES_BY_NAME["courses"], name="favorites")
    assert (example_rows(table), len(example_rows(TABLES_BY_NAME["courses"]))) == ([], 3)
    assert example_columns(table) == example_columns(TABLES_BY_NAME["courses"])


def test_the_report_stands_beside_the_others_and_needs_what_a_run_keeps(
    source_url: str, tmp_path: Path
) -> None:
    published = write_published(tmp_path / "hypnomart.duckdb")
    documents = Documents(tmp_path / "catalogue.json", tmp_path / "manifest.json")
    with pytest.raises(BadConfiguration, match="needs the source's catalogue"):
        write_reports(published, tmp_path / "out", names=["dictionary"], documents=documents)
    assert not (tmp_path / "out").exists()
    save_catalogue(read_catalogue(source_url), documents.catalogue)
    documents.manifest.write_text(json.dumps(MANIFEST), encoding="utf-8")
    write_reports(published, tmp_path / "out", documents=documents)
    day = tmp_path / "out" / DAY
    assert dead_links(tmp_path / "out") == []
    before = (day / "dictionary" / "index.html").read_bytes()
    write_reports(published, tmp_path / "out", names=["overview"], documents=documents)
    assert (day / "dictionary" / "index.html").read_bytes() == before  # kept
    assert 'href="dictionary/index.html"' in (day / "index.html").read_text("utf-8")
    engagement = (day / "engagement.html").read_text("utf-8")
    assert 'href="dictionary/marts/course_engagement.html"' in engagement
    quality = (day / "quality.html").read_text("utf-8")
    assert 'href="dictionary/marts/quality_results.html"' in quality
    results = (day / "dictionary" / "marts" / "quality_results.html").read_text("utf-8")
    assert "Name of the check, unique within a run." in results
    assert '<a href="../../quality.html">Data quality</a>' in results
    receipts = unescape((day / "dictionary" / "marts" / "fct_receipts.html").read_text("utf-8"))
    assert "<code>receipts_are_priced</code>: receipts_are_priced holds" in receipts


def test_a_period_leads_to_the_dictionary_of_the_newest_day(
    source_url: str, tmp_path: Path
) -> None:
    published = write_published(tmp_path / "hypnomart.duckdb")
    documents = Documents(tmp_path / "catalogue.json", tmp_path / "manifest.json")
    save_catalogue(read_catalogue(source_url), documents.catalogue)
    documents.manifest.write_text(json.dumps(MANIFEST), encoding="utf-8")
    out = tmp_path / "out"
    revenue = {"names": ["revenue"], "formats": ["html"], "documents": documents}
    write_reports(published, out, period="2026-09", **revenue)  # type: ignore[arg-type]
    assert "dictionary/" not in (out / "2026-09" / "revenue.html").read_text("utf-8")
    write_reports(published, out, names=["dictionary"], documents=documents)
    for period in ("2026-10", "2026-W44"):
        write_reports(published, out, period=period, **revenue)  # type: ignore[arg-type]
        page = (out / period / "revenue.html").read_text("utf-8")
        assert 'href="../latest/dictionary/index.html"' in page
        assert 'href="../latest/dictionary/marts/revenue_monthly.html"' in page
        assert not (out / period / "dictionary").exists()
    assert dead_links(out) == []


def test_a_mart_leads_to_the_pages_that_there_are(dictionary: Dictionary, tmp_path: Path) -> None:
    """Seeds and the run's own records have no page, a hash and a count of rows no column there."""
    sources = (
        ("subscriptions", "user_id"), ("subscriptions", "token_hash"), ("subscriptions", "*"),
        ("price_book", "price_usd"), ("run_manifest", "as_of_at"),
    )  # fmt: skip
    column = MartColumn("mrr_usd", "decimal", "Revenue of a month.", sources)
    shown = (("revenue", "Revenue"), ("quality", "Data quality"))
    mart = Mart(
        "m", "Area", "One row.", (), (column,), (), ("price_book", "subscriptions"), (), shown
    )
    stamp = Stamp(datetime(2026, 11, 1), "", frozenset({"quality"}))
    (tmp_path / "quality.html").touch()
    tmp_path = tmp_path / "dictionary"
    write_site(tmp_path, dictionary, marts=[mart], stamp=stamp)
    page = (tmp_path / "marts" / "m.html").read_text("utf-8")
    assert all(f"{table}.{name}" in page for table, name in sources)
    assert page.count('href="../tables/subscriptions.html') == 4
    assert '<p>Revenue, <a href="../../quality.html">Data quality</a></p>' in page
    assert dead_links(tmp_path) == []
