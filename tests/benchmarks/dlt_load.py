"""Tables by dlt into DuckDB, timed; runs in an environment of its own, without this project.

    python dlt_load.py postgresql:///postgres?host=... audio_usage,courses pyarrow 2

Prints a line of JSON for each load, `{"rows": 3, "seconds": 0.5}`; where it fails, the reason in
one line, with exit code 1. Files go to the working directory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dlt
import duckdb
from dlt.common.runtime import run_context
from dlt.sources.sql_database import sql_table


def load(url: str, tables: list[str], backend: str, name: str) -> tuple[int, float]:
    """Rows in a new DuckDB file and the seconds of extract, normalize and load into it."""
    file = Path(f"{name}.duckdb").absolute()
    pipeline = dlt.pipeline(
        name, destination=dlt.destinations.duckdb(str(file)), dataset_name="raw"
    )
    sources = [sql_table(url, table=one, schema="public", backend=backend) for one in tables]
    clock = time.monotonic()
    pipeline.run(sources).raise_on_failed_jobs()
    seconds = time.monotonic() - clock
    with duckdb.connect(str(file), read_only=True) as con:
        there = {one for (one,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        rows = 0
        for one in there.intersection(tables):  # dlt makes no table where there is no row
            rows += con.execute(f"select count(*) from raw.{one}").fetchall()[0][0]
    file.unlink()
    return rows, seconds


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it; dlt's own words are a page long, the first cause's are not."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def main() -> None:
    url, tables, backend, repeat = sys.argv[1:]
    # even with telemetry off dlt writes an .anonymous_id, as root to /var/dlt whatever is set
    run_context.global_dir = lambda: str(Path.cwd())
    for turn in range(int(repeat)):
        try:
            rows, seconds = load(url, tables.split(","), backend, f"{backend}_{turn}")
        except Exception as error:
            first = list(causes(error))[-1]
            sys.exit(f"{type(first).__name__}: {' '.join(str(first).split())}"[:200])
        print(json.dumps({"rows": rows, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
