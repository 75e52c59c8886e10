"""How the cost of a full build grows with users, on one engine.

    python -m tests.benchmarks.building duckdb|postgres|spark [--users 10000,100000,1000000]

Each business lives two years and is extracted, which is not counted; then `hypnomart build` (with
`--engine`) runs once in a new home, and a line tells its processor time: the command's, Java's and
the server's. The exponents are between each two sizes, without what one user takes. PostgreSQL
builds in a database of its own beside the source; what is measured is left nowhere.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipelines.base.embedded import stop_server, wheel_programs
from tests.benchmarks.scaling import exponents_of
from tests.benchmarks.spark import TICKS, children, seen, watched
from tests.benchmarks.whole import HYPNOMART, Business, NotMeasured, cost_of, fill
from tests.parity import own_database


def seconds_of(business: Business, engine: str) -> float:
    """Processor time of a build, whoever spends it."""
    variables = business.variables
    cost_of([HYPNOMART, "extract"], **variables)
    chosen = [] if engine == "duckdb" else ["--engine", engine]
    if engine == "postgres":
        variables["HYPNOMART_TARGET_URL"] = own_database(business.url)
    before = server_seconds(business)
    with watched() as used:
        cost = cost_of([HYPNOMART, "build", *chosen], **variables)
    server = server_seconds(business) - before
    total = cost.cpu + used.java_seconds + server
    print(
        f"{engine} {business.users:>9,} users: {total:,.1f} s of processor time, "
        f"{used.java_seconds:,.1f} of them Java's, {server:,.1f} the server's; "
        f"{cost.wall:,.1f} by the clock",
        flush=True,
    )
    return total


def server_seconds(business: Business) -> float:
    """What the business's server and its processes have spent, those that ended included."""
    pid = int((business.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, words[11:15])) / TICKS  # user, system, and both of ended children
    return own + sum(seen(child)[1] for child in children(pid))


def measure(engine: str, users: Sequence[int]) -> list[float]:
    """Processor time by size."""
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        for number in users:
            folder = Path(name) / str(number)
            try:
                seconds.append(seconds_of(fill(folder, number), engine))
            finally:
                stop_server(folder / "postgres", wheel_programs())
    return seconds


def main() -> None:
    """Measure, and print the exponents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=("duckdb", "postgres", "spark"))
    parser.add_argument("--users", default="10000,100000", help="sizes, beside a one-user business")
    given = parser.parse_args()
    users = [1, *sorted(int(number) for number in given.users.split(","))]
    try:
        seconds = measure(given.engine, users)
    except NotMeasured as error:
        sys.exit(f"Not measured: {error}")
    pairs = zip(users[1:], users[2:], exponents_of(seconds, users=users), strict=False)
    for less, more, grown in pairs:
        print(f"exponent from {less:,} to {more:,} users: {grown:.2f}")


if __name__ == "__main__":
    main()
