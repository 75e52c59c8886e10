"""Small multiples: the same stacked columns for each part of a whole, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.marks import (
    axis,
    band_labels,
    column_of_words,
    drawing,
    empty_drawing,
    grid,
    hatching,
    rule,
)
from reports.charts.scales import (
    BOTTOM,
    OPEN,
    TOP,
    WIDE,
    Plot,
    Series,
    compact,
    exact,
    has_values,
    stack_range,
    ticks,
)

WIDTH, HEIGHT = WIDE / 3, 210


@dataclass(frozen=True)
class Panel:
    """One part: its name, what is stacked, and what else the mark of each step says."""

    name: str
    series: Sequence[Series]
    beside: Sequence[Series] = ()


def panels(
    labels: Sequence[str],
    parts: Sequence[Panel],
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool],
) -> str:
    """A drawing for each part, on one scale; the style sheet lays them side by side, or below each
    other on a small screen. A step of time is one mark that says all of its values: a mark for each
    would make the page of 12 panels half a megabyte larger."""
    if not any(has_values(labels, part.series) for part in parts):
        return empty_drawing(title, description)
    ranges = [stack_range(part.series, len(labels)) for part in parts]
    marks = ticks(min(low for low, _ in ranges), max(high for _, high in ranges), most=4)
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels), WIDTH)
    drawn = [
        drawing(
            f"{title}: {part.name}",
            description,
            body=[
                grid(plot, marks),
                _stacked(plot, part.series, incomplete=incomplete),
                _said(plot, labels, part=part, incomplete=incomplete),
                band_labels(plot, labels),
                axis(plot, marks, unit=f"{part.name}, {unit}", number=compact),
            ],
            height=HEIGHT,
            width=WIDTH,
        )
        for part in parts
    ]
    return f'<div class="panels">{"".join(drawn)}</div>'


def _stacked(plot: Plot, series: Sequence[Series], *, incomplete: Sequence[bool]) -> str:
    """The columns of each series as one path, steps that are not complete as a pale one."""
    width = min(plot.band * 0.72, 46.0)
    drawn: dict[tuple[str, bool], list[str]] = {}
    hatched = []
    for i, is_open in enumerate(incomplete):
        above = below = 0.0
        left = plot.x(i) - width / 2
        for one in series:
            value = one.values[i] or 0.0
            start = above if value > 0 else below
            top, bottom = plot.y(max(start, start + value)), plot.y(min(start, start + value))
            if bottom - top < 0.05:  # a twentieth of a pixel
                continue
            drawn.setdefault((one.style, is_open), []).append(
                f"M{left:.1f} {top:.1f}h{width:.1f}v{bottom - top:.1f}h-{width:.1f}z"
            )
            if is_open:
                hatched.append(hatching(left, top, width=width, height=bottom - top))
            above, below = (above + value, below) if value > 0 else (above, below + value)
    paths = (
        f'<path class="area {style}{" pale" if is_open else ""}" d="{"".join(steps)}"/>'
        for (style, is_open), steps in drawn.items()
    )
    return "".join([*paths, *hatched, rule(plot, 0, style="zero")])


def _said(plot: Plot, labels: Sequence[str], *, part: Panel, incomplete: Sequence[bool]) -> str:
    """An invisible column for each step that says the values under the pointer."""
    marks = []
    for i, label in enumerate(labels):
        told = [
            f"{one.name} {exact(value, compact)}"
            for one in (*part.series, *part.beside)
            if (value := one.values[i])
        ]
        if told:
            words = f"{label} · {part.name}: {', '.join(told)}{OPEN if incomplete[i] else ''}"
            left = plot.x(i) - plot.band / 2
            marks.append(column_of_words(plot, left=left, right=left + plot.band, words=words))
    return "".join(marks)
