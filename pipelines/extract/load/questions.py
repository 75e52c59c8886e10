"""What the source is asked of a table's rows: how many, which, and where they lie. PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from models.quoting import literal, quoted
from models.tables import Table
from pipelines.extract.load.plan import TablePlan


def remote_audit(plan: TablePlan, *, changed: str = "") -> str:
    """One scan: rows, sum of ages, sums of money and credits, and where the changed rows lie."""
    columns = {column.name: column for column in plan.columns}
    items = ["count(*) as source_rows", "coalesce(sum(age(xmin)), 0)::bigint as ages"]
    items += [
        # nothing but absurd amounts in a widened column add up to more than the type holds
        f"(case when abs(coalesce(sum({columns[name].remote}), 0)) < 1e28 "
        f"then coalesce(sum({columns[name].remote}), 0) end)::numeric(38,9) "
        f"as {quoted(f'sum_{name}')}"
        for name in (column.name for column in plan.table.columns if column.is_summed)
    ]
    if changed:
        items.append(f"array_agg(ctid) filter (where {changed})::text as places")
    return f"select {', '.join(items)} from public.{quoted(plan.table.name)}"


def remote_estimate(plan: TablePlan, changed: str) -> str:
    """The number of changed rows, times 100 from one block in a hundred."""
    table = f"public.{quoted(plan.table.name)}"
    return f"select count(*) * 100 as rows from {table} tablesample system (1) where {changed}"


def remote_changed(age_of_watermark: int) -> str:
    """True of rows written by transactions that the last snapshot could not yet see.

    In signed arithmetic: rows written since the watermark are no older than it; a wrapped,
    older one is read again, none is missed.
    """
    return f"age(xmin) <= {age_of_watermark}"


def remote_keys(table: Table) -> str:
    """Every key with the age of its row."""
    keys = ", ".join(quoted(name) for name in table.key)
    return f"select {keys}, age(xmin)::bigint as _age from public.{quoted(table.name)}"


def remote_length(wide: Sequence[str]) -> str:
    """How long the documents and texts of a row are, unpacked."""
    return f"({' + '.join(f'coalesce(octet_length({quoted(n)}::text), 0)' for n in wide)})"


def remote_places(table: Table, length: str, *, where: str) -> str:
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


def remote_repeated_key(table: Table) -> str:
    """One key that the source holds more than once, or that has a null, if any."""
    names = ", ".join(quoted(name) for name in table.key)
    return (
        f"select {names} from public.{quoted(table.name)} group by {names} "
        f"having count(*) > 1 or num_nulls({names}) > 0 limit 1"
    )
