"""The one reader of a live database's catalogue: tables, columns, keys, references, policies."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from models.access import COMMANDS
from models.errors import SourceUnavailable, SourceUnavailableNow
from models.reach import can_pass

CATALOGUE_FOLDER = Path(__file__).with_name("catalogue")


@dataclass(frozen=True)
class LiveColumn:
    """A column as the catalogue shows it; `type` in the contract's spelling (timestamptz)."""

    name: str
    type: str
    is_nullable: bool
    default: str | None
    comment: str


@dataclass(frozen=True)
class LiveKey:
    """A unique index; `is_plain`: valid, over whole rows and bare columns."""

    is_primary: bool
    is_plain: bool
    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True)
class Reference:
    """A foreign key: columns of a table, and the schema.table and columns that they point to."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True)
class LivePolicy:
    """A row-level policy; `command` may be all. `using` and `check` are SQL, empty if absent."""

    name: str
    command: str
    is_permissive: bool
    roles: tuple[str, ...]
    using: str
    check: str

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that it is about."""
        return COMMANDS if self.command == "all" else (self.command,)

    @property
    def concerns_clients(self) -> bool:
        """Whether it opens rows to users of the app."""
        return self.is_permissive and bool({"public", "anon", "authenticated"} & {*self.roles})


@dataclass(frozen=True)
class LiveTable:
    """A table of schema public as the catalogue shows it."""

    name: str
    comment: str
    has_row_security: bool
    columns: dict[str, LiveColumn]
    keys: tuple[LiveKey, ...]
    references: tuple[Reference, ...]
    policies: tuple[LivePolicy, ...]
    privileges: dict[str, tuple[str, ...]]  # commands by role
    triggers: tuple[str, ...] = ()  # those that fire


@dataclass(frozen=True)
class Catalogue:
    """Schema public of a database. `bypassing`: roles that row-level security does not bind;
    `others`: what is no table, such as a view, with what it is."""

    tables: dict[str, LiveTable]
    bypassing: frozenset[str]
    others: dict[str, str] = field(default_factory=dict)


def read_catalogue(url: str) -> Catalogue:
    """The tables of schema public by name, read in one snapshot. Raises SourceUnavailable."""
    names = ("tables", "columns", "keys", "references", "policies", "privileges", "bypassing",
             "others", "triggers")  # fmt: skip
    try:
        with psycopg.connect(url, application_name="hypnomart") as conn:
            conn.read_only = True
            conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            found = {name: catalogue_rows(conn, name) for name in names}
    except psycopg.Error as error:
        reason = str(error).strip().split("\n")[0]
        kind = SourceUnavailableNow if can_pass(str(error)) else SourceUnavailable
        raise kind(f"The source's catalogue cannot be read: {reason}") from error
    tables = {
        name: LiveTable(
            name,
            comment,
            has_row_security,
            {c[1]: LiveColumn(c[1], short_type(c[2]), *c[3:]) for c in of(found["columns"], name)},
            tuple(LiveKey(k[1], k[2], tuple(k[3]), k[4]) for k in of(found["keys"], name)),
            tuple(
                Reference(name, tuple(r[1]), r[2], tuple(r[3]), r[4])
                for r in of(found["references"], name)
            ),
            tuple(
                LivePolicy(p[1], p[2], p[3], tuple(p[4]), p[5], p[6])
                for p in of(found["policies"], name)
            ),
            {role: tuple(commands) for _, role, commands in of(found["privileges"], name)},
            tuple(trigger for _, trigger in of(found["triggers"], name)),
        )
        for name, has_row_security, comment in found["tables"]
    }
    bypassing = frozenset(name for (name,) in found["bypassing"])
    return Catalogue(tables, bypassing, dict(found["others"]))


def save_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write a catalogue as JSON, replacing the file at once."""
    unfinished = path.with_name(path.name + ".new")
    text = json.dumps(asdict(catalogue), default=sorted)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def load_catalogue(path: Path) -> Catalogue | None:
    """A catalogue that was saved, None where there is none that can be read."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: _table(table) for name, table in saved["tables"].items()}
        return Catalogue(tables, frozenset(saved["bypassing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _table(saved: dict[str, Any]) -> LiveTable:
    """A table out of JSON, where tuples have become lists."""
    return LiveTable(
        saved["name"],
        saved["comment"],
        saved["has_row_security"],
        {name: LiveColumn(**column) for name, column in saved["columns"].items()},
        tuple(LiveKey(**_tuples(key)) for key in saved["keys"]),
        tuple(Reference(**_tuples(reference)) for reference in saved["references"]),
        tuple(LivePolicy(**_tuples(policy)) for policy in saved["policies"]),
        _tuples(saved["privileges"]),
        tuple(saved.get("triggers", ())),
    )


def _tuples(saved: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()}


def catalogue_rows(conn: psycopg.Connection, name: str) -> list[tuple[Any, ...]]:
    """The rows of one of the queries in models/catalogue."""
    text = (CATALOGUE_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return conn.execute(text.encode()).fetchall()


def of(rows: list[tuple[Any, ...]], table: str) -> list[tuple[Any, ...]]:
    """The rows of one table, whose name comes first."""
    return [row for row in rows if row[0] == table]


def short_type(name: str) -> str:
    """A type as the contract spells it."""
    return name.replace("timestamp with time zone", "timestamptz")
