"""The sheet of the MRR bridge: balances are live formulas, held against what the mart says."""

from __future__ import annotations

from typing import Any

import duckdb
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from reports.flows import FLOWS
from reports.render.xlsx_leaf import complete_months, of_months, series, write_month

NAME = "MRR bridge"
TITLES = (
    "month", "opening MRR", *FLOWS, "closing MRR", "closing by the mart", "difference", "complete",
)  # fmt: skip
OPENING, FIRST = 1, 2
LAST = FIRST + len(FLOWS) - 1
CLOSING, MART, DIFFERENCE, COMPLETE = range(LAST + 1, LAST + 5)


def write_bridge(book: Any, bold: Any, *, con: duckdb.DuckDBPyConnection, query: str) -> None:
    """A row a month, oldest first: only the first opening and the flows are numbers. Below them the
    sum of each flow and a chart of the months that are complete."""
    columns = ", ".join(
        ("movement_month", "opening_mrr_usd", *(f"{flow}_usd" for flow in FLOWS),
         "closing_mrr_usd", "is_complete")
    )  # fmt: skip
    rows = con.execute(f"select {columns} from ({query}) order by movement_month").fetchall()
    leaf = of_months(book, NAME, titles=TITLES, bold=bold)
    balance = rows[0][OPENING] or 0 if rows else 0
    for line, (month, _, *flows, closing, is_complete) in enumerate(rows, start=1):
        write_month(leaf, line, month=month)
        if line == 1:
            leaf.write_number(line, OPENING, balance)
        else:
            before = xl_rowcol_to_cell(line - 1, CLOSING)
            leaf.write_formula(line, OPENING, f"={before}", None, float(balance))
        for place, flow in enumerate(flows):
            leaf.write_number(line, FIRST + place, flow or 0)
        balance += sum(flow or 0 for flow in flows)
        cells = f"{xl_rowcol_to_cell(line, OPENING)}:{xl_rowcol_to_cell(line, LAST)}"
        leaf.write_formula(line, CLOSING, f"=SUM({cells})", None, float(balance))
        leaf.write_number(line, MART, closing or 0)
        ours, theirs = xl_rowcol_to_cell(line, CLOSING), xl_rowcol_to_cell(line, MART)
        leaf.write_formula(
            line, DIFFERENCE, f"=ROUND({ours}-{theirs},4)", None,
            float(balance - (closing or 0)),
        )  # fmt: skip
        leaf.write_boolean(line, COMPLETE, is_complete)
    if rows:
        _write_sums(leaf, bold, rows=rows)
    if drawn := complete_months([row[-1] for row in rows]):
        _add_chart(book, leaf, count=len(rows), drawn=drawn)


def _write_sums(leaf: Any, bold: Any, *, rows: list[Any]) -> None:
    line = len(rows) + 1
    leaf.write_string(line, 0, "sum", bold)
    for place in range(len(FLOWS)):
        name = xl_col_to_name(FIRST + place)
        total = float(sum(row[2 + place] or 0 for row in rows))
        leaf.write_formula(line, FIRST + place, f"=SUM({name}2:{name}{line})", None, total)


def _add_chart(book: Any, leaf: Any, *, count: int, drawn: int) -> None:
    """Flows as stacked columns, the closing balance as a line on its own axis, of the first months
    of `count`."""
    flows = book.add_chart({"type": "column", "subtype": "stacked"})
    for place in range(len(FLOWS)):
        flows.add_series(series(NAME, FIRST + place, count=drawn))
    balance = book.add_chart({"type": "line"})
    balance.add_series({**series(NAME, CLOSING, count=drawn), "y2_axis": True})
    flows.combine(balance)
    flows.set_title({"name": "What moved monthly recurring revenue, in months that are complete"})
    flows.set_y_axis({"name": "movements, USD"})
    balance.set_y2_axis({"name": "closing MRR, USD"})
    flows.set_size({"width": 960, "height": 400})
    leaf.insert_chart(count + 3, 0, flows)
