"""The workbook of the monthly marts: formats, definitions, and a bridge that a spreadsheet program
computes anew to what the mart says."""

import csv
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from reports.render.xlsx import MOST_ROWS, Book, Sheet, number_format, write_workbook
from reports.run import write_reports
from tests.published_sample import AS_OF, FORMULA, write_published

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# Formulas are computed anew when a file is opened, whatever program wrote it.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
oor:op="fuse"><value>0</value></prop></item></oor:items>"""
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
CENT = Decimal("0.01")  # the sample's months are rounded one by one
SHEET = "xl/worksheets/sheet{}.xml"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workbook")
    write_published(folder / "p.duckdb")
    write_reports(folder / "p.duckdb", folder, names=["exports"], formats=["xlsx"])
    return folder / "2026-11-22" / "monthly_marts.xlsx"


def parts(book: Path) -> dict[str, str]:
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def recomputed(book: Path, folder: Path) -> dict[str, list[list[str]]]:
    """The sheets as LibreOffice shows them once it has computed every formula."""
    if OFFICE is None:
        pytest.skip("LibreOffice, which recomputes a workbook, is not installed")
    (folder / "profile" / "user").mkdir(parents=True)
    (folder / "profile" / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", EVERY_SHEET, "--outdir", str(folder / "csv"), str(book)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    found = {}
    for path in (folder / "csv").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as stream:
            found[path.stem.removeprefix(f"{book.stem}-")] = list(csv.reader(stream))
    return found


def test_a_spreadsheet_program_computes_the_balances_and_sums_of_the_marts(
    book: Path, tmp_path: Path
) -> None:
    sheets = recomputed(book, tmp_path)
    lines = sheets["MRR bridge"]
    with duckdb.connect(str(book.parents[1] / "p.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select closing_mrr_usd, new_usd from mrr_bridge_monthly order by movement_month"
        ).fetchall()
        net = con.execute(
            "select sum(net_usd) from revenue_monthly group by revenue_month order by revenue_month"
        ).fetchall()
    assert len(rows) == len(net) == 20
    total = sheets["Revenue"][0].index("net revenue")
    for line, (amount,) in zip(sheets["Revenue"][1:21], net, strict=True):
        assert abs(Decimal(line[total]) - amount) < CENT
    for line, (closing, _) in zip(lines[1:21], rows, strict=True):
        assert abs(Decimal(line[7]) - closing) < CENT and abs(Decimal(line[9])) < CENT
    assert abs(Decimal(lines[21][2]) - sum(new for _, new in rows)) < CENT


def test_a_change_of_a_flow_moves_every_later_balance(book: Path, tmp_path: Path) -> None:
    files = parts(book)
    sheet = files[SHEET.format(2)]
    first = re.search(r'<c r="C2"[^>]*><v>([\d.]+)</v>', sheet)
    assert first is not None
    more = first[0].replace(first[1], str(float(first[1]) + 100))
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text.replace(first[0], more))
    differences = [Decimal(row[9]) for row in recomputed(changed, tmp_path)["MRR bridge"][1:21]]
    assert len(differences) == 20 and all(abs(one - 100) < CENT for one in differences)


def test_only_sheets_with_a_chart_have_formulas_and_each_column_is_defined(book: Path) -> None:
    files = parts(book)
    names = re.findall(r'<sheet name="([^"]+)"', files["xl/workbook.xml"])
    assert names[:4] == ["about", "MRR bridge", "Revenue", "definitions"]
    assert {"mrr_bridge_monthly", "revenue_monthly", "retention_cohorts"} <= set(names)
    assert "fct_revenue" not in names and "dim_courses" not in names
    live = [n for n in range(len(names)) if "<f>" in files[SHEET.format(n + 1)]]
    assert live == [1, 2]
    for number in range(1, len(names)):
        sheet = files[SHEET.format(number + 1)]
        assert 'orientation="landscape"' in sheet and 'fitToHeight="0"' in sheet
        assert 'topLeftCell="B2"' in sheet
    assert files["xl/workbook.xml"].count("_xlnm.Print_Titles") == len(names) - 1
    assert "MRR of customers who pay for the first time." in files["xl/sharedStrings.xml"]


def test_charts_draw_the_months_of_the_marts(book: Path) -> None:
    """What each series of a chart refers to in its sheet is the mart's own column, month by month
    but for the last, which is not complete:
    the five flows and the closing MRR, net revenue of each kind and the proceeds of all."""
    flows = ("new", "reactivation", "expansion", "contraction", "churn")
    bridge = {name: f"select {name}_usd from mrr_bridge_monthly" for name in flows}
    bridge["closing MRR"] = "select closing_mrr_usd from mrr_bridge_monthly"
    kinds = {"AI credits": "ai_credits", "course": "course", "subscription": "subscription"}
    revenue = {
        name: f"select net_usd from revenue_monthly where product_kind = '{kind}'"
        for name, kind in kinds.items()
    }
    revenue["proceeds"] = "select sum(proceeds_usd) from revenue_monthly group by revenue_month"
    files = parts(book)
    with duckdb.connect(str(book.parents[1] / "p.duckdb"), read_only=True) as con:
        for number, expected, month in ((1, bridge, "movement"), (2, revenue, "revenue")):
            sheet = cells_of(files, number + 1)
            flags = {at[0]: at for at, said in sheet.items() if said == "complete"}
            (complete,) = flags
            assert [*within(sheet, f"!${complete}$2:${complete}$21")] == ["1"] * 19 + ["0"]
            drawn = re.findall(
                r"<c:ser>.*?<c:tx>.*?<c:f>(.*?)</c:f>.*?<c:cat>.*?<c:f>(.*?)</c:f>.*?"
                r"<c:val>.*?<c:f>(.*?)</c:f>.*?</c:ser>",
                files[f"xl/charts/chart{number}.xml"],
            )
            assert {sheet[name.split("!")[1].replace("$", "")] for name, _, _ in drawn} == {
                *expected
            }
            for name, months, values in drawn:
                query = expected[sheet[name.split("!")[1].replace("$", "")]]
                rows = con.execute(f"{query} order by {month}_month").fetchall()[:-1]
                pairs = zip(within(sheet, values), rows, strict=True)
                assert all(abs(Decimal(one) - amount) < CENT for one, (amount,) in pairs), name
                assert len(within(sheet, months)) == len(rows) == 19


def cells_of(files: dict[str, str], number: int) -> dict[str, str]:
    """The value of each cell of a sheet, texts included."""
    texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", files["xl/sharedStrings.xml"])
    found = re.findall(
        r'<c r="([A-Z]+\d+)"([^>]*)>(?:<f>.*?</f>)?<v>(.*?)</v>', files[SHEET.format(number)]
    )
    return {at: texts[int(value)] if 't="s"' in kind else value for at, kind, value in found}


def within(sheet: dict[str, str], place: str) -> list[str]:
    """The values of a column between two cells, as 'MRR bridge'!$C$2:$C$21 names them."""
    column, first, last = re.fullmatch(r".*!\$([A-Z]+)\$(\d+):\$\1\$(\d+)", place).groups()  # type: ignore[union-attr]
    return [sheet[f"{column}{line}"] for line in range(int(first), int(last) + 1)]


@pytest.mark.parametrize(
    ("name", "type_name", "shape"),
    [
        ("plays_per_listener", "DOUBLE", "#,##0.00##"), ("k_factor", "DOUBLE", "#,##0.00##"),
        ("customer_churn_rate", "DOUBLE", "0.0%"), ("net_usd", "DECIMAL(18,4)", "#,##0.00"),
        ("credits", "DECIMAL(38,0)", "#,##0"), ("users", "BIGINT", "#,##0"),
        ("month", "DATE", "yyyy-mm"), ("cohort_date", "DATE", "yyyy-mm-dd"),
        ("seen_at", "TIMESTAMP", "yyyy-mm-dd hh:mm:ss"), ("name", "VARCHAR", "General"),
    ],
)  # fmt: skip
def test_formats_follow_types(name: str, type_name: str, shape: str) -> None:
    assert number_format(name, type_name) == shape


def test_what_is_too_long_is_named_and_text_is_no_formula(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        sheets = [
            Sheet("long", f"select * from range({MOST_ROWS + 1})"),
            Sheet("texts", f"select '{FORMULA}' as text"),
        ]
        rows = write_workbook(con, sheets, path=tmp_path / "b.xlsx", about=Book(AS_OF, None, {}))
    files = parts(tmp_path / "b.xlsx")
    assert rows == 1 and "<f>" not in "".join(files.values())
    assert "20,001 rows, too many here: csv/long.csv" in files["xl/sharedStrings.xml"]
    assert '<sheet name="long"' not in files["xl/workbook.xml"]
