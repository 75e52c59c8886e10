"""The SQL that turns rows read into raw.* and past.*. DuckDB.

Temporary tables of one table's load: `incoming` (rows as read), `changed` (those that differ from
raw), `keys`, `gone`.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.quoting import quoted
from models.tables import Table
from pipelines.extract.load.plan import TablePlan
from pipelines.extract.load.questions import remote_keys
from pipelines.extract.source.ages import age_sql, xmin_sql
from pipelines.extract.source.connection import remote

TEMPORARY = ("incoming", "changed", "keys", "gone")


def checksum(table: Table) -> str:
    """Rows of raw.<table>, with sum, least and greatest of their xmins."""
    return (
        "select count(*), coalesce(sum(_xmin), 0), coalesce(min(_xmin), 0), "
        f"coalesce(max(_xmin), 0) from raw.{quoted(table.name)}"
    )


def ages(table: Table, next_xid: int) -> str:
    """Sum of the ages of raw.<table>, row by row: four times the work of `checksum`."""
    total = f"coalesce(sum({age_sql('_xmin', next_xid)}), 0)::BIGINT"
    return f"select {total} from raw.{quoted(table.name)}"


def load_first(plan: TablePlan, select: str) -> str:
    """Into an empty raw.<table> directly."""
    names = _names(plan, "_xmin", "_unreadable")
    return (
        f"insert into raw.{quoted(plan.table.name)} ({names}, _is_update, _loaded_at) "
        f"select *, false, $as_of_at from ({select})"
    )


def incoming(select: str) -> str:
    """Rows as read, kept aside for comparison."""
    return f"create or replace temp table incoming as {select}"


def changed(plan: TablePlan, *, few: bool) -> str:
    """Of `incoming`, what raw.<table> does not hold so: `_row` is where it holds the row, `_change`
    is null where only xmin differs; then the version and what is known of it stay. `_old` is the
    row as raw holds it. With `few`, keys are read first, other columns only where one is found.
    """
    raw = f"raw.{quoted(plan.table.name)}"
    differs = " or ".join(
        f"i.{quoted(name)} is distinct from _r.{quoted(name)}"
        for name in (*_columns(plan), "_unreadable")
    )
    known = f"select k.rowid from {raw} as k semi join incoming as i on "
    where = f"where rowid in ({known}{_same_key(plan.table, 'i', right='k')})" if few else ""
    return f"""create or replace temp table changed as
        select i.*, _r._row, _r as _old,  -- no column of the source may begin so
            case when _row is null then 'insert' when {differs} then 'update' end as _change,
            case when _change is null then _r._is_update else _change = 'update' end as _is_update,
            case when _change is null then _r._loaded_at else $as_of_at end as _loaded_at
        from incoming as i
        left join (select *, rowid as _row from {raw} {where}) as _r
            on {_same_key(plan.table, "i", right="_r")}
        where _row is null or i._xmin <> _r._xmin or {differs}"""


def moved() -> str:
    """Of `changed`: new versions; rows, sum, least and greatest of the xmins that raw.<table> gets;
    rows and sum of those that it loses."""
    return (
        "select count(_change), count(*), coalesce(sum(_xmin), 0), coalesce(min(_xmin), 0), "
        "coalesce(max(_xmin), 0), count(_row), coalesce(sum(_old._xmin), 0) from changed"
    )


def replace_changed(plan: TablePlan) -> list[str]:
    """Take the old rows out of raw.<table>, into past.<table> where they say something else."""
    raw = f"raw.{quoted(plan.table.name)}"
    names = _names(plan, "_xmin", "_unreadable", "_is_update", "_loaded_at")
    replaced = "(select unnest(_old) from changed where _change = 'update')"
    kept = [keep(plan.table, _columns(plan), rows=replaced)]
    return [
        *(kept if plan.table.has_history else []),
        f"delete from {raw} where rowid in (select _row from changed)",
        f"insert into {raw} ({names}) select {names} from changed",
    ]


def keep(table: Table, columns: Sequence[str], *, rows: str) -> str:
    """Rows of raw.<table> into past.<table>, unless that holds their versions already."""
    names = ", ".join(map(quoted, columns))
    return (
        f"insert into past.{quoted(table.name)} ({names}, _unreadable, _op, _seen_at) "
        f"select {names}, _unreadable, case when _is_update then 'update' else 'insert' end, "
        f"_loaded_at from {rows} where _is_update is not null"
    )


def keys(table: Table, next_xid: int) -> str:
    """Every (key, xmin) of the source."""
    names = ", ".join(quoted(name) for name in table.key)
    return (
        f"create or replace temp table keys as select {names}, "
        f"({xmin_sql('_age', next_xid)})::BIGINT as _xmin from {remote(remote_keys(table))}"
    )


def keys_read(table: Table, *, anew: bool) -> str:
    """Every (key, xmin) of `incoming` into `keys`, instead of what that held or beside it."""
    names = ", ".join(quoted(name) for name in table.key)
    into = "create or replace temp table keys as" if anew else "insert into keys"
    return f"{into} select {names}, _xmin from incoming"


def stale(table: Table) -> str:
    """Keys of the source whose row raw.<table> does not hold in that version."""
    names = ", ".join(f"k.{quoted(name)}" for name in table.key)
    same = f"{_same_key(table, 'k', right='r')} and k._xmin = r._xmin"
    return (
        f"select {names}, k._xmin from keys as k anti join raw.{quoted(table.name)} as r on {same}"
    )


def gone(table: Table) -> str:
    """Keys of raw.<table> that `keys` does not hold."""
    names = ", ".join(f"r.{quoted(name)}" for name in table.key)
    return (
        f"create or replace temp table gone as select {names} from raw.{quoted(table.name)} as r "
        f"anti join keys as k on {_same_key(table, 'k', right='r')}"
    )


def bury(plan: TablePlan) -> list[str]:
    """Take the rows in `gone` out of raw.<table>; into past.<table> go their last versions, and
    for each a tombstone that repeats its values."""
    raw = f"raw.{quoted(plan.table.name)}"
    names = _names(plan, "_unreadable")
    same = _same_key(plan.table, "k", right="r")
    lost = f"(select r.* from {raw} as r semi join gone as k on {same})"
    tombstones = (
        f"insert into past.{quoted(plan.table.name)} ({names}, _op, _seen_at) "
        f"select {names}, 'delete', $as_of_at from {lost}"
    )
    kept = [keep(plan.table, _columns(plan), rows=lost), tombstones]
    same = _same_key(plan.table, "k", right="r")
    return [
        *(kept if plan.table.has_history else []),
        f"delete from {raw} as r using gone as k where {same}",
    ]


def _columns(plan: TablePlan) -> list[str]:
    return [column.name for column in plan.columns]


def _names(plan: TablePlan, *metadata: str) -> str:
    return ", ".join(map(quoted, (*_columns(plan), *metadata)))


def _same_key(table: Table, left: str, *, right: str) -> str:
    return " and ".join(f"{left}.{quoted(name)} = {right}.{quoted(name)}" for name in table.key)
