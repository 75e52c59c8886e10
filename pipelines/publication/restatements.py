"""restatements: what a publication changed in periods that the one before called complete.

They are carried from publication to publication, so that each published file knows all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from models.quoting import literal, quoted
from pipelines.transform.marts import RESTATEMENTS, Mart

NUMBERS = ("BIGINT", "INTEGER", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL")
DDL = """
create table main.restatements (
    run_id varchar, mart varchar, row_key varchar, measure varchar,
    old_value double, new_value double, previous_run_id varchar
)
"""
COMMENTS = {
    "run_id": "The run whose publication brought the new value.",
    "mart": "The mart that it stands in.",
    "row_key": "The key of its row, the columns in order with a comma between.",
    "measure": "The column.",
    "old_value": "What the publication before said, compared exactly; null where it had none.",
    "new_value": "What this one says; null where the row or the value is gone.",
    "previous_run_id": "The run whose publication said the old value.",
}
# A run that publishes twice restates what the publication before both said.
MERGED = """
insert into main.restatements by name
select carried.* from {carried} as carried
anti join fresh using (run_id, mart, row_key, measure)
union all by name
select
    f.run_id, f.mart, f.row_key, f.measure,
    case when c.run_id is null then f.old_value else c.old_value end as old_value,
    f.new_value,
    case when c.run_id is null then f.previous_run_id else c.previous_run_id end as previous_run_id
from fresh as f
left join {carried} as c
    on f.run_id = c.run_id and f.mart = c.mart and f.row_key = c.row_key and f.measure = c.measure
where
    case when c.run_id is null then f.old_value else c.old_value end is distinct from f.new_value
order by all
"""


def write_restatements(
    con: duckdb.DuckDBPyConnection, marts: Sequence[Mart], *, run_id: str, previous: str | None
) -> int:
    """Create main.restatements in the file that `con` writes; how many rows it holds.

    `previous`: the run of the publication before, attached as `previous`; none before the first.
    """
    con.execute(DDL)
    con.execute(f"comment on table main.restatements is {literal(RESTATEMENTS.answers)}")
    for column, text in COMMENTS.items():
        con.execute(f"comment on column main.restatements.{column} is {literal(text)}")
    if previous is None:
        return 0
    con.execute("create temp table fresh as from main.restatements")
    before = _columns(con, "previous")
    now = _columns(con, "main")
    for mart in marts:
        if sql := changes_sql(mart, before.get(mart.name, {}), now=now.get(mart.name, {})):
            names = {"run_id": run_id, "mart": mart.name, "previous_run_id": previous}
            con.execute(f"insert into fresh by name {sql}", names)
    carried = "previous.main.restatements" if "restatements" in before else "main.restatements"
    con.execute(MERGED.format(carried=carried))
    con.execute("drop table fresh")
    counted = con.execute("select count(*) from main.restatements").fetchone()
    return int(counted[0]) if counted else 0


def changes_sql(mart: Mart, before: dict[str, str], *, now: dict[str, str]) -> str | None:
    """Every number of a complete period that is another one now; none for a mart without periods.

    A row that was not there belongs to a complete period where others of that period were complete;
    one of an age, where such an age of a cohort as young had been reached.
    """
    needed = {*mart.key, "is_complete", *([mart.event_time] if mart.event_time else [])}
    skipped = needed | {*mart.moving}
    if not mart.key or not needed <= before.keys() & now.keys():
        return None
    measures = [
        name
        for name, kind in now.items()
        if name not in skipped and kind.startswith(NUMBERS) and before.get(name, "") != ""
    ]
    if not measures:
        return None
    key = " || ', ' || ".join(f"coalesce({quoted(name)}::varchar, '')" for name in mart.key)
    pairs = ", ".join(
        f"{{measure: {literal(name)}, old_value: try_cast(o.{quoted(name)} as decimal(38, 9)), "
        f"new_value: try_cast(n.{quoted(name)} as decimal(38, 9))}}"
        for name in measures
    )
    period = quoted(mart.event_time) if mart.event_time else "null"
    age = quoted(mart.age) if mart.age else "0"
    others = [quoted(name) for name in mart.key if name not in (mart.event_time, mart.age)]
    alike = "".join(f" and c.{name} is not distinct from n.{name}" for name in others)
    place = f"c.period >= n.period and c.age >= n.age{alike}" if mart.age else "c.period = n.period"
    # of each cohort its greatest age alone: one of 44 BC has 24,000, each compared with all others
    cohort = "".join(f", {name}" for name in others) if mart.age else ""
    return f"""
        with o as (select *, {key} as row_key from previous.main.{quoted(mart.name)}),
        n as (select *, {key} as row_key, {period} as period, {age} as age
            from main.{quoted(mart.name)}),
        complete as (select {period} as period, max({age}) as age{cohort} from o
            where is_complete group by all),
        compared as (
            select coalesce(o.row_key, n.row_key) as row_key, unnest([{pairs}]) as pair
            from o full join n on o.row_key = n.row_key
            where
                o.is_complete
                or (o.row_key is null and exists (select 1 from complete as c where {place}))
        )
        select
            $run_id as run_id, $mart as mart, row_key, pair.measure as measure,
            pair.old_value as old_value, pair.new_value as new_value,
            $previous_run_id as previous_run_id
        from compared
        where pair.old_value is distinct from pair.new_value
    """


def _columns(con: duckdb.DuckDBPyConnection, place: str) -> dict[str, dict[str, str]]:
    """Column names and types by table, of the published file before or of the new one."""
    where = "= 'previous'" if place == "previous" else "= current_database()"
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        f"where database_name {where} and schema_name = 'main' order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found
