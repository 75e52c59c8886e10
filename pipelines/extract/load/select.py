"""The SQL that reads rows: PostgreSQL where a name starts with `remote_`, DuckDB otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from models.quoting import literal, quoted
from pipelines.extract.load.plan import ReadColumn, TablePlan
from pipelines.extract.source.ages import xmin_sql
from pipelines.extract.source.catalogue import SourceColumn
from pipelines.extract.source.connection import SOURCE, remote

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


def local_select(plan: TablePlan, remote_query: str, *, next_xid: int, source: str = SOURCE) -> str:
    """DuckDB: rows as raw.* keeps them, with `_xmin` and `_unreadable` last. Binds $hash_key."""
    items = [f"{column.local}::{column.type} as {quoted(column.name)}" for column in plan.columns]
    items.append(f"({xmin_sql('_age', next_xid)})::BIGINT as _xmin")
    items.append(f"{notes_sql(plan.columns)} as _unreadable")
    return f"select {', '.join(items)} from {remote(remote_query, source)}"


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


def _digest(column: SourceColumn) -> str:
    """PostgreSQL: MD5 of a document as it was stored, which jsonb does not keep: null there."""
    return f"md5({quoted(column.name)}::text)" if column.kind == "json" else "null::text"
