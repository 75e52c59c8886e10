"""Text of strangers through every format: 73 kinds of strings stay text, and survive where a format
keeps text as it is."""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import duckdb
import pytest

from pipelines.query.forms import defuse
from reports import charts
from reports.charts.scales import Series
from reports.figures import Figure, Table, Words
from reports.published import open_published
from reports.queries import Query
from reports.render.csv import write_csv
from reports.render.html import shown
from reports.render.parquet import write_parquet
from reports.render.pdf import write_pdf
from reports.render.xlsx import Book, Sheet, write_workbook
from reports.run import write_reports
from reports.subjects import quality
from tests.published_sample import AS_OF, write_published

MARKUP = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "</td></tr></table><b>", "</title><script>", "</style><style>*{}",
    "<!-- --><b>", "]]><b>", "<a href=javascript:alert(1)>x</a>", "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)", "&lt;b&gt;", "&amp;amp;", "&#x3c;b&#x3e;", "<base href=//x>",
    "<meta http-equiv=refresh content=0>", "<iframe src=//x>", "{{ 7*7 }}", "{% raw %}", "{# x #}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "javascript:alert(1)",
]  # fmt: skip
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", '=HYPERLINK("//x","y")', "\t=1+1",
    "\r=1+1", "\n=1+1", "x\n=1+1", "x\t=1+1", " =1+1", "x\r\n=1+1", '=WEBSERVICE("//x")', "=-1",
]  # fmt: skip
TYPST = [
    "#read(\"report.json\")", "#import \"x\"", "$ x^2 $", "*bold*", "_it_", "= heading", "#[x]",
    "`raw`", "<label>", "@ref", "\\u{1F600}", "//comment", "/* x */", "~",
]  # fmt: skip
ODD = [
    "'; drop table x; --", '"; --', "%s%n", "..\\..\\x", "../../etc/passwd", "CON", "NaN", "null",
    "", " ", "a,b", 'a"b', "a\nb", "\u202etxt.exe", "\u200fabc", "\x07bell", "\x1b[31mred",
    "\ufeffbom",
    "ü日本語🎉",
]  # fmt: skip
KINDS = [*MARKUP, *FORMULAS, *TYPST, *ODD]
STARTS = re.compile(r"(^|[\n\r\t;])[ \t\"]*[=+\-@]")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file whose checks, findings and courses are called as strangers like."""
    path = write_published(tmp_path_factory.mktemp("hostile") / "p.duckdb", months=2)
    with duckdb.connect(str(path)) as con:
        for number, text in enumerate(KINDS):
            con.execute(
                "insert into dim_courses (course_code, title) values (?, ?)", [f"K{number}", text]
            )
            con.execute(
                "insert into quality_findings (run_id, check_name, severity, source_table, "
                "source_id, explanation) values ('run-7', ?, 'warn', 't', ?, ?)",
                [f"kind {number}", str(number), text],
            )
    return path


def test_there_are_73_kinds() -> None:
    assert len(KINDS) == len(set(KINDS)) == 73


def test_pages_show_each_as_text(published: Path, tmp_path: Path) -> None:
    write_reports(published, tmp_path, names=["quality"], formats=["html"])
    page = (tmp_path / "2026-11-22" / "quality.html").read_text("utf-8")
    assert page.count("<script>") == 1 and "onerror=alert(1)>" not in page
    cells = re.findall(r"<bdi>(.*?)</bdi>", page, re.DOTALL)
    texts = {unescape(cell) for cell in cells}
    assert not [cell for cell in cells if "<" in cell]
    assert {shown(text) for text in KINDS} <= texts


def test_csv_has_no_formula_and_parquet_has_each_as_it_is(published: Path, tmp_path: Path) -> None:
    query = "select course_code, title from dim_courses where starts_with(course_code, 'K')"
    with duckdb.connect(str(published), read_only=True) as con:
        assert write_csv(con, query, path=tmp_path / "k.csv") == 73
        assert write_parquet(con, query, path=tmp_path / "k.parquet", meanings={}) == 73
        kept = con.execute(f"select title from '{tmp_path / 'k.parquet'}'").fetchall()
    assert {title for (title,) in kept} == set(KINDS)
    with (tmp_path / "k.csv").open(newline="", encoding="utf-8") as stream:
        titles = [row["title"] for row in csv.DictReader(stream)]
    assert not [title for title in titles if STARTS.search(title)]
    unchanged = [text for text in KINDS if not STARTS.search(text) and text[:1] not in "\t\r"]
    assert set(unchanged) <= set(titles) and len(unchanged) > 40


@pytest.mark.parametrize(
    "text",
    [
        "x;=1+1", 'x;"=1+1', "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x", "\u00a0=1", "\u2028=1",
        "x\u2029=1", "\x0b=1", "x\x0b=1", "x\x0c=1", "\ufeff=1", "\u200b\u3000=1", "x\n\n=1",
    ],
    ids=ascii,
)  # fmt: skip
def test_no_cell_of_a_spreadsheet_begins_with_a_sign(text: str, tmp_path: Path) -> None:
    """However it splits and trims: at any end of a line, at semicolons, past blanks of any kind."""
    with duckdb.connect() as con:
        con.execute("create table t as select $text as s", {"text": text})
        write_csv(con, "from t", path=tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as stream:
        (_, (written,)) = csv.reader(stream)
    for said in (written, defuse(text)):
        cells = [part.strip('" \u200b\ufeff\u3000\u00a0') for line in said.splitlines()
                 for part in line.split(";")]  # fmt: skip
        assert not [cell for cell in cells if unicodedata.normalize("NFKC", cell)[:1] in (*"=+-@",)]
    assert written.replace("'", "") == text, "nothing else is changed"


@pytest.mark.parametrize("text", ["a-b", "1 = 1", "x@y.z", "a;b", "2026-10-01", "a\nb", "\u2013 x"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert defuse(text) == text


def test_a_workbook_has_no_formula_and_no_link(published: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as con:
        sheet = Sheet("k", "select title from dim_courses where starts_with(course_code, 'K')")
        write_workbook(con, [sheet], path=tmp_path / "k.xlsx", about=Book(AS_OF, None, {}))
    with zipfile.ZipFile(tmp_path / "k.xlsx") as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert not [name for name, text in parts.items() if "<f>" in text or "<hyperlink" in text]
    assert not [name for name in parts if "externalLink" in name or name.endswith("sheet.xml.rels")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in parts["xl/sharedStrings.xml"]


def test_paper_takes_each_for_words(published: Path, tmp_path: Path) -> None:
    """Typst stops at markup that it cannot run: that it writes the page is the proof."""
    with open_published(published) as source:
        figure = quality.findings(source.rows("findings", until=source.until(None)))
    given = {str(cell) for row in figure.table.rows for cell in row}
    assert set(KINDS) <= given
    for start in range(0, len(figure.table.rows), 35):  # a table on paper ends after 40 rows
        part = Table(figure.table.columns, figure.table.header, figure.table.rows[start:][:35])
        write_pdf(
            tmp_path / "k.pdf", title=KINDS[start % 73], question="\n".join(KINDS),
            state="\n".join(KINDS), as_of_at=AS_OF, figures=[replace(figure, table=part)],
        )  # fmt: skip
        assert (tmp_path / "k.pdf").read_bytes().startswith(b"%PDF-")


def test_a_chart_on_paper_takes_each_for_words(tmp_path: Path) -> None:
    """As XML, which has no control characters and no U+FFFE: one in a country stopped all pages."""
    names = [*KINDS, "\ufffe", "\uffff", "\x01"]
    series = [Series(name, "new", [1.0]) for name in names]
    about = {"title": "K", "description": "\n".join(names), "unit": "USD"}
    figures = [
        Figure(Words(f"k{n}", "K", "K", "m"), svg, Query(), series, notes=names)
        for n, svg in enumerate(
            (
                charts.columns(["Oct 2026"], series, **about),
                charts.lines(names[:1], series, **about),
                charts.bars(names, [1.0] * len(names), **about),
                charts.waterfall([(name, 1.0, False) for name in names], **about),
            )
        )
    ]
    write_pdf(
        tmp_path / "k.pdf", title="K", question="K", state="K", as_of_at=AS_OF, figures=figures
    )
    assert (tmp_path / "k.pdf").read_bytes().startswith(b"%PDF-")
