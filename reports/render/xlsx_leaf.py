"""How the sheets of a workbook look: heads that stay in sight, pages that fit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

LONGEST_NAME = 31


def leaf(book: Any, name: str) -> Any:
    """A sheet whose head stays in sight, and on paper heads each page."""
    made = book.add_worksheet(name[:LONGEST_NAME])
    made.freeze_panes(1, 1)
    made.repeat_rows(0)
    made.set_landscape()
    made.set_paper(9)  # A4
    made.fit_to_pages(1, 0)
    return made


def of_months(book: Any, name: str, *, titles: tuple[str, ...], bold: Any) -> Any:
    """A sheet with a row a month: the month, then amounts of money, and whether it is complete."""
    made = leaf(book, name)
    made.set_column(0, 0, 12, book.add_format({"num_format": "yyyy-mm"}))
    made.set_column(1, len(titles) - 1, 14, book.add_format({"num_format": "#,##0.00"}))
    made.write_row(0, 0, titles, bold)
    return made


def write_month(leaf: Any, line: int, *, month: date | str) -> None:
    """The month of a row; one before Christ, which is no date to Excel, as text."""
    if isinstance(month, str):
        leaf.write_string(line, 0, month)
    else:
        leaf.write_datetime(line, 0, month)


def complete_months(is_complete: Sequence[bool]) -> int:
    """How many months a chart draws: up to the last complete one, since a month of some hours
    looks like a bad one."""
    return max((line for line, is_over in enumerate(is_complete, start=1) if is_over), default=0)


def series(name: str, column: int, *, count: int) -> dict[str, Any]:
    """A column of such a sheet as a chart takes it: `count` months below the head."""
    return {
        "name": [name, 0, column],
        "categories": [name, 1, 0, count, 0],
        "values": [name, 1, column, count, column],
    }
