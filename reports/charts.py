"""Charts as SVG text: pure functions of labels and numbers, coloured by the page's style sheet.

Every chart has a title and a description for readers of the screen, axis labels with units, and a
tooltip on every mark. None draws a wrong picture of few data: without a value it says so, a single
value is a single mark, and the axis always contains zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from reports.marks import (
    BOTTOM,
    HEIGHT,
    TOP,
    WIDE,
    WIDTH,
    Cell,
    Format,
    Plot,
    Series,
    Value,
    band_labels,
    compact,
    drawing,
    empty_drawing,
    exact,
    grid,
    has_values,
    heat_cell,
    polyline,
    stack_range,
    stacks,
    text,
    ticks,
    tip,
)


def columns(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
    number: Format = compact,
) -> str:
    """Stacked columns; negative values hang below zero. Incomplete columns are faded."""
    if not has_values(labels, series):
        return empty_drawing(title, description)
    low, high = stack_range(series, len(labels))
    marks = ticks(low, high)
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels))
    body = [
        grid(plot, marks, unit, number),
        stacks(plot, labels, series, incomplete, number),
        band_labels(plot, labels),
    ]
    return drawing(title, description, body)


def bridge(
    labels: Sequence[str],
    flows: Sequence[Series],
    closing: Series,
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
) -> str:
    """The closing balance as a line above, what moved it as stacked columns below.

    Two panels over the same months: on one axis a large balance would flatten its movements.
    """
    if not has_values(labels, [*flows, closing]):
        return empty_drawing(title, description)
    height = (HEIGHT + 90 - TOP - BOTTOM - 40) / 2
    above = ticks(0, max((v for v in closing.values if v is not None), default=0.0), most=4)
    below = ticks(*stack_range(flows, len(labels)), most=4)
    upper = Plot(TOP, height, above[0], above[-1], len(labels), WIDE)
    lower = Plot(TOP + height + 40, height, below[0], below[-1], len(labels), WIDE)
    body = [
        grid(upper, above, f"{closing.name}, {unit}", compact),
        polyline(upper, labels, closing, incomplete, compact),
        grid(lower, below, f"movements, {unit}", compact),
        stacks(lower, labels, flows, incomplete, compact),
        band_labels(lower, labels),
    ]
    return drawing(title, description, body, height=HEIGHT + 90, width=WIDE)


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
    number: Format = compact,
) -> str:
    """Lines with a mark at every value, hollow where incomplete; a gap where there is none."""
    if not has_values(labels, series):
        return empty_drawing(title, description)
    present = [v for one in series for v in one.values if v is not None]
    marks = ticks(min(present), max(present))
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels))
    drawn = [polyline(plot, labels, one, incomplete, number) for one in series]
    body = [grid(plot, marks, unit, number), *drawn, band_labels(plot, labels)]
    return drawing(title, description, body)


def areas(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
) -> str:
    """Stacked areas for many points in time; a single point becomes a column."""
    if len(labels) < 2 or not has_values(labels, series):
        return columns(labels, series, title=title, description=description, unit=unit)
    _, high = stack_range(series, len(labels))
    marks = ticks(0, high)
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels))
    floor = [0.0] * len(labels)
    body = [grid(plot, marks, unit, compact)]
    for one in series:
        upper = [low + (value or 0.0) for low, value in zip(floor, one.values, strict=True)]
        there = [f"{plot.x(i):.1f},{plot.y(v):.1f}" for i, v in enumerate(upper)]
        back = [f"{plot.x(i):.1f},{plot.y(v):.1f}" for i, v in enumerate(floor)][::-1]
        last = f"{one.name}: {exact(one.values[-1] or 0.0, compact)} on {labels[-1]}"
        body.append(
            f'<polygon class="area {one.style}" points="{" ".join(there + back)}">'
            f"{tip(last)}</polygon>"
        )
        floor = upper
    body.append(band_labels(plot, labels))
    return drawing(title, description, body)


def heat_map(
    rows: Sequence[str],
    periods: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
    *,
    title: str,
    description: str,
    axis: str,
) -> str:
    """One row per cohort, one column per period; the share in figures on a shade of one colour."""
    if not rows or not periods or not cells:
        return empty_drawing(title, description)
    left, top, line = 84, 44, 24
    width = min((WIDTH - left - 4) / len(periods), 64.0)
    body = [f'<text class="axis" x="{left}" y="16">{escape(axis)}</text>']
    for c, name in enumerate(periods):
        body.append(text(left + (c + 0.5) * width, top - 8, name, "tick middle"))
    for r, name in enumerate(rows):
        y = top + r * line
        body.append(text(left - 8, y + 16, name, "tick end"))
        for c in range(len(periods)):
            if (r, c) in cells:
                body.append(heat_cell(cells[r, c], left + c * width, y, width))
    return drawing(title, description, body, height=top + len(rows) * line + 6)


def sparkline(values: Sequence[Value], *, title: str) -> str:
    """A small line without axes, for the side of a figure; nothing for fewer than two values."""
    present = [v for v in values if v is not None]
    if len(present) < 2:
        return ""
    low, high = min(present), max(present)
    spread = (high - low) or 1.0
    points = " ".join(
        f"{2 + 116 * i / (len(present) - 1):.1f},{28 - 24 * (v - low) / spread:.1f}"
        for i, v in enumerate(present)
    )
    return (
        '<svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(title)}">'
        f'<polyline points="{points}"/></svg>'
    )


def legend(series: Sequence[Series]) -> str:
    """The names of the colours, as HTML."""
    items = "".join(f'<li><i class="key {one.style}"></i>{escape(one.name)}</li>' for one in series)
    return f'<ul class="legend">{items}</ul>'
