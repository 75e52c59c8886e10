"""Chains of people as trees, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.marks import (
    drawing,
    empty_drawing,
    text,
    tip,
)
from reports.charts.scales import (
    WIDE,
)

EDGE, LINE, ID = 16.0, 20.0, 72.0  # margin, from one line to the next, width of a short id


@dataclass(frozen=True)
class Link:
    """Who brought whom, by id, and whether the one brought counts as won."""

    parent: str
    child: str
    is_won: bool


@dataclass(frozen=True)
class Knot:
    """A person's place: steps from the root, and the line on which they stand."""

    step: int
    line: float


def forest(links: Sequence[Link], *, title: str, description: str) -> str:
    """Trees side by side, each from its root on the left; a filled dot is one who was won.

    A child stands once; a link to a parent whom nobody brought makes that parent a root.
    """
    if not links:
        return empty_drawing(title, description)
    knots = placed(links)
    steps, lines = (max(getattr(one, of) for one in knots.values()) for of in ("step", "line"))
    wide = (WIDE - 2 * EDGE - ID) / max(steps, 1)
    won = {link.child for link in links if link.is_won}
    body = []
    for link in links:
        start, end = (spot(knots[id], wide) for id in (link.parent, link.child))
        bend = (start[0] + ID + end[0]) / 2
        body.append(
            f'<path class="link" d="M{start[0] + ID:.1f} {start[1]:.1f}C{bend:.1f} {start[1]:.1f} '
            f'{bend:.1f} {end[1]:.1f} {end[0] - 5:.1f} {end[1]:.1f}"/>'
        )
    for id in knots:
        x, y = spot(knots[id], wide)
        words = (
            f"{short(id)}, {'premium' if id in won else 'root' if not knots[id].step else 'free'}"
        )
        style = "dot k" if id in won else "dot k hollow"
        body.append(
            f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="4">{tip(words)}</circle>'
        )
        body.append(text(x + 8, y + 4, words=short(id), style="tick"))
    height = EDGE * 2 + lines * LINE
    return drawing(title, description, body=body, height=height, width=WIDE)


def placed(links: Sequence[Link]) -> dict[str, Knot]:
    """Each person's place: leaves on lines of their own, others amid those whom they brought."""
    children: dict[str, list[str]] = {}
    for link in links:
        children.setdefault(link.parent, []).append(link.child)
    brought = {link.child for link in links}
    found: dict[str, Knot] = {}
    free = 0

    def place(id: str, step: int) -> float:
        nonlocal free
        below = [place(child, step + 1) for child in children.get(id, ())]
        if not below:
            below, free = [float(free)], free + 1
        found[id] = Knot(step, (below[0] + below[-1]) / 2)
        return found[id].line

    for root in children:
        if root not in brought:
            place(root, 0)
    return found


def spot(knot: Knot, wide: float) -> tuple[float, float]:
    """The middle of a person's dot."""
    return EDGE + knot.step * wide, EDGE + knot.line * LINE


def short(id: str) -> str:
    """The beginning of an id: enough to find it in the table."""
    return id[:8]
