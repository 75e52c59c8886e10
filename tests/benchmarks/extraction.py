"""How near the extraction is to what the wire allows: ratios measured in one run.

    python -m tests.benchmarks.extraction [--users 100000] [--repeat 3] [--growth 1,10,30]

A server of its own with a simulated business of two years, about 15 rows for each user in 21
tables; `--source URL` takes one that `hypnomart simulate` has filled (it is written to). The floor
is `COPY (SELECT ...) TO STDOUT (FORMAT binary)` by psql to /dev/null, table after table: of the
bare columns, and of what the extraction asks for, which adds each row's age and guards numbers.
Of repeated times the least counts, since other work on the machine only ever adds. `--growth`
measures one table of so many million rows instead.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from models.apply import apply_schema
from models.quoting import quoted
from models.simulation import simulate
from models.tables import TABLES, TABLES_BY_NAME, Column, Table
from pipelines.base.embedded import start_server, stop_server, wheel_programs
from pipelines.base.settings import Settings
from pipelines.extract.load.plan import TablePlan, plan_tables
from pipelines.extract.load.select import remote_select
from pipelines.extract.run import extract
from pipelines.extract.source.catalogue import read_tables
from pipelines.extract.source.connection import attached, connection_string
from pipelines.extract.state.working_file import open_warehouse
from tests.warehouse import settings_at


def expression(table: Table, column: Column) -> str:
    """PostgreSQL: a plausible value of the column in row g."""
    kind = column.type.split("(")[0]
    is_unique = any(column.name in names for names in table.unique)
    return {
        "uuid": "gen_random_uuid()",
        "integer": "(g % 10000)::integer",
        "numeric": "(g % 1000) / 100.0",
        "boolean": "g % 2 = 0",
        "timestamptz": "timestamptz '2025-01-01' + g * interval '7 seconds'",
        "json": """'{"audio_files": ["a", "b"], "title": "calm"}'::json""",
        "jsonb": """'{"request": "sync"}'::jsonb""",
        "text": f"'{column.name}' || "
        + ("g" if is_unique or column.policy == "secret" else "(g % 500)"),
    }[kind]


def generate(url: str, table: Table, first: int, last: int) -> None:
    """Rows `first` to `last` of a table, in that order; foreign keys set aside, other indexes left
    out, the key made last, which is several times faster than row by row."""
    key = ", ".join(table.key)
    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(expression(table, column) for column in table.columns)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        for (name,) in conn.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype in "
            "('p', 'u')",
            [table.name],
        ).fetchall():
            conn.execute(f"alter table {table.name} drop constraint {quoted(name)}")
        for (name,) in conn.execute(
            "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass",
            [table.name],
        ).fetchall():
            conn.execute(f"drop index {name}")
        conn.execute(
            f"insert into {table.name} ({names}) select {values} "
            f"from generate_series({first}, {last}) g"
        )
        conn.execute(f"alter table {table.name} add primary key ({key})")
        conn.execute(f"vacuum analyze {table.name}")
        conn.execute("checkpoint")


SCATTERED = "{key} in (select {key} from {table} tablesample bernoulli (0.1))"
TOGETHER = (
    "ctid >= (select format('(%s,0)', floor(0.999 * pg_relation_size('{table}') / "
    "current_setting('block_size')::integer))::tid)"
)


def change(url: str, which: str) -> None:
    """Touch one row in a thousand of every table: wherever they lie, or the last of each file,
    as new rows are."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        for table in TABLES:
            (key,) = table.key
            conn.execute(
                f"update {table.name} set {key} = {key} where "
                + which.format(key=key, table=table.name)
            )


def plans(url: str, folder: Path) -> tuple[TablePlan, ...]:
    con = open_warehouse(folder / "plans.duckdb")
    with attached(con, connection_string(url)):
        found = plan_tables(read_tables(con))
    con.close()
    return found


def bare_select(plan: TablePlan) -> str:
    """The columns that raw.<table> has, nothing else: kept ones as they are stored."""
    kept = {column.name for column in plan.table.columns if column.policy == "keep"}
    items = [
        quoted(column.name) if column.name in kept else f"{column.remote} as {quoted(column.name)}"
        for column in plan.columns
    ]
    return f"select {', '.join(items)} from public.{quoted(plan.table.name)}"


def floor(url: str, folder: Path, select: Callable[[TablePlan], str]) -> Callable[[], None]:
    """COPY of a select of each table to nowhere, over one connection."""
    script = folder / f"{select.__name__}.sql"
    script.write_text(
        "".join(
            f"copy ({select(plan)}) to stdout (format binary);".replace("\n", " ") + "\n"
            for plan in plans(url, folder)
        )
    )
    psql = str(wheel_programs() / "psql")

    def copy() -> None:
        with Path("/dev/null").open("wb") as nowhere:
            subprocess.run([psql, "-q", "-f", str(script), url], stdout=nowhere, check=True)

    return copy


def write_elsewhere(url: str) -> None:
    """A transaction that changes none of the tables, as there always are on a server in use."""
    with psycopg.connect(url) as conn:
        conn.execute("select pg_current_xact_id()")


def least(times: int, work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    """Seconds of the fastest of several times; `before` each is not counted."""
    found = []
    for _ in range(times):
        before()
        clock = time.monotonic()
        work()
        found.append(time.monotonic() - clock)
    return min(found)


def seconds_of(settings: Settings, url: str, **options: bool) -> Callable[[], object]:
    """One extraction, to be timed."""
    return lambda: extract(
        settings, source_url=url, run_id="bench", progress=lambda _: None, **options
    )


def measure(url: str, folder: Path, repeat: int) -> None:
    """The table of ratios of a filled source."""
    settings = settings_at(folder)
    refresh = seconds_of(settings, url)
    # the first bound value makes DuckDB import pandas and numpy, once in a process
    duckdb.connect().execute("select ?", [1])
    bare = least(repeat, floor(url, folder, bare_select))
    asked = least(repeat, floor(url, folder, remote_select))
    full = least(repeat, refresh, lambda: settings.warehouse.unlink(missing_ok=True))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        ((rows,),) = con.execute("select sum(source_rows) from meta.run_manifest").fetchall()
    size = settings.warehouse.stat().st_size / 1e6
    unwritten = least(repeat, refresh)
    nothing = least(repeat, refresh, lambda: write_elsewhere(url))
    scattered = least(repeat, refresh, lambda: change(url, SCATTERED))
    together = least(repeat, refresh, lambda: change(url, TOGETHER))
    again = least(1, seconds_of(settings, url, full_refresh=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:,} rows in 21 tables, best of {repeat}; a working file of {size:,.0f} MB")
    print("| what | seconds | ratio | limit |\n| --- | --- | --- | --- |")
    print(f"| COPY binary to nowhere, bare columns | {bare:.2f} | | |")
    print(f"| COPY binary to nowhere, as asked for | {asked:.2f} | | |")
    print(f"| first extraction | {full:.2f} | {full / asked:.2f} of COPY as asked for | 1.3 |")
    print(f"| | | {full / bare:.2f} of COPY of bare columns | |")
    for where, none in (("at the source", unwritten), ("in these tables", nothing)):
        ratio = f"{none / full:.3f} of the first"
        print(f"| nothing changed {where} | {none:.2f} | {ratio} | 0.10 |")
    for where, little in (("scattered", scattered), ("together", together)):
        print(f"| 0.1 % changed, {where} | {little:.2f} | {little / full:.3f} of it | 0.15 |")
    print(f"| full refresh of what is there | {again:.2f} | {again / full:.2f} of the first | |")
    print(f"largest memory of the process: {memory:,.0f} MB")


def growth(url: str, folder: Path, repeat: int, millions: list[int]) -> None:
    """Rows per second of one table at growing sizes."""
    duckdb.connect().execute("select ?", [1])  # imports pandas, once in a process
    print("| rows | seconds | rows per second | memory, MB |\n| --- | --- | --- | --- |")
    table, settings, present = TABLES_BY_NAME["audio_usage"], settings_at(folder), 0
    for rows in (number * 1_000_000 for number in millions):
        generate(url, table, present + 1, rows)
        present = rows
        seconds = least(
            repeat,
            seconds_of(settings, url),
            lambda: settings.warehouse.unlink(missing_ok=True),
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {rows:,} | {seconds:.2f} | {rows / seconds:,.0f} | {memory:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--source", help="a filled source; changes are made in it")
    parser.add_argument("--growth", help="millions of rows, such as 1,10,30")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.source:
            measure(given.source, folder, given.repeat)
            return
        url = start_server(folder / "postgres", wheel_programs())
        try:
            apply_schema(url)
            if given.growth:
                sizes = [int(number) for number in given.growth.split(",")]
                growth(url, folder, given.repeat, sizes)
                return
            simulate(
                url, users=given.users, days=730, seed=7, until=date(2026, 11, 1),
                faults="typical", truth_dir=folder / "truth", progress=print,
            )  # fmt: skip
            measure(url, folder, given.repeat)
        finally:
            stop_server(folder / "postgres", wheel_programs())


if __name__ == "__main__":
    main()
