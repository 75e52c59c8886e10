"""A workbook with one sheet for each query, charts over live sums, and what columns mean.

Text is never a formula. XlsxWriter is used as it is: polars' write_excel brings neither formulas of
rows nor formats by the types of DuckDB.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from models.counting import counted
from reports.render.xlsx_bridge import write_bridge
from reports.render.xlsx_leaf import leaf
from reports.render.xlsx_revenue import write_revenue

# XlsxWriter takes about a second for 45,000 cells; a larger mart is left to its CSV, by name.
MOST_ROWS = 20_000
# The marts that have a sheet with a chart besides.
CHARTED = {"mrr_bridge_monthly": write_bridge, "revenue_monthly": write_revenue}
BY_NAME = (
    (r"month|\w+_month", "yyyy-mm"),
    (r"\w+_rate|\w+_retention|\w+_rate_(low|high)", "0.0%"),
)
BY_TYPE = (
    (r"DATE", "yyyy-mm-dd"),
    (r"TIMESTAMP.*", "yyyy-mm-dd hh:mm:ss"),
    (r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,0\)", "#,##0"),
    (r"DECIMAL.*", "#,##0.00"),
    (r"DOUBLE|FLOAT", "#,##0.00##"),
)


@dataclass(frozen=True)
class Sheet:
    """A sheet's name and the query of its rows."""

    name: str
    query: str


@dataclass(frozen=True)
class Book:
    """What a workbook says of itself: as_of_at in naive UTC, the period, and what the columns of
    its sheets mean, by sheet and column."""

    as_of_at: datetime
    period: str | None
    meanings: Mapping[tuple[str, str], str]


def write_workbook(
    con: duckdb.DuckDBPyConnection, sheets: Sequence[Sheet], *, path: Path, about: Book
) -> int:
    """Write a workbook: what it holds, the charts, definitions, then the sheets.

    Returns the rows of all sheets.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "Monthly marts", "created": about.as_of_at})  # same bytes
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        front = book.add_worksheet("about")
        for sheet in sheets:
            if sheet.name in CHARTED:
                CHARTED[sheet.name](book, bold, con=con, query=sheet.query)
        words = leaf(book, "definitions")
        described: list[tuple[str, str, str]] = []
        counts: list[tuple[str, int, str]] = []
        for sheet in sheets:
            total = _count(con, sheet)
            if total > MOST_ROWS:
                counts.append(
                    (sheet.name, 0, f"{counted(total, 'row')}, too many here: csv/{sheet.name}.csv")
                )
                continue
            names = _write_sheet(book, bold, con=con, sheet=sheet)
            described += [(sheet.name, n, about.meanings.get((sheet.name, n), "")) for n in names]
            counts.append((sheet.name, total, about.meanings.get((sheet.name, ""), "")))
        _write_lines(
            words,
            bold,
            header=("sheet", "column", "what it means"),
            lines=described,
            widths=(32, 32, 110),
        )
        _write_lines(
            front,
            bold,
            header=("sheet", "rows", "what it holds"),
            lines=counts,
            widths=(38, 10, 110),
        )
        front.write_string(len(counts) + 2, 0, f"as of {about.as_of_at:%Y-%m-%d %H:%M} UTC")
        front.write_string(len(counts) + 3, 0, f"period: {about.period or 'all'}")
    return sum(rows for _, rows, _ in counts)


def number_format(name: str, type_name: str) -> str:
    """How Excel shows a column of a name and a DuckDB type."""
    for pattern, shape in BY_NAME:
        if re.fullmatch(pattern, name):
            return shape
    return next(
        (shape for pattern, shape in BY_TYPE if re.fullmatch(pattern, type_name)), "General"
    )


def _count(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> int:
    found = con.execute(f"select count(*) from ({sheet.query})").fetchone()
    return int(found[0]) if found else 0


def _write_sheet(
    book: Any, bold: Any, *, con: duckdb.DuckDBPyConnection, sheet: Sheet
) -> list[str]:
    """Write the rows of a query; returns the names of its columns."""
    described = con.execute(f"describe {sheet.query}").fetchall()
    rows = con.execute(sheet.query).fetchall()
    page = leaf(book, sheet.name)
    for column, (name, type_name, *_) in enumerate(described):
        shape = book.add_format({"num_format": number_format(name, type_name)})
        page.set_column(column, column, max(12, min(len(name) + 2, 26)), shape)
        page.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, line, column=column, value=value)
    page.autofilter(0, 0, max(len(rows), 1), len(described) - 1)
    return [name for name, *_ in described]


def _write_lines(
    leaf: Any,
    bold: Any,
    *,
    header: Sequence[str],
    lines: Sequence[Sequence[Any]],
    widths: Sequence[int],
) -> None:
    for column, width in enumerate(widths):
        leaf.set_column(column, column, width)
    leaf.write_row(0, 0, header, bold)
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line):
            _write_cell(leaf, number, column=column, value=value)


def _write_cell(leaf: Any, line: int, *, column: int, value: Any) -> None:
    """One cell by its type; a number that Excel does not know is text."""
    match value:
        case None:
            return
        case bool():
            leaf.write_boolean(line, column, value)
        case int() | Decimal():
            leaf.write_number(line, column, value)
        case float() if math.isfinite(value):
            leaf.write_number(line, column, value)
        case datetime() | date():
            leaf.write_datetime(line, column, value)
        case _:
            leaf.write_string(line, column, str(value))
