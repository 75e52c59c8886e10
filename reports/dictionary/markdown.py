"""The data dictionary of the operational tables as one Markdown text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.access import COMMANDS
from models.counting import counted
from models.dictionary import ROLES, Dictionary, Link, TablePage
from models.examples import example_columns, example_rows
from models.tables.usage import Area, Fact
from reports.render.html import shown

INTRODUCTION = """# Data dictionary of the operational database

{tables} in schema `public`. What becomes of a column when the pipeline reads it:
**kept** is extracted as it is, **hashed** arrives as a keyed hash named `<column>_hash`, and
**never leaves** stays in PostgreSQL. Of such columns only what is listed under *computed at the
source* is taken. *Sourced* is what the app's public documentation says, *inferred* what is
deduced. Written by `hypnomart schema docs`.
"""


def dictionary_text(dictionary: Dictionary) -> str:
    """Overview by area, differences of the live database, access matrix, a section per table."""
    parts = [INTRODUCTION.format(tables=counted(len(dictionary.tables), "table"))]
    parts += [_area(area, dictionary) for area in Area]
    if dictionary.differences:
        listed = "".join(f"- {cell(str(difference))}\n" for difference in dictionary.differences)
        parts.append(f"## Differences of this database\n\n{listed}")
    parts.append(f"## Row-level security\n\n{_matrix(dictionary)}")
    parts += [_section(page) for page in dictionary.tables]
    return "\n".join(parts)


def cell(text: str) -> str:
    """Text that can break neither a table nor the page."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;").strip()


def _area(area: str, dictionary: Dictionary) -> str:
    tables = [page for page in dictionary.tables if page.usage.area == area]
    listed = "".join(f"- [{page.name}](#{page.name}): {cell(page.purpose)}\n" for page in tables)
    return f"### {area}\n\n{listed}"


def _matrix(dictionary: Dictionary) -> str:
    rows = [
        [page.name, role, *(f"`{page.access[role, command]}`" for command in COMMANDS)]
        for page in dictionary.tables
        for role in ROLES
        if any(page.access[role, command] != "-" for command in COMMANDS)
    ]
    return _table(["table", "role", *COMMANDS], rows)


def _section(page: TablePage) -> str:
    history = "every version seen is kept" if page.table.has_history else page.table.no_history
    parts = [f"## {page.name}\n\n{cell(page.purpose)}\n\nHistory: {history}.\n"]
    if page.table.server_set:
        kept = ", ".join(f"`{name}`" for name in page.table.server_set)
        parts.append(f"Of an own row only the server sets {kept} (inferred).\n")
    if page.table.derived:
        derived = ", ".join(f"`{column.name}` {column.type}" for column in page.table.derived)
        parts.append(f"Computed at the source: {derived}.\n")
    columns = [
        (
            f"`{column.name}`", column.type, "yes" if column.is_nullable else "no",
            f"`{column.default}`" if column.default else "", column.key, column.fate,
            column.evidence, column.meaning,
        )
        for column in page.columns
    ]  # fmt: skip
    head = ["column", "type", "null", "default", "key", "extraction", "evidence", "meaning"]
    parts.append(_table(head, columns))
    links = [
        (f"{link.table}.{link.column}", f"{link.target}.{link.target_column}", link.kind)
        for link in _once((*page.outgoing, *page.incoming))
    ]
    if links:
        parts.append(f"Relationships\n\n{_table(['from', 'to', 'on delete'], links)}")
    parts.append(f"Usage\n\n{_usage(page)}")
    rows = [[shown(value) for value in row] for row in example_rows(page.table)]
    parts.append(f"Example rows, invented\n\n{_table(example_columns(page.table), rows)}")
    return "\n".join(parts)


def _usage(page: TablePage) -> str:
    said = {
        "Written by": page.usage.written_by,
        "Read by": page.usage.read_by,
        "Changes": page.usage.changes,
        "Cannot tell": page.usage.cannot_tell,
    }
    return "".join(f"- {head}: {_facts(facts)}\n" for head, facts in said.items())


def _facts(facts: Iterable[Fact]) -> str:
    return " ".join(f"{cell(fact.text)} ({fact.evidence})" for fact in facts)


def _once(links: Iterable[Link]) -> list[Link]:
    return list(dict.fromkeys(links))


def _table(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(cell(text) for text in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)
