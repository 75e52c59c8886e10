"""Charts over time: columns, lines, areas, the bridge, and the small line of a headline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from reports.charts.marks import (
    axis,
    band_labels,
    column_of_words,
    drawing,
    empty_drawing,
    flagged,
    grid,
    polyline,
    span,
    stacks,
)
from reports.charts.scales import (
    BOTTOM,
    HEIGHT,
    LEFT,
    NO_FLAGS,
    TOP,
    WIDE,
    WIDTH,
    Format,
    Plot,
    Series,
    Value,
    are_counts,
    compact,
    exact,
    has_values,
    stack_range,
    ticks,
)
from reports.printable import drawable

MOST_SAID = 60  # steps of time that an area's marks tell of


def columns(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
    number: Format = compact,
    flags: Mapping[int, str] = NO_FLAGS,
    width: float = WIDTH,
    is_timed: bool = True,
) -> str:
    """Stacked columns; negative values hang below zero. Incomplete columns are hatched."""
    if not has_values(labels, series):
        return empty_drawing(title, description)
    low, high = stack_range(series, len(labels))
    marks = ticks(low, high, of_counts=are_counts(series))
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels), width)
    values = [stacks(plot, labels, series=series, incomplete=incomplete, number=number)]
    body = _framed(plot, values, marks=marks, labels=labels, unit=unit, number=number, flags=flags)
    return drawing(title, description, body=body, width=width, is_timed=is_timed)


def bridge(
    labels: Sequence[str],
    flows: Sequence[Series],
    *,
    closing: Series,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
    flags: Mapping[int, str] = NO_FLAGS,
) -> str:
    """The closing balance as a line above, what moved it as stacked columns below.

    Two panels over the same months: on one axis a large balance would flatten its movements.
    """
    if not has_values(labels, [*flows, closing]):
        return empty_drawing(title, description)
    height = (HEIGHT + 90 - TOP - BOTTOM - 40) / 2
    above = ticks(0, max((v for v in closing.values if v is not None), default=0.0), most=4)
    below = ticks(*stack_range(flows, len(labels)), most=4, of_counts=are_counts(flows))
    upper = Plot(TOP, height, above[0], above[-1], len(labels), WIDE)
    lower = Plot(TOP + height + 40, height, below[0], below[-1], len(labels), WIDE)
    body = [
        grid(upper, above),
        polyline(upper, labels, series=closing, incomplete=incomplete, number=compact),
        grid(lower, below),
        stacks(lower, labels, series=flows, incomplete=incomplete, number=compact),
        band_labels(lower, labels),
        flagged(upper, flags),
        flagged(lower, flags),
        axis(upper, above, unit=f"{closing.name}, {unit}", number=compact),
        axis(lower, below, unit=f"movements, {unit}", number=compact),
    ]
    return drawing(title, description, body=body, height=HEIGHT + 90, width=WIDE, is_timed=True)


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
    incomplete: Sequence[bool] = (),
    number: Format = compact,
    flags: Mapping[int, str] = NO_FLAGS,
    width: float = WIDTH,
    within: tuple[Series, Series] | None = None,
    is_timed: bool = True,
) -> str:
    """Lines with a mark at every value, hollow where incomplete; a gap where there is none.

    `within`: the lower and the upper end of a band behind the lines.
    """
    if not has_values(labels, series):
        return empty_drawing(title, description)
    present = [v for one in (*series, *(within or ())) for v in one.values if v is not None]
    marks = ticks(min(present), max(present), of_counts=are_counts(series))
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels), width)
    values = [span(plot, labels, ends=within, number=number)] if within else []
    values += [
        polyline(plot, labels, series=one, incomplete=incomplete, number=number) for one in series
    ]
    body = _framed(plot, values, marks=marks, labels=labels, unit=unit, number=number, flags=flags)
    return drawing(title, description, body=body, width=width, is_timed=is_timed)


def areas(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    unit: str,
    flags: Mapping[int, str] = NO_FLAGS,
) -> str:
    """Stacked areas for many points in time; a single point becomes a column."""
    if len(labels) < 2 or not has_values(labels, series):
        return columns(labels, series, title=title, description=description, unit=unit, flags=flags)
    _, high = stack_range(series, len(labels))
    marks = ticks(0, high, of_counts=are_counts(series))
    plot = Plot(TOP, HEIGHT - TOP - BOTTOM, marks[0], marks[-1], len(labels))
    floor = [0.0] * len(labels)
    values = []
    for one in series:
        upper = [low + (value or 0.0) for low, value in zip(floor, one.values, strict=True)]
        there = [f"{plot.x(i):.1f},{plot.y(v):.1f}" for i, v in enumerate(upper)]
        back = [f"{plot.x(i):.1f},{plot.y(v):.1f}" for i, v in enumerate(floor)][::-1]
        values.append(f'<polygon class="area {one.style}" points="{" ".join(there + back)}"/>')
        floor = upper
    values.append(_said(plot, labels, series=series))
    body = _framed(plot, values, marks=marks, labels=labels, unit=unit, number=compact, flags=flags)
    return drawing(title, description, body=body, is_timed=True)


def _framed(
    plot: Plot,
    values: Sequence[str],
    *,
    marks: Sequence[float],
    labels: Sequence[str],
    unit: str,
    number: Format,
    flags: Mapping[int, str],
) -> list[str]:
    """What a chart shows, on its grid, with the words of both axes and its flags."""
    return [
        grid(plot, marks),
        *values,
        band_labels(plot, labels),
        flagged(plot, flags),
        axis(plot, marks, unit=unit, number=number),
    ]


def _said(plot: Plot, labels: Sequence[str], *, series: Sequence[Series]) -> str:
    """Invisible columns that say all values of their last step: one for each of 366 would make the
    page 60 kB larger."""
    reach = math.ceil(len(labels) / MOST_SAID)
    marks = []
    for i in range((len(labels) - 1) % reach, len(labels), reach):
        told = ", ".join(f"{one.name} {exact(one.values[i] or 0.0, compact)}" for one in series)
        right = plot.x(i) + plot.band / 2
        left = max(right - reach * plot.band, LEFT)
        marks.append(column_of_words(plot, left=left, right=right, words=f"{labels[i]}: {told}"))
    return "".join(marks)


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
        f'aria-label="{drawable(title)}">'
        f'<polyline points="{points}"/></svg>'
    )
