"""SQL that turns rows read into raw.*, history.* and their agreement with the source.

PostgreSQL where a name starts with `remote_`, DuckDB otherwise. Temporary tables of one table's
turn: `incoming` (rows as read), `changed` (those that differ from raw), `keys`, `gone`.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.tables import Table
from pipelines.extract.layout import HISTORY_METADATA, RAW_METADATA
from pipelines.extract.plan import TablePlan, age_sql, literal, quoted, remote, xmin_sql

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
TEMPORARY = ("incoming", "changed", "keys", "gone", "hidden")


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


def remote_lengths(table: Table, wide: Sequence[str], where: str) -> str:
    """Where each row lies and how long its documents are, unpacked."""
    length = " + ".join(f"coalesce(octet_length({quoted(name)}::text), 0)" for name in wide)
    condition = f" where {where}" if where else ""
    return (
        f"select trim(ctid::text, '()') as place, ({length})::bigint as length "
        f"from public.{quoted(table.name)}{condition}"
    )


def among(names: Sequence[str], keys: Sequence[Sequence[object]]) -> str:
    """PostgreSQL: the condition that a row has one of these keys."""
    columns = ", ".join(quoted(name) for name in names)
    values = ", ".join(f"({', '.join(literal(str(value)) for value in key)})" for key in keys)
    return f"({columns}) in ({values})"


def audit(table: Table, next_xid: int) -> str:
    """Rows and sum of ages of raw.<table>, to be equal to those of the source."""
    ages = f"coalesce(sum({age_sql('_xmin', next_xid)}), 0)::BIGINT"
    return f"select count(*), {ages} from raw.{quoted(table.name)}"


def suppressed(table: Table, next_xid: int) -> str:
    """Remembered rows of erased people at the source: number and sum of ages."""
    return (
        f"select count(*), coalesce(sum({age_sql('xmin', next_xid)}), 0)::BIGINT "
        f"from meta.suppressed_rows where table_name = {literal(table.name)}"
    )


def load_first(plan: TablePlan, select: str) -> str:
    """Into an empty raw.<table> directly."""
    names = _names(plan, "_xmin", "_unreadable")
    return (
        f"insert into raw.{quoted(plan.table.name)} ({names}, _run_id, _loaded_at) "
        f"select *, $run_id, $as_of_at from ({select})"
    )


def all_versions(plan: TablePlan) -> str:
    """The first version of every row of raw.<table>."""
    names = _names(plan, "_unreadable")
    return (
        f"insert into history.{quoted(plan.table.name)} ({names}, _op, _seen_at, _run_id) "
        f"select {names}, 'insert', $as_of_at, $run_id from raw.{quoted(plan.table.name)}"
    )


def incoming(select: str) -> str:
    """Rows as read, kept aside for comparison."""
    return f"create or replace temp table incoming as {select}"


def changed(plan: TablePlan) -> str:
    """Of `incoming`, what raw.<table> does not hold so; `_op` is null where only xmin differs."""
    differs = " or ".join(
        f"i.{quoted(name)} is distinct from r.{quoted(name)}"
        for name in (*(column.name for column in plan.columns), "_unreadable")
    )
    is_new = f"r.{quoted(plan.table.key[0])} is null"
    return f"""create or replace temp table changed as
        select i.*, case when {is_new} then 'insert' when {differs} then 'update' end as _op
        from incoming as i
        left join raw.{quoted(plan.table.name)} as r on {_same_key(plan.table, "i", "r")}
        where {is_new} or i._xmin <> r._xmin or {differs}"""


def add_versions(plan: TablePlan) -> str:
    """Every changed row as a new version."""
    names = _names(plan, "_unreadable")
    return (
        f"insert into history.{quoted(plan.table.name)} ({names}, _op, _seen_at, _run_id) "
        f"select {names}, _op, $as_of_at, $run_id from changed where _op is not null"
    )


def replace_changed(plan: TablePlan) -> tuple[str, str]:
    """Take the old rows out of raw.<table>, put the new ones in."""
    raw = f"raw.{quoted(plan.table.name)}"
    names = _names(plan, "_xmin", "_unreadable")
    return (
        f"delete from {raw} as r using changed as i where {_same_key(plan.table, 'i', 'r')}",
        f"insert into {raw} ({names}, _run_id, _loaded_at) "
        f"select {names}, $run_id, $as_of_at from changed",
    )


def keys(table: Table, next_xid: int) -> str:
    """Every (key, xmin) of the source."""
    names = ", ".join(quoted(name) for name in table.key)
    return (
        f"create or replace temp table keys as select {names}, "
        f"({xmin_sql('_age', next_xid)})::BIGINT as _xmin from {remote(remote_keys(table))}"
    )


def stale(table: Table) -> str:
    """Keys of the source whose row raw.<table> does not hold in that version."""
    names = ", ".join(f"k.{quoted(name)}" for name in table.key)
    same = f"{_same_key(table, 'k', 'r')} and k._xmin = r._xmin"
    return (
        f"select {names}, k._xmin from keys as k anti join raw.{quoted(table.name)} as r on {same}"
    )


def gone(table: Table, among_table: str) -> str:
    """Keys of raw.<table> that `among_table` (keys or incoming) does not hold."""
    names = ", ".join(f"r.{quoted(name)}" for name in table.key)
    return (
        f"create or replace temp table gone as select {names} from raw.{quoted(table.name)} as r "
        f"anti join {among_table} as k on {_same_key(table, 'k', 'r')}"
    )


def add_tombstones(plan: TablePlan) -> str:
    """A version of every row that is gone, with the values seen last."""
    names = _names(plan, "_unreadable")
    values = _names(plan, "_unreadable", prefix="r.")
    return (
        f"insert into history.{quoted(plan.table.name)} ({names}, _op, _seen_at, _run_id) "
        f"select {values}, 'delete', $as_of_at, $run_id from raw.{quoted(plan.table.name)} as r "
        f"semi join gone as k on {_same_key(plan.table, 'k', 'r')}"
    )


def remove_gone(table: Table) -> str:
    """Take the rows that are gone out of raw.<table>."""
    same = _same_key(table, "k", "r")
    return f"delete from raw.{quoted(table.name)} as r using gone as k where {same}"


def remote_repeated_key(table: Table) -> str:
    """One key that the source holds more than once, if any."""
    names = ", ".join(quoted(name) for name in table.key)
    return (
        f"select {names} from public.{quoted(table.name)} group by {names} "
        "having count(*) > 1 limit 1"
    )


def layout_changes(
    plan: TablePlan, existing: dict[str, dict[str, str]]
) -> tuple[list[str], list[str]]:
    """Statements that fit raw.<table> and history.<table> to the plan, and what to report.

    `existing`: schema to column to DuckDB type, as the file has them.
    """
    statements, notes = [], []
    wanted = {column.name: column for column in plan.raw}
    metadata = {name for name, _ in (*RAW_METADATA, *HISTORY_METADATA)}
    schemas = ("raw", "history") if plan.table.has_history else ("raw",)
    for schema in schemas:
        target = f"{schema}.{quoted(plan.table.name)}"
        present = existing[schema]
        for name, column in wanted.items():
            if name not in present:
                statements.append(f"alter table {target} add column {quoted(name)} {column.type}")
                if schema == "raw":
                    notes.append(f"{plan.table.name}.{name}: new at the source, taken along")
                continue
            is_raw = schema == "raw"
            kind = column.type if is_raw else _wider(present[name], column.type)
            if present[name] != kind:
                if is_raw:
                    notes.append(f"{plan.table.name}.{name}: now {kind}, was {present[name]}")
                statements.append(
                    f"alter table {target} alter column {quoted(name)} set data type {kind} "
                    f"using try_cast({quoted(name)} as {kind})"
                )
        if schema == "raw":
            for name in sorted(present.keys() - wanted.keys() - metadata):
                statements.append(f"alter table {target} drop column {quoted(name)}")
                notes.append(
                    f"{plan.table.name}.{name}: gone from the source, kept in history only"
                )
    return statements, notes


WIDENING = ("SMALLINT", "INTEGER", "BIGINT")


def _wider(before: str, now: str) -> str:
    """A type that holds the values of both: of integers the wider one, else text."""
    if before in WIDENING and now in WIDENING:
        return max(before, now, key=WIDENING.index)
    return now if before == now else "VARCHAR"


def _names(plan: TablePlan, *metadata: str, prefix: str = "") -> str:
    names = [*(column.name for column in plan.columns), *metadata]
    return ", ".join(f"{prefix}{quoted(name)}" for name in names)


def _same_key(table: Table, left: str, right: str) -> str:
    return " and ".join(f"{left}.{quoted(name)} = {right}.{quoted(name)}" for name in table.key)
