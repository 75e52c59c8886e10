"""SQL that turns rows read into raw.*, past.* and their agreement with the source.

PostgreSQL where a name starts with `remote_`, DuckDB otherwise. Temporary tables of one table's
turn: `incoming` (rows as read), `changed` (those that differ from raw), `keys`, `gone`.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.quoting import literal, quoted
from models.tables import Table
from pipelines.extract.layout import PAST_METADATA, RAW_METADATA, history_view_sql
from pipelines.extract.plan import TablePlan, age_sql, remote, xmin_sql

# Money and credits whose sums are compared with the warehouse.
SUMMED: dict[str, tuple[str, ...]] = {
    "ai_credit_purchases": ("credits_amount", "amount_paid"),
    "ai_usage": (
        "weekly_limit_credits",
        "weekly_used_credits",
        "bank_limit_credits",
        "bank_used_credits",
    ),
    "audio_usage": ("no_of_plays",),
    "referral_credits": ("amount",),
    "courses": ("price",),
}
TEMPORARY = ("incoming", "changed", "keys", "gone")


def remote_audit(plan: TablePlan, *, changed: str = "") -> str:
    """One scan: rows, sum of ages, sums of money and credits, and where the changed rows lie."""
    columns = {column.name: column for column in plan.columns}
    items = ["count(*) as source_rows", "coalesce(sum(age(xmin)), 0)::bigint as ages"]
    items += [
        # nothing but absurd amounts in a widened column add up to more than the type holds
        f"(case when abs(coalesce(sum({columns[name].remote}), 0)) < 1e28 "
        f"then coalesce(sum({columns[name].remote}), 0) end)::numeric(38,9) "
        f"as {quoted(f'sum_{name}')}"
        for name in SUMMED.get(plan.table.name, ())
    ]
    if changed:
        items.append(f"array_agg(ctid) filter (where {changed})::text as places")
    return f"select {', '.join(items)} from public.{quoted(plan.table.name)}"


def remote_estimate(plan: TablePlan, changed: str) -> str:
    """The number of changed rows, times 100 from one block in a hundred."""
    table = f"public.{quoted(plan.table.name)}"
    return f"select count(*) * 100 as rows from {table} tablesample system (1) where {changed}"


def remote_changed(age_of_mark: int) -> str:
    """True of rows written by transactions that the last snapshot could not yet see.

    The comparison is that of decision 4, in signed arithmetic: rows written since the mark are
    no older than it; a wrapped, older one is read again, none is missed.
    """
    return f"age(xmin) <= {age_of_mark}"


def remote_keys(table: Table) -> str:
    """Every key with the age of its row."""
    keys = ", ".join(quoted(name) for name in table.key)
    return f"select {keys}, age(xmin)::bigint as _age from public.{quoted(table.name)}"


def remote_length(wide: Sequence[str]) -> str:
    """How long the documents and texts of a row are, unpacked."""
    return f"({' + '.join(f'coalesce(octet_length({quoted(n)}::text), 0)' for n in wide)})"


def remote_places(table: Table, length: str, where: str) -> str:
    """Where rows lie for which a condition holds, and how long they are."""
    return (
        f"select trim(ctid::text, '()') as place, {length}::bigint as length "
        f"from public.{quoted(table.name)} where {where}"
    )


def among(names: Sequence[str], keys: Sequence[Sequence[object]]) -> str:
    """PostgreSQL: the condition that a row has one of these keys."""
    columns = ", ".join(quoted(name) for name in names)
    values = ", ".join(f"({', '.join(literal(str(value)) for value in key)})" for key in keys)
    return f"({columns}) in ({values})"


def held(table: Table) -> str:
    """Rows of raw.<table>, with sum, least and greatest of their xmins."""
    return (
        "select count(*), coalesce(sum(_xmin), 0), coalesce(min(_xmin), 0), "
        f"coalesce(max(_xmin), 0) from raw.{quoted(table.name)}"
    )


def ages(table: Table, next_xid: int) -> str:
    """Sum of the ages of raw.<table>, row by row: four times the work of `held`."""
    return f"select {_sum_of_ages('_xmin', next_xid)} from raw.{quoted(table.name)}"


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
    where = f"where rowid in ({known}{_same_key(plan.table, 'i', 'k')})" if few else ""
    return f"""create or replace temp table changed as
        select i.*, _r._row, _r as _old,  -- no column of the source may begin so
            case when _row is null then 'insert' when {differs} then 'update' end as _change,
            case when _change is null then _r._is_update else _change = 'update' end as _is_update,
            case when _change is null then _r._loaded_at else $as_of_at end as _loaded_at
        from incoming as i
        left join (select *, rowid as _row from {raw} {where}) as _r
            on {_same_key(plan.table, "i", "_r")}
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
    kept = [keep(plan.table, _columns(plan), replaced)]
    return [
        *(kept if plan.table.has_history else []),
        f"delete from {raw} where rowid in (select _row from changed)",
        f"insert into {raw} ({names}) select {names} from changed",
    ]


def keep(table: Table, columns: Sequence[str], rows: str) -> str:
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
    same = f"{_same_key(table, 'k', 'r')} and k._xmin = r._xmin"
    return (
        f"select {names}, k._xmin from keys as k anti join raw.{quoted(table.name)} as r on {same}"
    )


def gone(table: Table) -> str:
    """Keys of raw.<table> that `keys` does not hold."""
    names = ", ".join(f"r.{quoted(name)}" for name in table.key)
    return (
        f"create or replace temp table gone as select {names} from raw.{quoted(table.name)} as r "
        f"anti join keys as k on {_same_key(table, 'k', 'r')}"
    )


def bury(plan: TablePlan) -> list[str]:
    """Take the rows in `gone` out of raw.<table>; into past.<table> go their last versions, and
    for each a tombstone that repeats its values."""
    raw = f"raw.{quoted(plan.table.name)}"
    names = _names(plan, "_unreadable")
    lost = f"(select r.* from {raw} as r semi join gone as k on {_same_key(plan.table, 'k', 'r')})"
    tombstones = (
        f"insert into past.{quoted(plan.table.name)} ({names}, _op, _seen_at) "
        f"select {names}, 'delete', $as_of_at from {lost}"
    )
    kept = [keep(plan.table, _columns(plan), lost), tombstones]
    same = _same_key(plan.table, "k", "r")
    return [
        *(kept if plan.table.has_history else []),
        f"delete from {raw} as r using gone as k where {same}",
    ]


def remote_repeated_key(table: Table) -> str:
    """One key that the source holds more than once, or that has a null, if any."""
    names = ", ".join(quoted(name) for name in table.key)
    return (
        f"select {names} from public.{quoted(table.name)} group by {names} "
        f"having count(*) > 1 or num_nulls({names}) > 0 limit 1"
    )


def layout_changes(
    plan: TablePlan, existing: dict[str, dict[str, str]]
) -> tuple[list[str], list[str]]:
    """Statements that fit raw.<table> and past.<table> to the plan, and what to report.

    `existing`: schema to column to DuckDB type, as the file has them. Before raw.<table> loses a
    column or its type, the versions that it holds go into past.<table> as they are.
    """
    name = plan.table.name
    wanted = {column.name: column.type for column in plan.raw}
    metadata = {column for column, _ in (*RAW_METADATA, *PAST_METADATA)}
    # DuckDB tells no cases apart: a column renamed from Tier to tier is the one it has
    raw, past = _by_lower_name(existing["raw"]), _by_lower_name(existing.get("past", {}))
    lower = {column.lower() for column in wanted}
    new = [column for column in wanted if column.lower() not in raw]
    other = [c for c in wanted if c.lower() in raw and raw[c.lower()] != wanted[c]]
    lost = sorted(c for c in existing["raw"] if c.lower() not in lower | metadata)
    settles = plan.table.has_history and bool(other or lost)
    statements = []
    if plan.table.has_history:
        kinds = {c: _wider(past.get(c.lower(), kind), kind) for c, kind in wanted.items()}
        statements += [
            _add(f"past.{quoted(name)}", column, kind)
            if column.lower() not in past
            else _retype(f"past.{quoted(name)}", column, kind)
            for column, kind in kinds.items()
            if past.get(column.lower()) != kind
        ]
        if settles:
            held = [column for column in existing["raw"] if column not in metadata]
            statements.append(keep(plan.table, held, f"raw.{quoted(name)}"))
    target = f"raw.{quoted(name)}"
    statements += [_add(target, column, wanted[column]) for column in new]
    statements += [_retype(target, column, wanted[column]) for column in other]
    statements += [f"alter table {target} drop column {quoted(column)}" for column in lost]
    if settles:  # after the changes: DuckDB refuses to alter what a transaction has written
        statements.append(f"update {target} set _is_update = null")
    notes = [f"{name}.{column}: new at the source, taken along" for column in new]
    notes += [
        f"{name}.{column}: now {wanted[column]}, was {raw[column.lower()]}" for column in other
    ]
    notes += [f"{name}.{column}: gone from the source, kept in history only" for column in lost]
    if statements and plan.table.has_history:
        statements.append(history_view_sql(plan.table))
    return statements, notes


def _by_lower_name(columns: dict[str, str]) -> dict[str, str]:
    return {name.lower(): kind for name, kind in columns.items()}


def _add(target: str, column: str, kind: str) -> str:
    return f"alter table {target} add column {quoted(column)} {kind}"


def _retype(target: str, column: str, kind: str) -> str:
    return (
        f"alter table {target} alter column {quoted(column)} set data type {kind} "
        f"using try_cast({quoted(column)} as {kind})"
    )


WIDENING = ("SMALLINT", "INTEGER", "BIGINT")


def _wider(before: str, now: str) -> str:
    """A type that holds the values of both: of integers the wider one, else text."""
    if before in WIDENING and now in WIDENING:
        return max(before, now, key=WIDENING.index)
    return now if before == now else "VARCHAR"


def _sum_of_ages(xmin: str, next_xid: int) -> str:
    return f"coalesce(sum({age_sql(xmin, next_xid)}), 0)::BIGINT"


def _columns(plan: TablePlan) -> list[str]:
    return [column.name for column in plan.columns]


def _names(plan: TablePlan, *metadata: str) -> str:
    return ", ".join(map(quoted, (*_columns(plan), *metadata)))


def _same_key(table: Table, left: str, right: str) -> str:
    return " and ".join(f"{left}.{quoted(name)} = {right}.{quoted(name)}" for name in table.key)
