"""A workbook with one sheet for each query; text is never a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

MOST_ROWS = 1_048_575  # of a sheet, below its header
LONGEST_NAME = 31
FORMATS = (
    (r"month|\w+_month", "yyyy-mm"),
    (r"date|\w+_date", "yyyy-mm-dd"),
    (r"\w+_at", "yyyy-mm-dd hh:mm:ss"),
    (r"\w*_usd", "#,##0.00"),
    (r"\w+_rate|\w+_retention|\w+_rate_(low|high)", "0.0%"),
    (r"quick_ratio|k_factor|\w+_ratio", "0.00"),
)
COUNT = "#,##0"


@dataclass(frozen=True)
class Sheet:
    """A sheet's name and the query of its rows."""

    name: str
    query: str


def write_workbook(
    con: duckdb.DuckDBPyConnection,
    sheets: Sequence[Sheet],
    path: Path,
    *,
    as_of_at: datetime,
    period: str | None,
) -> int:
    """Write a workbook with a leaf that says what it holds. Returns the rows of all sheets."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    total = 0
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "Monthly marts", "created": as_of_at})  # same bytes again
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        front = book.add_worksheet("about")
        counts = []
        for sheet in sheets:
            rows = _write_sheet(book, bold, con, sheet)
            counts.append((sheet.name, rows))
            total += rows
        front.set_column(0, 0, 38)
        front.write_row(0, 0, ("sheet", "rows"), bold)
        for line, (name, rows) in enumerate(counts, start=1):
            front.write_string(line, 0, name)
            front.write_number(line, 1, rows)
        front.write_string(len(counts) + 2, 0, f"as of {as_of_at:%Y-%m-%d %H:%M} UTC")
        front.write_string(len(counts) + 3, 0, f"period: {period or 'all'}")
    return total


def _write_sheet(book: Any, bold: Any, con: duckdb.DuckDBPyConnection, sheet: Sheet) -> int:
    cursor = con.execute(sheet.query)
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchmany(MOST_ROWS)
    leaf = book.add_worksheet(sheet.name[:LONGEST_NAME])
    leaf.freeze_panes(1, 1)
    for column, name in enumerate(names):
        leaf.set_column(column, column, max(12, min(len(name) + 2, 26)), _format(book, name))
        leaf.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write_cell(leaf, line, column, value)
    if names:
        leaf.autofilter(0, 0, max(len(rows), 1), len(names) - 1)
    return len(rows)


def _write_cell(leaf: Any, line: int, column: int, value: Any) -> None:
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


def _format(book: Any, name: str) -> Any:
    shape = next((shape for pattern, shape in FORMATS if re.fullmatch(pattern, name)), COUNT)
    return book.add_format({"num_format": shape})
