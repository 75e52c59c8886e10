"""Charts of parts: shares by cohort, ranked bars, steps from one total to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.charts.marks import (
    axis,
    drawing,
    empty_drawing,
    grid,
    rule,
    shortened,
    staying,
    text,
    tip,
)
from reports.charts.scales import (
    BOTTOM,
    HEIGHT,
    LETTER,
    TOP,
    WIDTH,
    Cell,
    Format,
    Plot,
    Value,
    compact,
    exact,
    ticks,
)


def heat_map(
    rows: Sequence[str],
    periods: Sequence[str],
    *,
    cells: Mapping[tuple[int, int], Cell],
    title: str,
    description: str,
    unit: str,
) -> str:
    """One row per cohort, one column per period; the share in figures on a shade of one colour."""
    if not rows or not periods or not cells:
        return empty_drawing(title, description)
    left, top, line = 12 + LETTER * max(map(len, rows)), 44, 24
    width = min((WIDTH - left - 4) / len(periods), 64.0)
    body = [text(left, 16, words=unit, style="axis")]
    for c, name in enumerate(periods):
        body.append(text(left + (c + 0.5) * width, top - 8, words=name, style="tick middle"))
    names = []
    for r, name in enumerate(rows):
        y = top + r * line
        names.append(text(left - 8, y + 16, words=name, style="tick end"))
        for c in range(len(periods)):
            if (r, c) in cells:
                body.append(heat_cell(cells[r, c], x=left + c * width, y=y, width=width))
    return drawing(
        title, description, body=[*body, staying(names)], height=top + len(rows) * line + 6
    )


def heat_cell(cell: Cell, *, x: float, y: float, width: float) -> str:
    """A shaded cell with its share in per cent."""
    rate = min(max(cell.rate, 0.0), 1.0)
    growing = ("" if cell.is_complete else " growing") + (" few" if cell.is_of_few else "")
    return (
        f'<g class="cell{growing}">{tip(cell.note)}<rect x="{x + 1:.1f}" y="{y:.1f}" '
        f'width="{width - 2:.1f}" height="22" rx="2" fill-opacity="{0.05 + 0.95 * rate:.3f}"/>'
        + text(x + width / 2, y + 15.5, words=f"{cell.rate * 100:.0f}", style="middle")
        + "</g>"
    )


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
    longest = LETTER * max(len(name) for name, _ in shown)
    left, line, right = min(190.0, 16 + longest), 26.0, 70.0
    most = max((abs(value) for _, value in shown), default=0.0) or 1.0
    body, named = [], [text(2, 14, words=unit, style="axis")]
    for i, (name, value) in enumerate(shown):
        y = 22 + i * line
        width = max(abs(value) / most * (WIDTH - left - right), 1.0)
        named.append(text(left - 8, y + 15, words=shortened(name, left - 12), style="tick end"))
        body.append(
            f'<rect class="{"churn" if value < 0 else "subscription"}" x="{left:.0f}" y="{y:.1f}" '
            f'width="{width:.1f}" height="18" rx="2">'
            f"{tip(f'{name}: {exact(value, number)}')}</rect>"
        )
        body.append(text(left + width + 6, y + 14, words=exact(value, number), style="value"))
    height = 30 + len(shown) * line
    return drawing(title, description, body=[*body, staying(named)], height=height)


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
    body = [grid(plot, marks)]
    for i, ((name, value, is_total), (start, end)) in enumerate(zip(steps, spans, strict=True)):
        top, bottom = plot.y(max(start, end)), plot.y(min(start, end))
        style = "total" if is_total else "churn" if end < start else "expansion"
        body.append(
            f'<rect class="{style}" x="{plot.x(i) - width / 2:.1f}" y="{top:.1f}" '
            f'width="{width:.1f}" height="{max(bottom - top, 0.5):.1f}">'
            f"{tip(f'{name}: {exact(value or 0.0, compact)}')}</rect>"
        )
        body.append(text(plot.x(i), top - 5, words=exact(value or 0.0, compact), style="middle"))
        body.append(text(plot.x(i), plot.top + plot.height + 20, words=name, style="tick middle"))
    body += [rule(plot, 0, style="zero"), axis(plot, marks, unit=unit, number=compact)]
    return drawing(title, description, body=body)
