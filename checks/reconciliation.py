"""Source against warehouse: what must agree to the row and the cent, how old it may be, how much of
it may be in doubt. That marts agree with each other is a data test of the dbt project.

`meta.source_totals` (run_id, table_name, measure, value) holds what the source counted within the
snapshot of the extraction: `rows`, and `sum_<column>` for amounts.
"""

from __future__ import annotations

from decimal import Decimal

import duckdb

from checks.result import EVIDENCE, Outcome
from models.counting import counted
from models.tables import TABLES_BY_NAME, Table


def breaking_rows(con: duckdb.DuckDBPyConnection, sql: str) -> Outcome:
    """The outcome of a rule whose breaks are rows: passed if there is none."""
    row = con.execute(f"select count(*) from ({sql})").fetchone()
    count = row[0] if row else 0
    if not count:
        return Outcome("passed", "nothing breaks it")
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    rows = [
        ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
        for row in cursor.fetchmany(EVIDENCE)
    ]
    observed = rows[0] if count == 1 else f"{count:,} break it"
    return Outcome("failed", observed, int(count), tuple(rows))


def table_agrees(con: duckdb.DuckDBPyConnection, table: Table) -> Outcome:
    """Rows and sums of a raw table against what the source said in the newest extraction.

    Raises LookupError if the extraction left no totals for the table.
    """
    totals = dict(
        con.execute(
            """
            select measure, cast(value as decimal(38, 9)) from meta.source_totals
            where
                table_name = ?
                and run_id = (
                    select run_id from meta.run_manifest order by as_of_at desc, run_id desc limit 1
                )
            """,
            [table.name],
        ).fetchall()
    )
    if "rows" not in totals:
        raise LookupError(f"meta.source_totals holds no rows for {table.name} in the newest run")
    differences, failing = [], 0
    for measure, expected in sorted(totals.items()):
        found = _measured(con, table, measure=measure)
        if found != expected:
            there, here = expected.normalize(), found.normalize()
            differences.append(f"{measure}: {there:f} there, {here:f} here")
            failing += int(abs(found - expected)) if measure == "rows" else 1
    if differences:
        return Outcome("failed", "; ".join(differences), max(failing, 1), tuple(differences))
    sums = counted(len(totals) - 1, "sum")
    return Outcome("passed", f"{counted(int(totals['rows']), 'row')}: count and {sums} agree")


def _measured(con: duckdb.DuckDBPyConnection, table: Table, *, measure: str) -> Decimal:
    """`rows` or `sum_<column>` of a raw table; the column must be one of the contract's."""
    if measure == "rows":
        expression = "count(*)"
    else:
        column = measure.removeprefix("sum_")
        known = {c.name for c in TABLES_BY_NAME[table.name].columns}
        if column not in known:
            raise LookupError(f"meta.source_totals names {measure}, which {table.name} has not")
        expression = f'coalesce(sum("{column}"), 0)'
    sql = f'select cast({expression} as decimal(38, 9)) from raw."{table.name}"'
    row = con.execute(sql).fetchone()
    return Decimal(row[0]) if row else Decimal(0)
