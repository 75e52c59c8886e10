"""What is read of each table: the live catalogue held against the contract, and the SQL of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.errors import SourceChanged, SourceUnavailable
from models.quoting import literal, quoted
from models.tables import TABLES, TABLES_BY_NAME, Column, Table
from pipelines.extract.layout import RawColumn
from pipelines.extract.types import Reading, is_accepted, reading

# Words of a column's name that announce personal data. A column that the contract does not know
# and that bears one stays at home until somebody gives it a policy in models/tables.py.
PERSONAL_WORDS = re.compile(
    r"(^|[^a-z])(e?mail|phone|mobile|address|street|city|zip|postcode|iban|card|password|token"
    r"|secret|birth|birthday|birthdate|dob|ip|devices?|message|notes?|comments?|avatar|photo"
    r"|latitude|longitude|passport)([^a-z]|$)"
    r"|(^|_)((first|last|full|family|given|nick|user|display|middle)_?)name$"
)
FIRST_NORMAL_XID = 3  # PostgreSQL's; a lesser xmin marks a row as frozen
OWN_NAMES = ("rowid",)  # DuckDB's for where a row lies
SOURCE = "src"  # the catalog under which the source is attached
WHITE_SPACE = r"E' \t\n\r\f\v'"
CHECK = "run `hypnomart schema check`, nothing was written"


@dataclass(frozen=True)
class LiveColumn:
    """A column as the catalogue gives it; `kind` without and `declared` with its precision."""

    name: str
    kind: str
    declared: str
    is_nullable: bool
    position: int
    definition: str = ""


@dataclass(frozen=True)
class LiveTable:
    """A table of schema public at the source; `unique_keys` as sorted tuples of columns; `instead`
    says what it is where it is none, such as a view."""

    name: str
    oid: int
    columns: tuple[LiveColumn, ...]
    may_select: bool = True
    hides_rows: bool = False
    has_parts: bool = False
    instead: str = ""
    unique_keys: frozenset[tuple[str, ...]] = frozenset()
    bytes: int = 0
    toast_bytes: int = 0


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
    live: LiveTable
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


def plan_tables(live: Iterable[LiveTable]) -> tuple[TablePlan, ...]:
    """The plans of all contract tables, in the contract's order.

    Raises SourceChanged or SourceUnavailable, naming everything that stands in the way.
    """
    found = {table.name: table for table in live}
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


def losses(table: Table, live: LiveTable | None) -> list[str]:
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


def plan_table(table: Table, live: LiveTable) -> TablePlan:
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
                "personal data; give it a policy in models/tables.py"
            )
        elif column.name.lower() in {*OWN_NAMES, *(c.name.lower() for c in read)} or (
            column.name.startswith("_")
        ):
            notes.append(f"{table.name}.{column.name}: new at the source, its name is taken")
        else:
            read.append(_kept(column, None))
    return TablePlan(table, live, tuple(read), tuple(notes))


def may_be_personal(table: Table, column: LiveColumn) -> bool:
    """Whether an unknown column could hold personal data, by its name or as a free document."""
    if PERSONAL_WORDS.search(column.name.lower()):
        return True
    has_personal = any(c.policy == "pii" for c in table.columns)
    return has_personal and column.kind in ("json", "jsonb", "bytea")


def _kept(live: LiveColumn, wanted: Column | None) -> ReadColumn:
    how: Reading = reading(live.kind, live.declared)
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


def unreadable_sql(columns: Sequence[ReadColumn]) -> str:
    """A PostgreSQL expression: `amount_paid=NaN, valid_on=infinity`, or null; empty if never."""
    guarded = [column for column in columns if column.exact]
    if not guarded:
        return ""
    every = " and ".join(f"({column.exact})" for column in guarded)
    each = ", ".join(
        f"case when not ({column.exact}) then "
        f"{literal(column.name + '=')} || left({quoted(column.source)}::text, 60) end"
        for column in guarded
    )
    return f"case when not ({every}) then concat_ws(', ', {each}) end"


def notes_sql(columns: Sequence[ReadColumn]) -> str:
    """A DuckDB expression for `_unreadable`: what the source noted, then `expires_at=infinity`."""
    noted = "_unreadable" if unreadable_sql(columns) else "null::VARCHAR"
    checked = [column for column in columns if column.fits]
    if not checked:
        return noted
    fit = " and ".join(f"coalesce({column.fits}, true)" for column in checked)
    each = ", ".join(
        f"case when not {column.fits} then {literal(column.name + '=')} || case "
        f"when isinf({quoted(column.name)}) then {quoted(column.name)}::VARCHAR "
        "else 'after the year 294246' end end"
        for column in checked
    )
    return f"case when {fit} then {noted} else concat_ws(', ', {noted}, {each}) end"


# In a json document (not jsonb) an escaped NUL or half a surrogate pair passes as text, and
# fails as soon as `->` unescapes it. Two backslashes before u0000 stay valid by this exchange.
SAFE_JSON = (
    r"(case when {c}::text ~ '\\u(0000|[dD][89a-fA-F])' then "
    r"regexp_replace({c}::text, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g') "
    r"else {c}::text end)::json"
)


def remote_select(plan: TablePlan, where: str = "") -> str:
    """PostgreSQL: the columns as they travel, `_unreadable`, and `_age` = age(xmin).

    age is a fifth cheaper than xmin::text::bigint and is undone by `xmin_sql`.
    """
    items = [f"{column.remote} as {quoted(column.name)}" for column in plan.columns]
    if unreadable := unreadable_sql(plan.columns):
        items.append(f"{unreadable} as _unreadable")
    items.append("age(xmin) as _age")
    body = f"from public.{quoted(plan.table.name)}" + (f" where {where}" if where else "")
    if plan.table.derived:
        documents = {c.name for c in plan.live.columns if c.kind in ("json", "jsonb")}
        inner = [
            f"{SAFE_JSON.replace('{c}', quoted(c.name))} as {quoted(c.name)}"
            if c.name in documents and c.name in {w.name for w in plan.table.columns}
            else quoted(c.name)
            for c in plan.live.columns
        ]
        inner += [
            f"{_digest(c)} as {quoted(f'_{c.name}_digest')}"
            for c in plan.live.columns
            if c.name in documents
        ]
        # offset 0 keeps the planner from unfolding the document once for each use
        body = f"from (select xmin, {', '.join(inner)} {body} offset 0) as t"
    return f"select {', '.join(items)} {body}"


def _digest(column: LiveColumn) -> str:
    """PostgreSQL: MD5 of a document as it was stored, which jsonb does not keep: null there."""
    return f"md5({quoted(column.name)}::text)" if column.kind == "json" else "null::text"


def xmin_sql(age: str, next_xid: int) -> str:
    """DuckDB: the 32-bit xmin from its age; the oldest stands for the frozen marker 2."""
    return f"case when {age} = 2147483647 then 2 else ({next_xid} - {age}) & 4294967295 end"


def age_sql(xmin: str, next_xid: int) -> str:
    """DuckDB: the age of a 32-bit xmin as PostgreSQL's age() gives it in this transaction."""
    signed = f"(({next_xid} - {xmin} + 2147483648) & 4294967295) - 2147483648"
    return f"case when {xmin} < {FIRST_NORMAL_XID} then 2147483647 else {signed} end"


def remote(query: str, source: str = SOURCE) -> str:
    """A DuckDB table function that runs a query inside the source's transaction."""
    return f"postgres_query({literal(source)}, {literal(query)})"


def local_select(plan: TablePlan, remote_query: str, next_xid: int, source: str = SOURCE) -> str:
    """DuckDB: rows as raw.* keeps them, with `_xmin` and `_unreadable` last. Binds $hash_key."""
    items = [f"{column.local}::{column.type} as {quoted(column.name)}" for column in plan.columns]
    items.append(f"({xmin_sql('_age', next_xid)})::BIGINT as _xmin")
    items.append(f"{notes_sql(plan.columns)} as _unreadable")
    return f"select {', '.join(items)} from {remote(remote_query, source)}"


def unknown_tables(live: Iterable[LiveTable]) -> list[str]:
    """Tables of the source that the contract does not know."""
    return sorted(t.name for t in live if t.name not in TABLES_BY_NAME and not t.instead)
