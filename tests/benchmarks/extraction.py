"""How near the extraction is to what the wire allows: ratios measured in one run.

    python -m tests.benchmarks.extraction [--users 100000] [--repeat 3] [--growth]

A server of its own, 21 tables of generated rows (about 22 for each user). The floor is
`COPY (SELECT same columns) TO STDOUT (FORMAT binary)` by psql to /dev/null, table after table.
Of repeated times the least counts, since other work on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from models.apply import apply_schema
from models.tables import TABLES, TABLES_BY_NAME, Column, Table
from pipelines.embedded import start_server, stop_server, wheel_programs
from pipelines.extract.catalogue import read_catalogue
from pipelines.extract.connection import attached, connection_string, open_warehouse
from pipelines.extract.plan import TablePlan, plan_tables, remote_select
from pipelines.extract.run import extract
from tests.warehouse import settings_at

# Rows of a table for each user; the rest have one.
ROWS_EACH = {
    "ai_credit_purchases": 0.5,
    "app_logs": 4,
    "audio_usage": 6,
    "cohorts": 0.0005,
    "courses": 0.0005,
    "custom_course_purchases": 0.1,
    "custom_courses": 0.1,
    "discount_codes": 0.0005,
    "manifest_cohorts": 0.0005,
    "master_manifests": 0.0005,
    "referral_credits": 0.1,
    "server_logs": 2,
    "subscription_events": 3,
    "user_cohorts": 0.3,
}


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


def generate(url: str, users: int) -> None:
    """Fill all tables; foreign keys set aside."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        for table in TABLES:
            rows = max(1, int(users * ROWS_EACH.get(table.name, 1)))
            names = ", ".join(column.name for column in table.columns)
            values = ", ".join(expression(table, column) for column in table.columns)
            conn.execute(
                f"insert into {table.name} ({names}) select {values} "
                f"from generate_series(1, {rows}) g"
            )
        conn.execute("vacuum analyze")
        conn.execute("checkpoint")


def plans(url: str, folder: Path) -> tuple[TablePlan, ...]:
    con = open_warehouse(folder / "plans.duckdb")
    with attached(con, connection_string(url)):
        found = plan_tables(read_catalogue(con))
    con.close()
    return found


def floor(url: str, folder: Path) -> Callable[[], None]:
    """COPY of the same columns to nowhere."""
    script = folder / "floor.sql"
    script.write_text(
        "".join(
            f"copy ({remote_select(plan)}) to stdout (format binary);\n".replace("\n  ", " ")
            for plan in plans(url, folder)
        )
    )
    psql = str(wheel_programs() / "psql")

    def copy() -> None:
        with Path("/dev/null").open("wb") as nowhere:
            subprocess.run([psql, "-q", "-f", str(script), url], stdout=nowhere, check=True)

    return copy


def least(times: int, work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    """Seconds of the fastest of several times; `before` each is not counted."""
    found = []
    for _ in range(times):
        before()
        clock = time.monotonic()
        work()
        found.append(time.monotonic() - clock)
    return min(found)


def measure(users: int, repeat: int) -> None:
    """The table of ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = start_server(folder / "postgres", wheel_programs())
        try:
            apply_schema(url)
            generate(url, users)
            settings = settings_at(folder)
            # the first bound value makes DuckDB import pandas and numpy, once in a process
            duckdb.connect().execute("select ?", [1])

            def refresh() -> None:
                extract(settings, source_url=url, run_id="bench", progress=lambda _: None)

            def forget() -> None:
                settings.warehouse.unlink(missing_ok=True)

            def change() -> None:
                with psycopg.connect(url, autocommit=True) as conn:
                    conn.execute("set session_replication_role = replica")
                    for table in TABLES:
                        (key,) = table.key
                        conn.execute(
                            f"update {table.name} set {key} = {key} where {key} in (select {key} "
                            f"from {table.name} tablesample bernoulli (0.1))"
                        )

            wire = least(repeat, floor(url, folder))
            full = least(repeat, refresh, forget)
            with duckdb.connect(str(settings.warehouse), read_only=True) as con:
                rows = con.execute("select sum(source_rows) from meta.run_manifest").fetchall()
            nothing = least(repeat, refresh)
            little = least(repeat, refresh, change)
            again = least(1, lambda: extract(
                settings, source_url=url, run_id="full", progress=lambda _: None,
                full_refresh=True,
            ))  # fmt: skip
        finally:
            stop_server(folder / "postgres", wheel_programs())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{users:,} users, {rows[0][0]:,} rows in 21 tables, best of {repeat}")
    print("| what | seconds | ratio | limit |\n| --- | --- | --- | --- |")
    print(f"| COPY binary to nowhere | {wire:.2f} | 1 | |")
    print(f"| full extraction | {full:.2f} | {full / wire:.2f} of COPY | 1.3 |")
    print(f"| nothing changed | {nothing:.2f} | {nothing / full:.3f} of full | 0.10 |")
    print(f"| 0.1 % changed | {little:.2f} | {little / full:.3f} of full | 0.15 |")
    print(f"| full refresh over existing rows | {again:.2f} | {again / full:.2f} of full | |")
    print(f"largest memory of the process: {memory:,.0f} MB")


def growth(repeat: int) -> None:
    """Rows per second of the largest table at growing sizes."""
    print("| rows | seconds | rows per second |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = start_server(folder / "postgres", wheel_programs())
        try:
            apply_schema(url)
            table = TABLES_BY_NAME["audio_usage"]
            settings = settings_at(folder)
            present = 0
            for rows in (1_000_000, 2_000_000, 4_000_000):
                with psycopg.connect(url, autocommit=True) as conn:
                    conn.execute("set session_replication_role = replica")
                    names = ", ".join(column.name for column in table.columns)
                    values = ", ".join(expression(table, column) for column in table.columns)
                    conn.execute(
                        f"insert into {table.name} ({names}) select {values} "
                        f"from generate_series({present + 1}, {rows}) g"
                    )
                    conn.execute(f"vacuum analyze {table.name}")
                present = rows
                seconds = least(
                    repeat,
                    lambda: extract(settings, source_url=url, run_id="r", progress=lambda _: None),
                    lambda: settings.warehouse.unlink(missing_ok=True),
                )
                print(f"| {rows:,} | {seconds:.2f} | {rows / seconds:,.0f} |")
        finally:
            stop_server(folder / "postgres", wheel_programs())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args()
    measure(given.users, given.repeat)
    if given.growth:
        growth(given.repeat)


if __name__ == "__main__":
    main()
