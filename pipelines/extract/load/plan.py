"""What is read of each table: the live catalogue held against the contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import SourceChanged, SourceUnavailable
from models.quoting import quoted
from models.tables import TABLES, TABLES_BY_NAME, Column, Table
from pipelines.extract.load.personal import may_be_personal
from pipelines.extract.source.catalogue import SourceColumn, SourceTable
from pipelines.extract.source.types import is_accepted, reading
from pipelines.extract.state.layout import RawColumn

OWN_NAMES = ("rowid",)  # DuckDB's for where a row lies
WHITE_SPACE = r"E' \t\n\r\f\v'"
CHECK = "run `hypnomart schema check`, nothing was written"


@dataclass(frozen=True)
class ReadColumn:
    """One column of raw.*: `source` names the PostgreSQL column, `remote` and `local` read it."""

    name: str
    type: str
    remote: str
    local: str
    source: str = ""
    exact: str = ""
    fits: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class TablePlan:
    """How one contract table is read."""

    table: Table
    live: SourceTable
    columns: tuple[ReadColumn, ...]
    notes: tuple[str, ...] = ()

    @property
    def raw(self) -> tuple[RawColumn, ...]:
        """The columns of raw.<table>, without load metadata."""
        return tuple(RawColumn(column.name, column.type) for column in self.columns)

    @property
    def has_secrets(self) -> bool:
        """Whether the hash key takes part in its values."""
        return any(column.policy == "secret" for column in self.table.columns)

    @property
    def is_keyed(self) -> bool:
        """Whether the source itself guarantees the key."""
        nullable = {column.name for column in self.live.columns if column.is_nullable}
        is_unique = tuple(sorted(self.table.key)) in self.live.unique_keys
        return is_unique and nullable.isdisjoint(self.table.key)

    def fingerprint(self, key_check: str) -> str:
        """Changes when values may change without any row being written: then all is read anew.

        A column dropped and added again has another position; a table, another oid.
        """
        columns = [(c.name, c.kind, c.position, c.definition) for c in self.live.columns]
        read = [(c.name, c.type, c.remote, c.local) for c in self.columns]
        parts = [self.live.oid, columns, read, key_check if self.has_secrets else ""]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def plan_tables(live: Iterable[SourceTable]) -> tuple[TablePlan, ...]:
    """The plans of all contract tables, in the contract's order.

    Raises SourceChanged or SourceUnavailable, naming everything that stands in the way.
    """
    found = {table.name: table for table in live}
    if not found.keys() & {table.name for table in TABLES}:
        raise SourceChanged(
            "The database holds none of the app's tables in its schema public. Does "
            "HYPNOMART_SOURCE_URL name the right one? `hypnomart schema apply` creates them; "
            "nothing was written."
        )
    lost = [problem for table in TABLES for problem in losses(table, found.get(table.name))]
    if lost:
        raise SourceChanged(f"{'; '.join(lost)}. {CHECK.capitalize()}.")
    tables = [found[table.name] for table in TABLES]
    if refused := [table.name for table in tables if not table.may_select]:
        names = ", ".join(refused)
        raise SourceUnavailable(
            f"The source does not grant SELECT on {names}; grant it to the reader "
            f"(`grant select on {names} to hypnomart_reader`), nothing was written."
        )
    if hidden := [table.name for table in tables if table.hides_rows]:
        raise SourceUnavailable(
            f"Row-level security hides rows of {', '.join(hidden)} from this login; give it "
            "BYPASSRLS or a permissive SELECT policy `using (true)`, nothing was written."
        )
    return tuple(plan_table(TABLES_BY_NAME[table.name], table) for table in tables)


def unknown_tables(live: Iterable[SourceTable]) -> list[str]:
    """Tables of the source that the contract does not know."""
    return sorted(t.name for t in live if t.name not in TABLES_BY_NAME and not t.instead)


def losses(table: Table, live: SourceTable | None) -> list[str]:
    """What the contract needs of a table and the source no longer has."""
    if live is None:
        return [f"{table.name}: the table is gone from the source"]
    if live.instead:
        # without transaction ids of its rows no change and no deletion could be seen
        return [f"{table.name}: {live.instead} stands in place of the table, which is not read"]
    if live.has_parts:
        # one exchanged for another, filled by the same transaction, would go unseen
        return [f"{table.name}: the table has partitions or children, which are not read"]
    columns = {column.name: column for column in live.columns}
    problems = []
    for wanted in table.columns:
        column = columns.get(wanted.name)
        if column is None:
            problems.append(f"{table.name}: column {wanted.name} is gone from the source")
        elif not is_accepted(wanted.type, column.kind):
            problems.append(
                f"{table.name}: column {wanted.name} is {column.declared} at the source, "
                f"the contract says {wanted.type}"
            )
    return problems


def plan_table(table: Table, live: SourceTable) -> TablePlan:
    """How a table without losses is read: contract columns, derived ones, then new ones."""
    columns = {column.name: column for column in live.columns}
    contract = {column.name for column in table.columns}
    read = [
        _secret(column) if column.policy == "secret" else _kept(columns[column.name], column)
        for column in table.columns
        if column.policy != "pii"
    ]
    read += [
        ReadColumn(d.name, reading(d.type, d.type).type, f"({d.sql})", quoted(d.name))
        for d in table.derived
    ]
    notes = [
        f"{table.name}.{wanted.name}: {'may be null' if actual.is_nullable else 'is never null'} "
        f"at the source, the contract says {'null' if wanted.is_nullable else 'not null'}"
        for wanted in table.columns
        if (actual := columns[wanted.name]).is_nullable != wanted.is_nullable
    ]
    for column in live.columns:
        if column.name in contract:
            continue
        if may_be_personal(table, column):
            notes.append(
                f"{table.name}.{column.name}: new at the source and not taken, since it may hold "
                "personal data; give it a policy in models/tables"
            )
        elif column.name.lower() in {*OWN_NAMES, *(c.name.lower() for c in read)} or (
            column.name.startswith("_")
        ):
            notes.append(f"{table.name}.{column.name}: new at the source, its name is taken")
        else:
            read.append(_kept(column, None))
    return TablePlan(table, live, tuple(read), tuple(notes))


def _kept(live: SourceColumn, wanted: Column | None) -> ReadColumn:
    how = reading(live.kind, live.declared)
    name = quoted(live.name)
    return ReadColumn(
        name=live.name,
        # a narrower integer is still kept as the contract's
        type="INTEGER" if wanted is not None and how.type == "SMALLINT" else how.type,
        remote=how.remote_sql(name),
        local=how.local_sql(name),
        source=live.name,
        exact=how.exact_sql(name),
        fits=how.fits_sql(name),
        is_wide=how.type in ("VARCHAR", "BLOB"),
    )


def _secret(column: Column) -> ReadColumn:
    """Hashed at the source, so that it never leaves; keyed here, so that the key never leaves."""
    name = quoted(column.name)
    hashed = f"{column.name}_hash"
    return ReadColumn(
        name=hashed,
        type="VARCHAR",
        remote=f"case when btrim({name}, {WHITE_SPACE}) <> '' "
        f"then encode(sha256(convert_to({name}, 'UTF8')), 'hex') end",
        local=f"sha256($hash_key || ':' || {quoted(hashed)})",
        source=column.name,
    )
