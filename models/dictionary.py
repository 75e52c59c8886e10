"""The data dictionary of the operational tables, as facts: what each table holds, who may do what,
what becomes of each column. Reports lay it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.access import COMMANDS
from models.access import ROLES as ALL_ROLES
from models.apply import schema_files, string_value, table_comment, table_of
from models.drift import Difference, differences_of
from models.live import Catalogue, LivePolicy, LiveTable, Reference
from models.tables import TABLES, Column, Table
from models.tables.usage import CONVENTIONS, Usage

FATE = {"keep": "kept", "secret": "hashed", "pii": "never leaves"}
# The owner reaches everything and is left out.
ROLES = tuple(role for role in ALL_ROLES if role != "owner")


@dataclass(frozen=True)
class ColumnPage:
    """A column as the live database has it. `key`: primary, unique, or where it points."""

    name: str
    type: str
    is_nullable: bool
    default: str
    key: str
    fate: str
    evidence: str
    meaning: str


@dataclass(frozen=True)
class Link:
    """A relationship of two columns; `kind` is what a deletion does, or by convention."""

    table: str
    column: str
    target: str
    target_column: str
    kind: str


@dataclass(frozen=True)
class TablePage:
    """All that is said of one table."""

    table: Table
    purpose: str
    columns: tuple[ColumnPage, ...]
    outgoing: tuple[Link, ...]
    incoming: tuple[Link, ...]
    has_row_security: bool
    policies: tuple[LivePolicy, ...]
    access: Mapping[tuple[str, str], str]  # by role and command: "all", "-" or an expression
    usage: Usage
    differences: tuple[Difference, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def writers(self) -> str:
        """Which roles may change rows, and how, in words; "nobody" where none may."""
        found = []
        for role in ROLES:
            rows = {c: self.access[role, c] for c in COMMANDS if c != "select"}
            free = [command for command, which in rows.items() if which == "all"]
            bound = [command for command, which in rows.items() if which not in ("all", "-")]
            ways = [f"{', '.join(free)} any row"] if free else []
            ways += [f"{', '.join(bound)} where a policy lets it"] if bound else []
            if ways:
                found.append(f"{role} ({'; '.join(ways)})")
        return ", ".join(found) or "nobody"


@dataclass(frozen=True)
class Dictionary:
    """The pages of the 21 tables in their order, and what the live database has beyond them."""

    tables: tuple[TablePage, ...]
    differences: tuple[Difference, ...]
    links: tuple[Link, ...]


def read_dictionary(catalogue: Catalogue) -> Dictionary:
    """The dictionary of a live database. What it does not comment on is described as shipped."""
    differences = differences_of(catalogue.tables)
    links = links_of(catalogue.tables)
    shipped = shipped_comments()
    pages = tuple(
        _page(
            table,
            catalogue.tables.get(table.name),
            shipped=shipped,
            links=links,
            differences=tuple(d for d in differences if d.table == table.name),
            bypassing=catalogue.bypassing,
        )
        for table in TABLES
    )
    return Dictionary(pages, tuple(differences), links)


def links_of(tables: Mapping[str, LiveTable]) -> tuple[Link, ...]:
    """Every foreign key of the tables, column by column, and every link by convention."""
    keys = [
        Link(reference.table, column, target_name(reference), target, reference.on_delete)
        for table in tables.values()
        for reference in table.references
        for column, target in zip(reference.columns, reference.target_columns, strict=True)
    ]
    return (*keys, *(Link(*link, "by convention") for link in CONVENTIONS))


def target_name(reference: Reference) -> str:
    """The table that a reference points to; schema public goes without saying."""
    return reference.target.removeprefix("public.")


def access_of(live: LiveTable | None, bypassing: frozenset[str]) -> dict[tuple[str, str], str]:
    """Which rows a role may touch, by role and command: "all", "-" for none, else the condition
    of the policies. Without a privilege on the table it is none.
    """
    cells: dict[tuple[str, str], str] = {}
    for role in ROLES:
        for command in COMMANDS:
            if live is None or command not in live.privileges.get(role, ()):
                cells[role, command] = "-"
            elif not live.has_row_security or role in bypassing:
                cells[role, command] = "all"
            else:
                cells[role, command] = _opened(live.policies, role, command=command)
    return cells


def _opened(policies: tuple[LivePolicy, ...], role: str, *, command: str) -> str:
    """What permissive policies open to a role, narrowed by restrictive ones."""
    meant = [p for p in policies if command in p.commands and {"public", role} & {*p.roles}]
    opening = [_expression(policy, command) for policy in meant if policy.is_permissive]
    if not opening:
        return "-"
    narrowing = [_expression(policy, command) for policy in meant if not policy.is_permissive]
    return " and ".join([" or ".join(opening), *narrowing])


def _expression(policy: LivePolicy, command: str) -> str:
    return (policy.check or policy.using if command == "insert" else policy.using) or "true"


def shipped_comments() -> dict[str, str]:
    """The comments that the schema files put on tables and columns, by table and table.column."""
    pattern = re.compile(r"comment on column public\.(\S+) is\s+(.+?);\n", re.DOTALL)
    comments = {}
    for path in schema_files():
        if table := table_of(path):
            comments[table] = table_comment(path)
            for name, text in pattern.findall(path.read_text("utf-8")):
                comments[name] = string_value(text)
    return comments


def _page(
    table: Table,
    live: LiveTable | None,
    *,
    shipped: Mapping[str, str],
    links: tuple[Link, ...],
    differences: tuple[Difference, ...],
    bypassing: frozenset[str],
) -> TablePage:
    outgoing = tuple(link for link in links if link.table == table.name)
    return TablePage(
        table,
        (live.comment if live else "") or shipped[table.name],
        tuple(
            _column(table, column, live=live, shipped=shipped, outgoing=outgoing)
            for column in table.columns
        ),
        outgoing,
        tuple(link for link in links if link.target == table.name),
        live is not None and live.has_row_security,
        live.policies if live else (),
        access_of(live, bypassing),
        table.usage,
        differences,
    )


def _column(
    table: Table,
    column: Column,
    *,
    live: LiveTable | None,
    shipped: Mapping[str, str],
    outgoing: tuple[Link, ...],
) -> ColumnPage:
    found = live.columns.get(column.name) if live else None
    is_sourced = column.name in table.usage.sourced_columns
    return ColumnPage(
        column.name,
        found.type if found else column.type,
        found.is_nullable if found else column.is_nullable,
        (found.default if found else column.default) or "",
        _key(table, column.name, outgoing=outgoing),
        FATE[column.policy],
        "sourced" if is_sourced else "inferred",
        (found.comment if found else "") or shipped[f"{table.name}.{column.name}"],
    )


def _key(table: Table, column: str, *, outgoing: tuple[Link, ...]) -> str:
    keys = ["primary"] if column in table.key else []
    keys += [
        "unique" if len(key) == 1 else f"unique ({', '.join(key)})"
        for key in table.unique
        if column in key
    ]
    keys += [
        f"-> {link.target}.{link.target_column}"
        for link in outgoing
        if link.column == column and link.kind != "by convention"
    ]
    return ", ".join(keys)
