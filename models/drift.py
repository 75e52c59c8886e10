"""Compare a live database with the contract in models/tables, and name each difference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from models.live import LiveTable, read_catalogue
from models.tables import TABLES, TABLES_BY_NAME, Table

Kind = Literal[
    "missing table",
    "extra table",
    "missing column",
    "extra column",
    "type",
    "nullability",
    "default",
    "primary key",
    "missing unique key",
    "extra unique key",
    "row level security",
    "missing policy",
    "extra policy",
    "missing trigger",
]
# Without these the extraction cannot read what the marts need.
BREAKING: frozenset[Kind] = frozenset({"missing table", "missing column", "type"})


@dataclass(frozen=True)
class Difference:
    """One difference; `object` is a column, key, policy command, trigger, or the table itself."""

    table: str
    object: str
    kind: Kind
    found: str
    expected: str

    @property
    def is_breaking(self) -> bool:
        """Whether the marts cannot be built from such a database."""
        return self.kind in BREAKING

    def __str__(self) -> str:
        if self.kind in ("missing table", "extra table"):
            subject = f"public.{self.table}"
        elif self.object == self.table:
            subject = f"public.{self.table}: {self.kind}"
        else:
            subject = f"public.{self.table}: {self.kind} {self.object}"
            if self.kind in ("type", "nullability", "default"):
                subject = f"public.{self.table}: {self.kind} of column {self.object}"
        return f"{subject} is {self.found}, expected {self.expected}"


def compare_schema(url: str) -> list[Difference]:
    """Every difference from the contract, by table; empty when there is none.

    Reads the catalogue only, so any login will do. Raises SourceUnavailable.
    """
    catalogue = read_catalogue(url)
    return [
        replace(difference, found=catalogue.others[difference.table])
        if difference.kind == "missing table" and difference.table in catalogue.others
        else difference
        for difference in differences_of(catalogue.tables)
    ]


def differences_of(live: Mapping[str, LiveTable]) -> list[Difference]:
    """Every difference of these tables from the contract, by table."""
    return [
        *(difference for table in TABLES for difference in compare_table(table, live)),
        *(
            Difference(name, name, "extra table", "present", "absent")
            for name in sorted(set(live) - set(TABLES_BY_NAME))
        ),
    ]


def compare_table(table: Table, live: Mapping[str, LiveTable]) -> Iterator[Difference]:
    """Differences of one table of the contract."""
    found = live.get(table.name)
    if found is None:
        yield Difference(table.name, table.name, "missing table", "missing", "a table")
        return
    yield from _compare_columns(table, found)
    yield from _compare_keys(table, found)
    if not found.has_row_security:
        yield Difference(table.name, table.name, "row level security", "off", "on")
    yield from _compare_policies(table, found)
    for name in table.triggers:
        if name not in found.triggers:
            yield Difference(table.name, name, "missing trigger", "missing or off", "on")


def _compare_columns(table: Table, live: LiveTable) -> Iterator[Difference]:
    for column in table.columns:
        if column.name not in live.columns:
            yield Difference(table.name, column.name, "missing column", "missing", column.type)
            continue
        given = live.columns[column.name]
        kind, is_nullable, default = given.type, given.is_nullable, given.default
        if kind != column.type:
            yield Difference(table.name, column.name, "type", kind, column.type)
        if is_nullable != column.is_nullable:
            yield Difference(
                table.name,
                column.name,
                "nullability",
                _null(is_nullable),
                _null(column.is_nullable),
            )
        if _plain(default) != _plain(column.default):
            yield Difference(
                table.name, column.name, "default", default or "none", column.default or "none"
            )
    known = {column.name for column in table.columns}
    for name, given in live.columns.items():
        if name not in known:
            yield Difference(table.name, name, "extra column", given.type, "absent")


def _compare_keys(table: Table, live: LiveTable) -> Iterator[Difference]:
    primary = [key.columns for key in live.keys if key.is_primary]
    if primary != [tuple(sorted(table.key))]:
        found = _listed(primary[0]) if primary else "missing"
        yield Difference(table.name, table.name, "primary key", found, _listed(table.key))
    wanted = {tuple(sorted(columns)) for columns in table.unique}
    given = [
        (key.columns if key.is_plain else None, key.definition)
        for key in live.keys
        if not key.is_primary
    ]
    for columns in sorted(wanted - {columns for columns, _ in given}):
        yield Difference(table.name, _listed(columns), "missing unique key", "missing", "present")
    for key, definition in given:
        if key not in wanted:
            name = _listed(key) if key else definition
            yield Difference(table.name, name, "extra unique key", "present", "absent")


def _compare_policies(table: Table, live: LiveTable) -> Iterator[Difference]:
    given = {
        each: policy.name
        for policy in live.policies
        if policy.concerns_clients
        for each in policy.commands
    }
    wanted: set[str] = set(table.policies)
    for command in sorted(wanted - set(given)):
        yield Difference(
            table.name, f"for {command}", "missing policy", "missing", "users may on their own rows"
        )
    for command in sorted(set(given) - wanted):
        yield Difference(
            table.name, f"for {command}", "extra policy", f"present ({given[command]})", "absent"
        )


def _plain(default: str | None) -> str:
    """A default without the casts that PostgreSQL adds."""
    return re.sub(r"::[\w ]+", "", default or "").strip()


def _null(is_nullable: bool) -> str:
    return "null" if is_nullable else "not null"


def _listed(columns: tuple[str, ...]) -> str:
    return f"({', '.join(columns)})"
