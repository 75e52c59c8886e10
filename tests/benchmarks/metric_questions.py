"""Time of each metric's query: `python -m tests.benchmarks.metric_questions PUBLISHED_FILE`.

Every metric by its finest time and all time, and by that time and each attribute; the query alone,
on two threads, the best of three runs. Prints how many there are, the median, 95 % and the slowest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

import duckdb

from pipelines.query.known import known_metrics
from pipelines.query.metrics import Question, semantic_manifest, statement

RUNS = 3


def main(path: Path) -> None:
    """Print the figures of a published file."""
    asked = [(statement(path, one), one) for one in questions(path)]
    with duckdb.connect(str(path), read_only=True, config={"threads": 2}) as con:
        timed = sorted(((seconds(con, sql), one) for sql, one in asked), key=itemgetter(0))
    times = [took for took, _ in timed]
    print(f"{len(times)} questions, median {times[len(times) // 2] * 1000:.0f} ms, "
          f"95 % within {times[len(times) * 95 // 100] * 1000:.0f} ms")  # fmt: skip
    for took, one in timed[-12:]:
        print(f"  {took * 1000:.0f} ms  {','.join(one.metrics)} by {','.join(one.by)}")


def questions(path: Path) -> Iterator[Question]:
    """What is asked; an attribute that a metric cannot do without is always among `by`."""
    for metric in known_metrics(semantic_manifest(path)).values():
        grain = metric.grains[:1]
        for attribute in [(), *((one,) for one in metric.attributes if one not in metric.needs)]:
            yield Question((metric.name,), (*grain, *metric.needs, *attribute))


def seconds(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    """The best of some runs of a query, its rows fetched."""
    best = float("inf")
    for _ in range(RUNS):
        started = time.perf_counter()
        con.execute(sql).fetchall()
        best = min(best, time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main(Path(sys.argv[1]))
