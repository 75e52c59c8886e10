"""An answer as a table, Markdown, CSV or JSON: every value in its right form, none of Python's."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipelines.base.plain import plain
from pipelines.query.ask import Answer
from reports.render.csv import FORMULAS

WIDEST = 1_000_000  # characters in a line of a printed table


def as_json(answer: Answer) -> str:
    """A list of objects; of columns with one name the last counts."""
    objects = (
        ",\n".join(f"    {json.dumps(n)}: {v}" for n, v in _members(answer, row).items())
        for row in answer.rows
    )
    body = ",\n".join(f"  {{\n{members}\n  }}" for members in objects)
    return f"[\n{body}\n]" if body else "[]"


def as_csv(answer: Answer, *, defused: bool = True) -> str:
    """RFC 4180 with a header; text that a spreadsheet would run gets an apostrophe, and what would
    steer a terminal is shown. Not defused, it is as it is."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(defuse(name) if defused else name for name in answer.names)
    for row in answer.rows:
        cells = [text(value) for value in row]
        if defused:
            cells = [
                cell if answer.is_number(at) else defuse(cell) for at, cell in enumerate(cells)
            ]
        writer.writerow(cells)
    return target.getvalue().removesuffix("\r\n")


def as_markdown(answer: Answer) -> str:
    """A table of GitHub's Markdown, numbers to the right."""
    bars = [" ---: " if answer.is_number(at) else " --- " for at in range(len(answer.names))]
    lines = [_cells(map(_cell, answer.names)), f"|{'|'.join(bars)}|"]
    lines += [_cells(_cell(text(value)) for value in row) for row in answer.rows]
    return "\n".join(lines)


def as_table(answer: Answer, *, color: bool = False) -> str:
    """A table for a terminal, as wide as its values: cut to fit, a mart of 21 columns would show
    dots for figures."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for at, name in enumerate(answer.names):
        table.add_column(escape(_line(name)), justify="right" if answer.is_number(at) else "left")
    for row in answer.rows:
        table.add_row(*[escape(_line(text(value))) for value in row])
    target = io.StringIO()
    Console(file=target, width=WIDEST, force_terminal=color).print(table, crop=False)
    return target.getvalue().rstrip("\n")


def text(value: Any) -> str:
    """A value as a cell: empty for null, JSON for what is nested."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float) and not math.isfinite(value):
        return _not_finite(value)
    return to_json(value)


def to_json(value: Any) -> str:
    """A value in JSON: decimals and integers with all their digits, NaN and infinity as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(_not_finite(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(str(k))}: {to_json(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_json, value))}]"
    return json.dumps(value, ensure_ascii=True)


def defuse(cell: str) -> str:
    """Text that no spreadsheet takes for a formula, in any of its lines, and no terminal obeys."""
    cell = "\r\n".join(map(plain, cell.split("\r\n")))
    for formula in FORMULAS:
        cell = re.sub(formula, r"\1'\2", cell)
    return cell


def _members(answer: Answer, row: tuple[Any, ...]) -> dict[str, str]:
    return {
        name: _document(value) if kind == "JSON" else to_json(value)
        for name, kind, value in zip(answer.names, answer.types, row, strict=True)
    }


def _document(value: Any) -> str:
    """A value of type JSON as it is, where it is valid."""
    try:
        json.loads(value, parse_constant=_refuse)
        return str(value)
    except (TypeError, ValueError):
        return to_json(value)


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _cells(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: str) -> str:
    return _line(cell).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _line(cell: str) -> str:
    """One line: breaks and tabs are shown, and what would steer a terminal."""
    return plain(cell).replace("\n", "\\n").replace("\t", "\\t")
