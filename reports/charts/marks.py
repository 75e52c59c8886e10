"""The parts of a chart as SVG text: axes, columns, lines, cells, flags, words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from reports.charts.scales import (
    HATCH,
    HEIGHT,
    LEFT,
    LETTER,
    OPEN,
    RIGHT,
    WIDTH,
    Format,
    Plot,
    Series,
    exact,
    is_of_few,
)
from reports.printable import drawable


def stacks(
    plot: Plot,
    labels: Sequence[str],
    *,
    series: Sequence[Series],
    incomplete: Sequence[bool],
    number: Format,
) -> str:
    """Stacked columns and the line at zero."""
    width = min(plot.band * 0.72, 46.0)
    marks = []
    for i, label in enumerate(labels):
        above = below = 0.0
        is_open = i < len(incomplete) and incomplete[i]
        pale, note = (" pale", OPEN) if is_open else ("", "")
        for one in series:
            value = one.values[i] or 0.0
            if not value:
                continue
            start = above if value > 0 else below
            top, bottom = plot.y(max(start, start + value)), plot.y(min(start, start + value))
            left, height = plot.x(i) - width / 2, max(bottom - top, 0.5)
            marks.append(
                f'<rect class="{one.style}{pale}" x="{left:.1f}" y="{top:.1f}" '
                f'width="{width:.1f}" height="{height:.1f}">'
                f"{tip(f'{label} · {one.name}: {exact(value, number)}{note}')}</rect>"
            )
            if is_open:
                marks.append(hatching(left, top, width=width, height=height))
            above, below = (above + value, below) if value > 0 else (above, below + value)
    return "".join(marks) + rule(plot, 0, style="zero")


def hatching(left: float, top: float, *, width: float, height: float) -> str:
    """Slanted strokes over a rectangle, cut at its edges: what is drawn there is not complete."""
    strokes = []
    for k in range(1, math.ceil((width + height) / HATCH)):
        reach = k * HATCH  # strokes rise to the right; x + y is the same all along one
        x1, x2 = max(0.0, reach - height), min(width, reach)
        strokes.append(
            f"M{left + x1:.1f} {top + reach - x1:.1f}L{left + x2:.1f} {top + reach - x2:.1f}"
        )
    return f'<path class="hatch" d="{"".join(strokes)}"/>' if strokes else ""


def polyline(
    plot: Plot, labels: Sequence[str], *, series: Series, incomplete: Sequence[bool], number: Format
) -> str:
    """A line through neighbouring values, with a mark at each."""
    points = [(i, v) for i, v in enumerate(series.values) if v is not None]
    is_open = [i < len(incomplete) and incomplete[i] for i in range(len(labels))]
    parts = [
        f'<line class="line {series.style}{" dashed" if is_open[j] else ""}" '
        f'x1="{plot.x(i):.1f}" y1="{plot.y(v):.1f}" x2="{plot.x(j):.1f}" y2="{plot.y(w):.1f}"/>'
        for (i, v), (j, w) in pairwise(points)
        if j == i + 1
    ]
    for i, v in points:
        people = series.people_at(i)
        hollow = (" hollow" if is_open[i] else "") + (" few" if is_of_few(people) else "")
        of_people = "" if people is None else f", of {people:,} people"
        words = (
            f"{labels[i]} · {series.name}: {exact(v, number)}{of_people}"
            f"{OPEN if is_open[i] else ''}"
        )
        parts.append(
            f'<circle class="dot {series.style}{hollow}" cx="{plot.x(i):.1f}" '
            f'cy="{plot.y(v):.1f}" r="3.2">{tip(words)}</circle>'
        )
    return "".join(parts)


def span(plot: Plot, labels: Sequence[str], *, ends: tuple[Series, Series], number: Format) -> str:
    """The area between two series, a step of time as a column that says its ends, where both
    have a value."""
    lower, upper = ends
    known = [
        (i, low, high)
        for i, (low, high) in enumerate(zip(lower.values, upper.values, strict=True))
        if low is not None and high is not None
    ]
    there = [f"{plot.x(i):.1f},{plot.y(high):.1f}" for i, _, high in known]
    back = [f"{plot.x(i):.1f},{plot.y(low):.1f}" for i, low, _ in reversed(known)]
    columns = (
        f'<rect class="ends" x="{plot.x(i) - plot.band / 2:.1f}" y="{plot.y(high):.1f}" '
        f'width="{plot.band:.1f}" height="{plot.y(low) - plot.y(high):.1f}">'
        f"{tip(f'{labels[i]} · {exact(low, number)} to {exact(high, number)}')}</rect>"
        for i, low, high in known
    )
    return f'<polygon class="span" points="{" ".join(there + back)}"/>' + "".join(columns)


def grid(plot: Plot, marks: Sequence[float]) -> str:
    """Horizontal lines at round values."""
    return "".join(rule(plot, mark, style="grid") for mark in marks)


def axis(plot: Plot, marks: Sequence[float], *, unit: str, number: Format) -> str:
    """The values of the lines, and the unit above."""
    parts = [text(2, plot.top - 10, words=unit, style="axis")]
    parts += [
        text(LEFT - 8, plot.y(mark) + 4, words=number(mark), style="tick end") for mark in marks
    ]
    return staying(parts)


def staying(parts: Sequence[str]) -> str:
    """What stays in sight at the left where a small screen scrolls a chart; drawn last, above all
    else."""
    return f'<g class="stays">{"".join(parts)}</g>'


def rule(plot: Plot, value: float, *, style: str) -> str:
    """A line across the plot at a value."""
    y, right = plot.y(value), plot.width - RIGHT
    return f'<line class="{style}" x1="{LEFT}" x2="{right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def band_labels(plot: Plot, labels: Sequence[str]) -> str:
    """As many labels as fit, counted back from the last, which always has one."""
    longest = max(map(len, labels)) * LETTER
    step = math.ceil((longest + 8) / plot.band)
    y = plot.top + plot.height + 20
    last = len(labels) - 1
    is_clipped = plot.x(last) + longest / 2 > plot.width
    parts = []
    for i in range(last % step, last, step):
        if not is_clipped or plot.x(i) + longest / 2 < plot.width - longest - 14:
            parts.append(text(plot.x(i), y, words=labels[i], style="tick middle"))
    x, style = (plot.width - 1, "tick end") if is_clipped else (plot.x(last), "tick middle")
    return "".join([*parts, text(x, y, words=labels[last], style=style)])


def flagged(plot: Plot, flags: Mapping[int, str]) -> str:
    """A dashed line at each step of time in which something happened, with its number beside it."""
    bottom = plot.top + plot.height
    parts = []
    for number, (place, words) in enumerate(flags.items(), 1):
        x = plot.x(place) - plot.band / 2
        parts.append(
            f'<g class="flag">{tip(words)}<line x1="{x:.1f}" x2="{x:.1f}" y1="{plot.top:.1f}" '
            f'y2="{bottom:.1f}"/>{text(x + 3, plot.top + 9, words=str(number), style="number")}</g>'
        )
    return "".join(parts)


def text(x: float, y: float, *, words: str, style: str) -> str:
    """Words at a place."""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{drawable(words)}</text>'


def shortened(words: str, room: float) -> str:
    """Words that fit into a width; what is cut off is marked."""
    most = max(int(room / LETTER), 4)
    return words if len(words) <= most else f"{words[: most - 1]}…"


def tip(words: str) -> str:
    """What a mark says under the pointer."""
    return f"<title>{drawable(words)}</title>"


def column_of_words(plot: Plot, *, left: float, right: float, words: str) -> str:
    """An invisible column of the plot that says something under the pointer."""
    return (
        f'<rect class="ends" x="{left:.1f}" y="{plot.top}" width="{right - left:.1f}" '
        f'height="{plot.height}">{tip(words)}</rect>'
    )


def empty_drawing(title: str, description: str) -> str:
    """A drawing that says that there is nothing to show."""
    body = [text(WIDTH / 2, 64, words="No data yet", style="nothing middle")]
    return drawing(title, description, body=body, height=120)


def drawing(
    title: str,
    description: str,
    *,
    body: Sequence[str],
    height: float = HEIGHT,
    width: float = WIDTH,
    is_timed: bool = False,
) -> str:
    """The whole drawing, named for readers of the screen. Where it is timed, its newest end is
    shown first on a small screen."""
    label = drawable(f"{title}. {description}")
    return (
        f'<svg class="chart{" timed" if is_timed else ""}{" broad" if width > WIDTH else ""}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">'
        f"<title>{drawable(title)}</title><desc>{drawable(description)}</desc>{''.join(body)}</svg>"
    )
