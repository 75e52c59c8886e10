"""The entity-relationship diagram of the operational tables, as SVG with a link for each table."""

from __future__ import annotations

from dataclasses import dataclass

from models.counting import counted
from models.dictionary import Dictionary, Link, TablePage
from models.tables.usage import Area
from reports.printable import drawable

# Areas that are linked stand side by side; one column each.
COLUMNS = (
    Area.LOGS,
    Area.SUBSCRIPTIONS,
    Area.CREDITS,
    Area.COURSES,
    Area.CONTENT,
    Area.PEOPLE,
    Area.DISCOUNTS,
)
WIDTH, GAP, HEAD, LINE, SPACE, TOP = 208, 34, 26, 17, 22, 34


@dataclass(frozen=True)
class Box:
    """A table's place: left, top, and the columns it lists, keys and references alone."""

    page: TablePage
    x: float
    y: float
    columns: tuple[str, ...]

    @property
    def height(self) -> float:
        """Of the whole box."""
        return HEAD + LINE * len(self.columns) + 6

    def y_of(self, column: str) -> float:
        """The middle of a column's line, of the heading where it is not listed."""
        if column not in self.columns:
            return self.y + HEAD / 2
        return self.y + HEAD + LINE * (self.columns.index(column) + 0.5)


def diagram(dictionary: Dictionary) -> str:
    """The diagram. Links to accounts are a dot rather than seventeen lines."""
    boxes = placed(dictionary)
    width = len(COLUMNS) * (WIDTH + GAP) + GAP
    height = max(box.y + box.height for box in boxes.values()) + SPACE
    heads = "".join(
        f'<text class="area" x="{GAP + i * (WIDTH + GAP)}" y="18">{drawable(area)}</text>'
        for i, area in enumerate(COLUMNS)
    )
    lines = "".join(
        _line(link, boxes[link.table], end=boxes[link.target])
        for link in dictionary.links
        if link.table in boxes and link.target in boxes
    )
    drawn = "".join(_drawn(box) for box in boxes.values())
    tables = counted(len(boxes), "table")
    return (
        f'<svg class="er" viewBox="0 0 {width} {height:g}" role="group" '
        f'aria-label="Entity-relationship diagram of {tables}; each links to its page">'
        f"{heads}{lines}{drawn}</svg>"
    )


def placed(dictionary: Dictionary) -> dict[str, Box]:
    """A box for each table by name, stacked within the column of its area."""
    boxes = {}
    for place, area in enumerate(COLUMNS):
        y = float(TOP)
        for page in dictionary.tables:
            if page.usage.area == area:
                box = Box(page, GAP + place * (WIDTH + GAP), y, listed(page))
                boxes[page.name] = box
                y += box.height + SPACE
    return boxes


def listed(page: TablePage) -> tuple[str, ...]:
    """The columns that a box lists: the key and what points elsewhere or is pointed at."""
    linked = {link.column for link in page.outgoing} | {
        link.target_column for link in page.incoming
    }
    return tuple(
        column.name
        for column in page.table.columns
        if column.name in page.table.key or column.name in linked
    )


def _drawn(box: Box) -> str:
    name = drawable(box.page.name)
    accounts = {link.column for link in box.page.outgoing if link.target == "auth.users"}
    rows = "".join(
        f'<text class="{"key" if column in box.page.table.key else "column"}" '
        f'x="{box.x + 12:g}" y="{box.y_of(column) + 4:g}">'
        f"{drawable(column)}{' ●' if column in accounts else ''}</text>"
        for column in box.columns
    )
    return (
        f'<a href="tables/{name}.html"><title>{name}: {drawable(box.page.purpose)}</title>'
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{box.height:g}" rx="6"/>'
        f'<text class="name" x="{box.x + 10:g}" y="{box.y + 18:g}">{name}</text>{rows}</a>'
    )


def _line(link: Link, start: Box, *, end: Box) -> str:
    """A curve from the referring column to the one referred to, outside of the boxes."""
    y1, y2 = start.y_of(link.column), end.y_of(link.target_column)
    if start.x == end.x:
        x1 = x2 = start.x
        bend1 = bend2 = start.x - GAP * 0.8
    elif start.x < end.x:
        x1, x2 = start.x + WIDTH, end.x
        bend1, bend2 = x1 + GAP, x2 - GAP
    else:
        x1, x2 = start.x, end.x + WIDTH
        bend1, bend2 = x1 - GAP, x2 + GAP
    style = "convention" if link.kind == "by convention" else "enforced"
    label = drawable(
        f"{link.table}.{link.column} to {link.target}.{link.target_column}, {link.kind}"
    )
    return (
        f'<path class="{style}" d="M{x1:g} {y1:g}C{bend1:g} {y1:g} {bend2:g} {y2:g} {x2:g} {y2:g}">'
        f'<title>{label}</title></path><circle cx="{x2:g}" cy="{y2:g}" r="3"/>'
    )
