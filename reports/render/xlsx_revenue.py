"""The sheet of net revenue: a row a month, a column for each kind of product, and a chart."""

from __future__ import annotations

from typing import Any

import duckdb
from xlsxwriter.utility import xl_rowcol_to_cell

from models.words import in_words
from reports.render.xlsx_leaf import complete_months, of_months, series, write_month

NAME = "Revenue"


def write_revenue(book: Any, bold: Any, *, con: duckdb.DuckDBPyConnection, query: str) -> None:
    """The net revenue of each kind as numbers, oldest month first, their sum as a live formula,
    the proceeds that are left of it, and a chart of the months that are complete."""
    rows = con.execute(
        "select revenue_month, product_kind, net_usd, proceeds_usd, is_complete "
        f"from ({query}) order by revenue_month, product_kind"
    ).fetchall()
    months = list(dict.fromkeys(month for month, *_ in rows))
    kinds = sorted({kind for _, kind, *_ in rows})
    is_complete = {month: is_over for month, *_, is_over in rows}
    titles = ("month", *map(in_words, kinds), "net revenue", "proceeds", "complete")
    leaf = of_months(book, NAME, titles=titles, bold=bold)
    last, total, proceeds, complete = (len(kinds) + further for further in range(4))
    lines = {month: line for line, month in enumerate(months, start=1)}
    places = {kind: place for place, kind in enumerate(kinds, start=1)}
    net: dict[Any, Any] = dict.fromkeys(months, 0)
    left: dict[Any, Any] = dict.fromkeys(months, 0)
    for month, kind, net_usd, proceeds_usd, _ in rows:
        leaf.write_number(lines[month], places[kind], net_usd or 0)
        net[month] += net_usd or 0
        left[month] += proceeds_usd or 0
    for month, line in lines.items():
        cells = f"{xl_rowcol_to_cell(line, 1)}:{xl_rowcol_to_cell(line, last)}"
        write_month(leaf, line, month=month)
        leaf.write_formula(line, total, f"=SUM({cells})", None, float(net[month]))
        leaf.write_number(line, proceeds, left[month])
        leaf.write_boolean(line, complete, is_complete[month])
    if drawn := complete_months([is_complete[month] for month in months]):
        _add_chart(book, leaf, kinds=len(kinds), count=len(months), drawn=drawn)


def _add_chart(book: Any, leaf: Any, *, kinds: int, count: int, drawn: int) -> None:
    """Net revenue by kind as stacked columns, proceeds as a line over them, of the first months
    of `count`."""
    net = book.add_chart({"type": "column", "subtype": "stacked"})
    for column in range(1, kinds + 1):
        net.add_series(series(NAME, column, count=drawn))
    left = book.add_chart({"type": "line"})
    left.add_series(series(NAME, kinds + 2, count=drawn))
    net.combine(left)
    net.set_title(
        {"name": "Net revenue by kind of product, and proceeds, of months that are complete"}
    )
    net.set_y_axis({"name": "USD"})
    net.set_size({"width": 960, "height": 400})
    leaf.insert_chart(count + 3, 0, net)
