"""A page is held against the file that it was made from: one changed digit or word is found."""

import random
import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from models.errors import BadConfiguration
from pipelines.cli import app
from reports.pages import PAGES
from reports.run import write_reports
from reports.verify import verify_page
from tests.published_sample import write_published

DAY = "2026-11-22"
NAMES = ["overview", *(page.name for page in PAGES)]
# Any text with a digit: cells, headlines, words and axes of a chart, notes, what the head says.
FIGURES = re.compile(r">([^<>]*\d[^<>]*)<")
# No figures: the style, what a line on a source says, the query, the number of a letter.
OTHERS = re.compile(
    r'<head>.*?</head>|<p class="source">.*?</p>|<pre.*?</pre>|<script>.*|&#\d+;', re.DOTALL
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    path = write_published(folder / "p.duckdb")
    write_reports(path, folder / "out", formats=["html"])
    write_reports(path, folder / "out", formats=["html"], period="2026-10")
    return path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", [DAY, "2026-10"])
def test_a_page_as_written_holds(published: Path, name: str, folder: str) -> None:
    found = verify_page(
        published.parent / "out" / folder / f"{name}.html", published, documents=None
    )
    assert found.differences == ()


def test_what_moved_mrr_holds_beside_pages_that_the_page_leads_to(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "In Oct 2026 MRR went from $1.00 to $2.00."
    monkeypatch.setattr("reports.overview.moved", lambda *_: told)
    names = ["overview", "subscriptions"]
    write_reports(published, tmp_path, names=names, formats=["html"])
    page = tmp_path / DAY / "overview.html"
    text = page.read_text("utf-8")
    assert told in text and "who left and why" in text
    assert verify_page(page, published, documents=None).differences == ()
    page.write_text(text.replace("$2.00", "$2.01"), encoding="utf-8")
    assert len(verify_page(page, published, documents=None).differences) == 1


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_digit_is_found(published: Path, tmp_path: Path, name: str) -> None:
    text = (published.parent / "out" / DAY / f"{name}.html").read_text("utf-8")
    bare = OTHERS.sub(lambda match: " " * len(match[0]), text)
    figures = list(FIGURES.finditer(bare))
    assert len(figures) > 4
    draw = random.Random(7)
    for match in draw.sample(figures, 4):
        at = draw.choice([at for at in range(*match.span(1)) if text[at].isdigit()])
        changed = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
        (tmp_path / "page.html").write_text(changed, encoding="utf-8")
        found = verify_page(tmp_path / "page.html", published, documents=None)
        assert len(found.differences) == 1, match[0]


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        (r'(class="strip"[^>]*>[^○<]*)○', r"\1●"),
        (r"(<td><bdi>)failed(</bdi>)", r"\1passed\2"),
        (r"(<td><bdi>)warn(</bdi>)", r"\1error\2"),
        (r"(Data quality: )\w+", r"\1unknown"),
    ],
    ids=["mark", "status", "severity", "badge"],
)
def test_one_changed_word_or_mark_is_found(
    published: Path, tmp_path: Path, said: str, otherwise: str
) -> None:
    text = (published.parent / "out" / DAY / "quality.html").read_text("utf-8")
    changed, times = re.subn(said, otherwise, text, count=1)
    assert times == 1 and changed != text
    (tmp_path / "page.html").write_text(changed, encoding="utf-8")
    assert len(verify_page(tmp_path / "page.html", published, documents=None).differences) == 1


def test_a_changed_mart_is_found_and_named(published: Path, tmp_path: Path) -> None:
    page = published.parent / "out" / DAY / "revenue.html"
    other = tmp_path / "other.duckdb"
    other.write_bytes(published.read_bytes())
    with duckdb.connect(str(other)) as con:
        con.execute(
            "update revenue_monthly set net_usd = net_usd + 0.01 where product_kind = 'course'"
        )
    found = verify_page(page, other, documents=None)
    assert found.differences and all("(revenue_monthly)" in one for one in found.differences)


def test_what_cannot_be_verified_is_refused(published: Path, tmp_path: Path) -> None:
    out = published.parent / "out" / DAY
    with pytest.raises(BadConfiguration, match="does not exist"):
        verify_page(out / "none.html", published, documents=None)
    with pytest.raises(BadConfiguration, match="no page of these reports"):
        verify_page(out / "index.html", published, documents=None)
    other = tmp_path / "other.duckdb"
    other.write_bytes(published.read_bytes())
    with duckdb.connect(str(other)) as con:
        con.execute("update run_manifest set run_id = 'run-8'")
    with pytest.raises(BadConfiguration, match=r"of run run-7, .* of run run-8"):
        verify_page(out / "revenue.html", other, documents=None)


def test_a_page_is_held_against_the_publication_of_its_run(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current one is newer; that of the page is still kept."""
    kept, current = (
        tmp_path / "published" / name for name in ("earlier/a.duckdb", "hypnomart.duckdb")
    )
    kept.parent.mkdir(parents=True)
    for path, run_id, extra in ((kept, "run-7", 0), (current, "run-8", 1)):
        path.write_bytes(published.read_bytes())
        with duckdb.connect(str(path)) as con:
            con.execute("create table meta.publication (run_id varchar, published_at timestamp)")
            con.execute("insert into meta.publication values (?, now())", [run_id])
            con.execute("update run_manifest set run_id = ?", [run_id])
            con.execute("update revenue_monthly set net_usd = net_usd + ?", [extra])
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path))
    page = str(published.parent / "out" / DAY / "revenue.html")
    done = CliRunner().invoke(app, ["report", "verify", page])
    assert done.exit_code == 0 and done.stdout.endswith("every figure holds.\n"), done.output
    kept.unlink()
    gone = CliRunner().invoke(app, ["report", "verify", page])
    assert "that run's is not kept" in str(gone.exception)
