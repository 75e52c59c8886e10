"""The data dictionary as pages: an overview, a page per table, a page per mart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.access import COMMANDS
from models.dictionary import ROLES, Dictionary, TablePage
from models.examples import example_columns, example_rows
from models.tables.usage import Area
from reports.dictionary.diagram import diagram
from reports.dictionary.marts import Mart
from reports.render.html import render

FOLDER = "dictionary"
HOME = "index.html"


@dataclass(frozen=True)
class Stamp:
    """What the pages say of their own time: as_of_at, naive UTC, and the run. Without a run they
    stand alone, beside no other report; `pages` names the reports' pages beside them."""

    as_of_at: datetime
    run_id: str
    pages: frozenset[str] = frozenset()


def write_site(
    folder: Path, dictionary: Dictionary, *, marts: Sequence[Mart], stamp: Stamp
) -> list[Path]:
    """Write the pages into the folder and return them, the overview first."""
    pages = {"index.html": overview_page(dictionary, marts, stamp=stamp)}
    users = mart_users(marts)
    for page in dictionary.tables:
        pages[f"tables/{page.name}.html"] = table_page(page, users, stamp=stamp)
    known = {page.name: {column.name for column in page.columns} for page in dictionary.tables}
    for mart in marts:
        pages[f"marts/{mart.name}.html"] = mart_page(mart, known, stamp=stamp)
    return [_write(folder / name, text) for name, text in pages.items()]


def overview_page(dictionary: Dictionary, marts: Sequence[Mart], *, stamp: Stamp) -> str:
    """Tables by area, the diagram, the access matrix, marts, and every column to filter."""
    context = {
        "trail": _trail(stamp, depth=1),
        "dictionary": dictionary,
        "diagram": diagram(dictionary),
        "areas": [
            (area, [page for page in dictionary.tables if page.usage.area == area]) for area in Area
        ],
        "marts": marts,
        "mart_areas": by_area(marts),
    }
    return _render("dictionary.html", context, stamp=stamp)


def table_page(page: TablePage, users: Mapping[tuple[str, str], list[str]], *, stamp: Stamp) -> str:
    """One table: columns, relationships, policies, usage, and the marts that read each column."""
    context = {
        "trail": [*_trail(stamp, depth=2), (page.name, f"{page.name}.html")],
        "page": page,
        "examples": {"header": example_columns(page.table), "rows": example_rows(page.table)},
        "users": {column.name: users.get((page.name, column.name), []) for column in page.columns},
    }
    return _render("dictionary_table.html", context, stamp=stamp)


def mart_page(mart: Mart, known: Mapping[str, Collection[str]], *, stamp: Stamp) -> str:
    """One mart: grain, columns, what it is made from, tests, the reports that show it.

    `known`: the columns of the tables that have a page; seeds and the run's own records have none.
    """
    context = {
        "trail": [*_trail(stamp, depth=2), (mart.name, f"{mart.name}.html")],
        "mart": mart,
        "known": known,
        "pages": stamp.pages,
    }
    return _render("dictionary_mart.html", context, stamp=stamp)


def by_area(marts: Iterable[Mart]) -> list[tuple[str, list[Mart]]]:
    """Marts by their area, both in alphabetical order."""
    areas: dict[str, list[Mart]] = {}
    for mart in marts:
        areas.setdefault(mart.area, []).append(mart)
    return sorted(areas.items())


def mart_users(marts: Iterable[Mart]) -> dict[tuple[str, str], list[str]]:
    """The marts that use an operational column, by table and column."""
    users: dict[tuple[str, str], list[str]] = {}
    for mart in marts:
        for source in sorted({source for column in mart.columns for source in column.sources}):
            users.setdefault(source, []).append(mart.name)
    return users


def _trail(stamp: Stamp, *, depth: int) -> list[tuple[str, str]]:
    """The way down to a page `depth` folders below the day's reports, as labels and links."""
    home = [("Reports", "../" * depth + HOME)] if stamp.run_id else []
    return [*home, ("Data dictionary", "../" * (depth - 1) + HOME)]


def _render(template: str, context: Mapping[str, Any], *, stamp: Stamp) -> str:
    shared = {"roles": ROLES, "commands": COMMANDS}
    return render(
        template,
        {**context, **shared, "as_of_at": stamp.as_of_at, "run_id": stamp.run_id},
        script="sort.js",
    )


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
