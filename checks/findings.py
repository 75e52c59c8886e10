"""Faults of the source, row by row, with what each puts in doubt.

What a row shows by itself is a rule of a suite; what shows only among rows, tables or marts is a
model in dbt_project/models/quality/findings, whose rows are the faults. Both end in the temporary
table `found`, from which quality_findings is written.
"""

from __future__ import annotations

from decimal import Decimal

import duckdb

from checks.catalogue import KnownCheck
from checks.causes import Cause
from checks.expectations import Held
from checks.result import EVIDENCE, Outcome
from checks.suites.rule import Rule
from models.counting import counted
from models.quoting import literal
from models.tables import TABLES

# Facts of a row that is gone stay, but nobody can mend it there: only a missing price still shows.
OF_GONE_ROWS: tuple[Cause, ...] = ("price book is incomplete",)
# An amount is at stake wherever a finding is about a receipt; the receipt knows it. A row's money
# stands in the first finding about it alone, and test users have none, so that sums are right.
FILE_SQL = """
insert into found
select
    ?, ?, f.source_table, f.source_id, f.user_id, ?, coalesce(u.is_test, false), f.explanation,
    case
        when coalesce(u.is_test, false) or told.source_id is not null then 0
        else cast(coalesce(f.money_at_stake_usd, r.paid_usd) as decimal(18, 4))
    end
from ({sql}) as f
left join at_stake r on r.source_table = f.source_table and r.source_id = f.source_id
left join people u on u.user_id = f.user_id
left join (select distinct source_table, source_id from found where money_at_stake_usd > 0) told
    on told.source_table = f.source_table and told.source_id = f.source_id
left join gone g on g.source_table = f.source_table and g.source_id = f.source_id
where g.source_id is null or ?
qualify row_number() over (partition by f.source_table, f.source_id order by f.explanation) = 1
"""


EMPTY = {
    "at_stake": "select '' as source_table, uuid() as source_id, 0.0::decimal(18, 4) as paid_usd",
    "people": "select uuid() as user_id, false as is_test",
}
BUILT_SQL = "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = ?"


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create `found`, empty, `at_stake`: what each receipt says was paid, `people`: who is a
    test user, and `gone`: the rows that the source no longer has. The middle two are empty where
    their marts are not built."""
    con.execute(
        """
        create or replace temp table found (
            check_name varchar, severity varchar, source_table varchar, source_id uuid,
            user_id uuid, cause varchar, is_test boolean, explanation varchar,
            money_at_stake_usd decimal(18, 4)
        )
        """
    )
    for name, columns, mart in (
        ("at_stake", "source_table, source_id, paid_usd", "fct_receipts"),
        ("people", "user_id, is_test", "dim_users"),
    ):
        is_built = con.execute(BUILT_SQL, [mart]).fetchone()
        rows = f"select {columns} from marts.{mart}" if is_built else f"{EMPTY[name]} limit 0"
        con.execute(f"create or replace temp table {name} as {rows}")
    con.execute(f"create or replace temp table gone as {gone_sql()}")


def gone_sql() -> str:
    """One row per row of the source that was deleted and did not come back."""
    return "\nunion all\n".join(
        f"""
        select distinct '{table.name}' as source_table, p.{table.key[0]} as source_id
        from past.{table.name} p
        anti join raw.{table.name} r on r.{table.key[0]} = p.{table.key[0]}
        where p._op = 'delete'
        """
        for table in TABLES
        if table.has_history
    )


def rows_of_rule(rule: Rule, failing_rows_sql: str) -> str:
    """The failing rows of a rule of a suite in the shape of a finding."""
    text = literal(rule.explanation)
    explanation = f"concat({text}, ': ', {rule.column})" if rule.shows_value else text
    return f"""
        select
            source_table, source_id, user_id, {explanation} as explanation,
            cast(null as decimal(18, 4)) as money_at_stake_usd
        from ({failing_rows_sql})
    """


def explained(con: duckdb.DuckDBPyConnection, check: KnownCheck, *, held: Held) -> Outcome:
    """The outcome of a rule with evidence; its failing rows filed as findings."""
    if held.rule.relation == "contract_columns":
        rows = con.execute(held.failing_rows_sql).fetchall()
        evidence = tuple(f"raw.{table}.{column}: {state}" for table, column, state in rows)
        return Outcome("failed", "; ".join(evidence[:3]), len(rows), evidence)
    return file_findings(con, check, sql=rows_of_rule(held.rule, held.failing_rows_sql))


def file_findings(con: duckdb.DuckDBPyConnection, check: KnownCheck, *, sql: str) -> Outcome:
    """Add the rows of a query to `found`, one for each source row, and say how many they are."""
    name, of_gone = check.check_name, check.cause in OF_GONE_ROWS
    con.execute(FILE_SQL.format(sql=sql), [name, check.severity, check.cause, of_gone])
    totals = con.execute(
        "select count(*), sum(money_at_stake_usd) from found where check_name = ?", [name]
    ).fetchone()
    count, money = totals or (0, None)
    if not count:
        return Outcome("passed", "no row is at fault")
    keys = con.execute(
        "select source_table || ':' || source_id from found where check_name = ? "
        "order by money_at_stake_usd desc nulls last, 1 limit ?",
        [name, EVIDENCE],
    ).fetchall()
    return Outcome(
        "failed",
        f"{counted(count, 'row')} at fault",
        int(count),
        tuple(key for (key,) in keys),
        Decimal(money) if money is not None else None,
    )


def write_findings(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Write `found` into quality_findings."""
    con.execute(
        "insert into quality.quality_findings by name select ? as run_id, * from found", [run_id]
    )
