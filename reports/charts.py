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
    rule,
    shortened,
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
    """Stacked columns; negative values hang below zero. Incomplete columns are hatched."""
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
    return drawing(title, description, body, is_timed=True)


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
    return drawing(title, description, body, height=HEIGHT + 90, width=WIDE, is_timed=True)


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
    return drawing(title, description, body, is_timed=True)


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
    return drawing(title, description, body, is_timed=True)


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


def bars(
    names: Sequence[str],
    values: Sequence[Value],
    *,
    title: str,
    description: str,
    unit: str,
    number: Format = compact,
) -> str:
    """A horizontal bar for each name, in their order, with its value at its end."""
    shown = [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
    if not shown:
        return empty_drawing(title, description)
    left, line, right = 190.0, 26.0, 70.0
    most = max((abs(value) for _, value in shown), default=0.0) or 1.0
    body = [text(2, 14, unit, "axis")]
    for i, (name, value) in enumerate(shown):
        y = 22 + i * line
        width = max(abs(value) / most * (WIDTH - left - right), 1.0)
        body.append(text(left - 8, y + 15, shortened(name, left - 12), "tick end"))
        body.append(
            f'<rect class="{"churn" if value < 0 else "subscription"}" x="{left:.0f}" y="{y:.1f}" '
            f'width="{width:.1f}" height="18" rx="2">'
            f"{tip(f'{name}: {exact(value, number)}')}</rect>"
        )
        body.append(text(left + width + 6, y + 14, exact(value, number), "value"))
    return drawing(title, description, body, height=30 + len(shown) * line)


def waterfall(
    steps: Sequence[tuple[str, Value, bool]], *, title: str, description: str, unit: str
) -> str:
    """Columns that lead from one total to the next: (name, value, whether it is a total).

    A total stands on zero; any other step starts where the one before it ended.
    """
    if not any(value is not None for _, value, _ in steps):
        return empty_drawing(title, description)
    spans, level = [], 0.0
    for _, value, is_total in steps:
        end = (value or 0.0) if is_total else level + (value or 0.0)
        spans.append((0.0 if is_total else level, end))
        level = end
    marks = ticks(min(min(span) for span in spans), max(max(span) for span in spans))
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(steps))
    width = min(plot.band * 0.72, 70.0)
    body = [grid(plot, marks, unit, compact)]
    for i, ((name, value, is_total), (start, end)) in enumerate(zip(steps, spans, strict=True)):
        top, bottom = plot.y(max(start, end)), plot.y(min(start, end))
        style = "total" if is_total else "churn" if end < start else "expansion"
        body.append(
            f'<rect class="{style}" x="{plot.x(i) - width / 2:.1f}" y="{top:.1f}" '
            f'width="{width:.1f}" height="{max(bottom - top, 0.5):.1f}">'
            f"{tip(f'{name}: {exact(value or 0.0, compact)}')}</rect>"
        )
        body.append(text(plot.x(i), top - 5, exact(value or 0.0, compact), "middle"))
        body.append(text(plot.x(i), plot.top + plot.height + 20, name, "tick middle"))
    return drawing(title, description, [*body, rule(plot, 0, "zero")])


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
