"""A page of the site on paper, by Typst. The same figures give the same bytes."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from models.counting import counted
from reports.figures import Figure
from reports.printable import printable
from reports.render.html import TEMPLATES, shown

TEMPLATE = "report.typ"
# Rows of a table on paper; the pages and the CSV files have them all, and the PDF says so.
MOST_ROWS = 40
# What the page's style sheet says of charts, where it names no color of a series.
CHART_STYLE = """
text { fill: #1b2330; font-size: 12px; font-family: 'Libertinus Serif' }
text.tick, text.axis, text.nothing { fill: #5a6574 } text.nothing { font-size: 16px }
.middle { text-anchor: middle } .end { text-anchor: end }
.grid { stroke: #dfe3e9 } .zero { stroke: #5a6574 }
.line { stroke-width: 2.2 } .dot.hollow { fill: #ffffff; stroke-width: 1.6 }
.pale { fill-opacity: 0.35 } .hatch { fill: none; stroke: #1b2330; stroke-width: 0.8 }
.flag line { stroke: #5a6574; stroke-dasharray: 2 3 } .flag text { fill: #5a6574; font-size: 11px }
.span { fill: #2b6cb0; fill-opacity: 0.18 } .ends { fill: none }
.link { fill: none; stroke: #5a6574 }
.line.dashed { stroke-dasharray: 5 4 } .cell rect { fill: #5b9bd8 }
.cell.growing rect { stroke: #c8741a; stroke-width: 1.4; stroke-dasharray: 3 2 }
.cell.few rect { fill: #7b8491; fill-opacity: 0.12 } .cell.few text { fill: #5a6574 }
"""
TYPED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class PaperHeadline:
    """One figure of the head: label, value, what it means, how it differs from earlier ones."""

    label: str
    value: str
    note: str
    changes: tuple[str, ...] = ()


def write_pdf(
    path: Path,
    *,
    title: str,
    question: str,
    state: str,
    as_of_at: datetime,
    figures: Sequence[Figure],
    headlines: Sequence[PaperHeadline] = (),
) -> None:
    """Write the report as PDF, dated by the snapshot; only the fonts that Typst brings are used."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        style = svg_style((TEMPLATES / "site.css").read_text("utf-8"))
        described = [
            _described(figure, place, folder=folder, style=style)
            for place, figure in enumerate(figures)
        ]
        report = {
            "title": title,
            "question": question,
            "state": state,
            "date": [as_of_at.year, as_of_at.month, as_of_at.day],
            "as_of": f"as of {shown(as_of_at)}",
            "headlines": [vars(headline) for headline in headlines],
            "figures": described,
        }
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
        (folder / TEMPLATE).write_bytes((TEMPLATES / TEMPLATE).read_bytes())
        typst.compile(
            folder / TEMPLATE, output=path, root=folder, ignore_system_fonts=True,
            timestamp=int((as_of_at - datetime(1970, 1, 1)).total_seconds()),
        )  # fmt: skip


def svg_style(css: str) -> str:
    """The colors of series, as the style sheet's light scheme has them, without its variables."""
    colors = dict(re.findall(r"--(\w+): (#\w{6})", css.split("@media")[0]))
    rules = [CHART_STYLE]
    for selectors, color in re.findall(r"([^{}]+)\{ --c: var\(--(\w+)\); \}", css):
        for selector in (each.strip() for each in selectors.split(",")):
            value = colors[color]
            rules.append(f"rect{selector}, polygon{selector}, path{selector} {{ fill: {value} }}")
            rules.append(f"line{selector} {{ stroke: {value} }}")
            rules.append(f"circle{selector} {{ stroke: {value}; fill: {value} }}")
    rules.append(".dot.hollow { fill: #ffffff }")
    rules.append(".dot.few { fill: #7b8491; fill-opacity: 0.35; stroke: #7b8491 }")
    return "\n".join(rules)


def legend(figure: Figure, style: str) -> list[dict[str, str]]:
    """The names of a figure's colors, with the colors."""
    fills = dict(re.findall(r"rect\.([\w-]+), polygon[^{]+\{ fill: (#\w{6}) \}", style))
    return [{"name": printable(one.name), "color": fills[one.style]} for one in figure.legend]


def _described(figure: Figure, place: int, *, folder: Path, style: str) -> dict[str, Any]:
    svg = None
    if figure.svg and not figure.query.lacks:
        svg = f"{place}.svg"
        drawn = figure.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
            "<title>", f"<style>{style}</style><title>", 1
        )
        (folder / svg).write_text(drawn, encoding="utf-8")
    given = figure.table.rows
    rows = [] if figure.svg else [[shown(cell) for cell in row] for row in given[:MOST_ROWS]]
    source = figure.words.mart
    if not figure.svg and len(given) > MOST_ROWS:
        source += f"; {counted(len(given) - MOST_ROWS, 'row')} more on the page and in the CSV"
    return {
        "title": figure.words.title,
        "text": TYPED.sub(r"“\1”", figure.text),
        "empty": "" if figure.query.lacks or svg or not figure.is_empty else figure.words.empty,
        "legend": legend(figure, style),
        "svg": svg,
        "notes": [*map(printable, figure.notes)],
        "is_wide": figure.is_wide,
        "header": list(figure.table.header),
        "rows": rows,
        "numeric": figure.table.numeric if rows else [],
        "source": source,
    }
