"""Which of the extracted rows a server has already, told by a hash that stands beside each."""

from __future__ import annotations

import duckdb
import psycopg

from models.quoting import literal, quoted
from pipelines.publication.native.shipped import Shipped
from pipelines.publication.targets.server import Row, rows
from pipelines.transform.content import word

HASH = "_row"  # the column of the hash there, which no model reads
STANDING = "select obj_description(to_regclass(%(name)s), 'pg_class') as form"
SUMS = "select count(*)::text || ' ' || coalesce(sum(_row), 0)::text as sums from"


def form_of(table: Shipped, erased: int) -> str:
    """A word that changes where the table there must be made anew: by its columns, by who hashes,
    and by how many people were erased, since a deleted row is still in the file of its table."""
    kinds = [(column.name, column.kind) for column in table.columns]
    return word(kinds, erased, duckdb.__version__)


def with_hashes(table: Shipped) -> str:
    """DuckDB: its rows as they are sent, the hash of each last."""
    sent = ", ".join(column.read for column in table.columns)
    signed = "(hash(t)::hugeint - 9223372036854775808)::bigint"
    return f"select *, {signed} as {HASH} from (select {sent} from {table.here}) as t"


def form_there(conn: psycopg.Connection[Row], place: str) -> str | None:
    """The form of a table at the server; none where it is not there."""
    return rows(conn, STANDING, name=place)[0]["form"]  # type: ignore[no-any-return]


def bring_up_to_date(
    con: duckdb.DuckDBPyConnection,
    table: Shipped,
    *,
    place: str,
    there: str,
    form: str,
    is_new: bool,
) -> int:
    """Send what the server, attached as `there`, lacks of a table, within the transaction of
    `con`, and delete what is no longer here; how many rows were sent."""
    select = with_hashes(table)
    if is_new:
        body = [f"{quoted(column.name)} {column.stored}" for column in table.columns]
        execute_there(
            con, there, statements=f"drop table if exists {place}; "
            f"create table {place} ({', '.join([*body, f'{HASH} bigint'])}); "
            f"comment on table {place} is {literal(form)}",
        )  # fmt: skip
        return _sent(con, f"insert into {there}.{place} {select}")
    asked = f"{SUMS} {place}"
    ((held,),) = con.execute(f"from postgres_query({literal(there)}, {literal(asked)})").fetchall()
    ((wanted,),) = con.execute(f"{SUMS} ({select})").fetchall()
    if held == wanted:
        return 0
    con.execute(
        f"create or replace temp table differing as "
        f"select {HASH}, count(*) filter (where is_here) as here, "
        f"count(*) filter (where not is_here) as there "
        f"from (select {HASH}, true as is_here from ({select}) "
        f"union all select {HASH}, false from {there}.{place}) "
        f"group by 1 having here <> there"
    )
    gone = f"{place.partition('.')[0]}.hypnomart_gone"
    execute_there(con, there, statements=f"create table {gone} ({HASH} bigint)")
    con.execute(f"insert into {there}.{gone} select {HASH} from differing where there > 0")
    execute_there(
        con,
        there,
        statements=f"delete from {place} as t using {gone} as g where t.{HASH} = g.{HASH}; "
        f"drop table {gone}",
    )
    return _sent(
        con, f"insert into {there}.{place} select * from ({select}) "
        f"where {HASH} in (select {HASH} from differing where here > 0)",
    )  # fmt: skip


def _sent(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    """How many rows an insertion sent."""
    return int(con.execute(statement).fetchall()[0][0])


def execute_there(con: duckdb.DuckDBPyConnection, there: str, *, statements: str) -> None:
    """Statements in the words of the server `there`, in the transaction that writes its rows."""
    con.execute(f"call postgres_execute({literal(there)}, {literal(statements)})")
