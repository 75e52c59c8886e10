"""What charts are drawn of: scales, axes, columns, lines, cells, as SVG text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH, WIDE, HEIGHT = 680, 1240, 320
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 26, 34
HATCH = 6.0  # from one stroke to the next
OPEN = " (not complete)"
LETTER = 7.0  # width of a letter of a label, generously

Value = float | None
Format = Callable[[float], str]


@dataclass(frozen=True)
class Series:
    """One colour of a chart; `style` is its class in the style sheet, `column` that of the mart
    where it shows one. None is no value."""

    name: str
    style: str
    values: Sequence[Value]
    column: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map: a share in [0, 1], its tooltip, and whether it is still growing."""

    rate: float
    note: str
    is_complete: bool
    is_of_few: bool = False  # of too few people to mean much


@dataclass(frozen=True)
class Plot:
    """A rectangle with `count` equal bands across and the values from low to high upwards."""

    top: float
    height: float
    low: float
    high: float
    count: int
    width: float = WIDTH

    @property
    def band(self) -> float:
        """Width of one band."""
        return (self.width - LEFT - RIGHT) / max(self.count, 1)

    def x(self, index: float) -> float:
        """Centre of a band."""
        return LEFT + (index + 0.5) * self.band

    def y(self, value: float) -> float:
        """Height of a value, downwards as SVG counts."""
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def compact(value: float) -> str:
    """A number for an axis: 1234567 is 1.2M, -950 is -950."""
    size = abs(value)
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):,.1f}".removesuffix(".0") + unit
    return f"{value:,.2f}".rstrip("0").rstrip(".") if size else "0"


def percent(value: float) -> str:
    """A share for an axis: 0.25 is 25%."""
    return f"{value * 100:.4g}%"


def exact(value: float, number: Format) -> str:
    """A number for a tooltip: a share with one decimal, else up to two decimals."""
    if number is percent:
        return f"{value * 100:.1f}%"
    return f"{value:,.2f}".removesuffix(".00")


def ticks(low: float, high: float, *, most: int = 5) -> list[float]:
    """Round values that enclose low, high and zero; two at least."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-6:  # nothing that is drawn is so small
        low, high = 0.0, 1.0
    raw = (high - low) / most
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def has_values(labels: Sequence[str], series: Sequence[Series]) -> bool:
    """Whether there is anything to draw."""
    return bool(labels) and any(v is not None for one in series for v in one.values)


def stack_range(series: Sequence[Series], count: int) -> tuple[float, float]:
    """The lowest and the highest end of the stacks."""
    stacks = [[one.values[i] or 0.0 for one in series] for i in range(count)]
    lows = (sum(v for v in stack if v < 0) for stack in stacks)
    highs = (sum(v for v in stack if v > 0) for stack in stacks)
    return min(lows, default=0.0), max(highs, default=0.0)


def stacks(
    plot: Plot,
    labels: Sequence[str],
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
                marks.append(hatching(left, top, width, height))
            above, below = (above + value, below) if value > 0 else (above, below + value)
    return "".join(marks) + rule(plot, 0, "zero")


def hatching(left: float, top: float, width: float, height: float) -> str:
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
    plot: Plot,
    labels: Sequence[str],
    series: Series,
    incomplete: Sequence[bool],
    number: Format,
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
        hollow = " hollow" if is_open[i] else ""
        words = f"{labels[i]} · {series.name}: {exact(v, number)}{OPEN if is_open[i] else ''}"
        parts.append(
            f'<circle class="dot {series.style}{hollow}" cx="{plot.x(i):.1f}" '
            f'cy="{plot.y(v):.1f}" r="3.2">{tip(words)}</circle>'
        )
    return "".join(parts)


def heat_cell(cell: Cell, x: float, y: float, width: float) -> str:
    """A shaded cell with its share in per cent."""
    rate = min(max(cell.rate, 0.0), 1.0)
    growing = ("" if cell.is_complete else " growing") + (" few" if cell.is_of_few else "")
    return (
        f'<g class="cell{growing}">{tip(cell.note)}<rect x="{x + 1:.1f}" y="{y:.1f}" '
        f'width="{width - 2:.1f}" height="22" rx="2" fill-opacity="{0.05 + 0.95 * rate:.3f}"/>'
        + text(x + width / 2, y + 15.5, f"{cell.rate * 100:.0f}", "middle")
        + "</g>"
    )


def grid(plot: Plot, marks: Sequence[float], unit: str, number: Format) -> str:
    """Horizontal lines with their values, and the unit above."""
    parts = [text(2, plot.top - 10, unit, "axis")]
    for mark in marks:
        parts.append(rule(plot, mark, "grid"))
        parts.append(text(LEFT - 8, plot.y(mark) + 4, number(mark), "tick end"))
    return "".join(parts)


def rule(plot: Plot, value: float, style: str) -> str:
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
        if not is_clipped or plot.x(i) + longest / 2 < plot.width - longest - 6:
            parts.append(text(plot.x(i), y, labels[i], "tick middle"))
    x, style = (plot.width - 1, "tick end") if is_clipped else (plot.x(last), "tick middle")
    return "".join([*parts, text(x, y, labels[last], style)])


def text(x: float, y: float, words: str, style: str) -> str:
    """Words at a place."""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def shortened(words: str, room: float) -> str:
    """Words that fit into a width; what is cut off is marked."""
    most = max(int(room / LETTER), 4)
    return words if len(words) <= most else f"{words[: most - 1]}…"


def tip(words: str) -> str:
    """What a mark says under the pointer."""
    return f"<title>{escape(words)}</title>"


def empty_drawing(title: str, description: str) -> str:
    """A drawing that says that there is nothing to show."""
    body = [text(WIDTH / 2, 64, "No data yet", "nothing middle")]
    return drawing(title, description, body, height=120)


def drawing(
    title: str,
    description: str,
    body: Sequence[str],
    *,
    height: float = HEIGHT,
    width: float = WIDTH,
    is_timed: bool = False,
) -> str:
    """The whole drawing, named for readers of the screen. Where it is timed, its newest end is
    shown first on a small screen."""
    label = escape(f"{title}. {description}", quote=True)
    return (
        f'<svg class="chart{" timed" if is_timed else ""}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )
