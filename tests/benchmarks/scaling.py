"""What more users would need: rows, bytes and time, measured in homes and carried on.

    python -m tests.benchmarks.scaling HOME HOME HOME

Homes of simulated businesses of the same seed and days, built and published, the largest last. What
a step cost stands in COSTS, with the command that measures it; the rest is read from the homes. The
tables take the place of the generated part of docs/scaling.md.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.quoting import quoted
from pipelines.base.settings import PROJECT
from tests.benchmarks.whole import written

PAGE = PROJECT / "docs" / "scaling.md"
BEGIN = "<!-- python -m tests.benchmarks.scaling writes from here -->"
AHEAD = (10_000_000, 100_000_000, 1_000_000_000)
SHOWN = 9
BLOCK = 262_144  # bytes of DuckDB's file
MEASURED = (1, 10_000, 100_000, 1_000_000)
# Seconds of processor time by users, as MEASURED has them: `make bench SIZES=10000,100000,1000000`.
# 1 user and 1,000,000 are those of docs/benchmarks.md, the others of 2026-12-01 on a busy machine.
COSTS = {
    "extraction, first": (1.7, 2.8, 4.3, 23.0),
    "build": (8.4, 14.3, 41.2, 250.0),
    "checks": (6.9, 14.5, 17.5, 44.0),
    "publication": (2.6, 4.0, 10.2, 44.0),
    "reports": (2.6, 7.2, 14.0, 51.0),
}


@dataclass(frozen=True)
class Size:
    """A table of a home: its rows, and the bytes of the blocks that it fills."""

    rows: int
    bytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", nargs="+", type=Path)
    homes = parser.parse_args().homes
    users = [users_of(home) for home in homes]
    lines = [
        f"Measured at {', '.join(f'{number:,}' for number in users)} users over two years; the "
        "exponent is between the last two, and carries the largest on.",
        "",
    ]
    for title, file, schema in (
        ("Extracted, not compressed", "warehouse.duckdb", "raw"),
        ("Published, compressed", "published/hypnomart.duckdb", "main"),
    ):
        sizes = [sizes_of(home / file, schema) for home in homes]
        lines += [f"### {title}", "", *size_table(users, sizes), ""]
    lines += ["### Time of a full run", "", *cost_table(COSTS)]
    PAGE.write_text(written(PAGE.read_text("utf-8"), lines, begin=BEGIN), encoding="utf-8")
    print("\n".join(lines))


def users_of(home: Path) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        found = con.execute("select count(*) from raw.user_profile").fetchone()
    return int(found[0]) if found else 0


def sizes_of(file: Path, schema: str) -> dict[str, Size]:
    """The tables of a schema by name, the one with most rows first."""
    sizes = {}
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [schema]
        ).fetchall()
        for (name,) in names:
            table = f"{quoted(schema)}.{quoted(name)}"
            counted = con.execute(f"select count(*) from {table}").fetchone()
            blocks = con.execute(
                f"select count(distinct block_id) from pragma_storage_info('{schema}.{name}') "
                "where block_id >= 0"
            ).fetchone()
            assert counted and blocks
            sizes[name] = Size(counted[0], blocks[0] * BLOCK)
    return dict(sorted(sizes.items(), key=lambda one: -one[1].rows))


def size_table(users: Sequence[int], sizes: Sequence[Mapping[str, Size]]) -> list[str]:
    """The largest tables of the largest home, and all others together."""
    heads = " | ".join(in_users(number) for number in AHEAD)
    lines = [
        f"| table | rows at {users[-1]:,} | exponent | bytes a row | rows at {heads} |",
        "| --- " * (4 + len(AHEAD)) + "|",
    ]
    names = list(sizes[-1])
    totals = {"all": 0.0} | {str(number): 0.0 for number in AHEAD}
    for place, name in enumerate(names):
        less, more = (of.get(name, Size(0, 0)) for of in sizes[-2:])
        grown = slope(users[-2:], (less.rows, more.rows))
        width = more.bytes / more.rows if more.rows else 0
        ahead = [more.rows * (number / users[-1]) ** grown for number in AHEAD]
        totals["all"] += more.bytes
        for number, rows in zip(AHEAD, ahead, strict=True):
            totals[str(number)] += rows * width
        if place < SHOWN:
            cells = " | ".join(f"{rows / 1e6:,.0f} M" for rows in ahead)
            lines.append(f"| {name} | {more.rows:,} | {grown:.2f} | {width:.0f} | {cells} |")
    rest = sum(sizes[-1][name].rows for name in names[SHOWN:])
    lines.append(f"| {len(names) - SHOWN} others | {rest:,} | | | | | |")
    cells = " | ".join(f"{totals[str(number)] / 1e9:,.0f} GB" for number in AHEAD)
    lines.append(f"| bytes of all | {totals['all'] / 1e9:.1f} GB | | | {cells} |")
    return lines


def slope(users: Sequence[int], values: Sequence[float]) -> float:
    """The exponent by which values grow with users; 0 where there are none."""
    if min(values) <= 0:
        return 0.0
    return math.log(values[1] / values[0]) / math.log(users[1] / users[0])


def cost_table(costs: Mapping[str, Sequence[float]]) -> list[str]:
    """Processor time as measured, the exponents without what one user takes, and ahead: by the
    last exponent, and as if it were 1."""
    heads = " | ".join(in_users(number) for number in AHEAD)
    named = " | ".join(f"{number:,}" for number in MEASURED)
    lines = [
        f"| processor time, s | {named} | exponents | {heads} |",
        "| --- " * (2 + len(MEASURED) + len(AHEAD)) + "|",
    ]
    sums = [0.0] * len(MEASURED)
    least, most = [0.0] * len(AHEAD), [0.0] * len(AHEAD)
    for name, seconds in costs.items():
        exponents = list(exponents_of(seconds))
        cells = []
        for place, number in enumerate(AHEAD):
            times = number / MEASURED[-1]
            low = seconds[0] + (seconds[-1] - seconds[0]) * times ** exponents[-1]
            high = seconds[0] + (seconds[-1] - seconds[0]) * times
            least[place] += low
            most[place] += high
            cells.append(f"{in_time(low)} to {in_time(high)}")
        sums = [total + one for total, one in zip(sums, seconds, strict=True)]
        shown = " | ".join(f"{one:.1f}" for one in seconds)
        told = ", ".join(f"{one:.2f}" for one in exponents)
        lines.append(f"| {name} | {shown} | {told} | {' | '.join(cells)} |")
    shown = " | ".join(f"{one:.1f}" for one in sums)
    ahead = " | ".join(
        f"{in_time(low)} to {in_time(high)}" for low, high in zip(least, most, strict=True)
    )
    told = ", ".join(f"{one:.2f}" for one in exponents_of(sums))
    return [*lines, f"| all | {shown} | {told} | {ahead} |"]


def exponents_of(seconds: Sequence[float], users: Sequence[int] = MEASURED) -> Iterator[float]:
    """Between each two sizes, without what the smallest takes."""
    above = [one - seconds[0] for one in seconds[1:]]
    for place in range(len(above) - 1):
        yield slope(users[place + 1 : place + 3], above[place : place + 2])


def in_users(number: int) -> str:
    """Users in a word."""
    return f"{number // 10**9} B" if number >= 10**9 else f"{number // 10**6} M"


def in_time(seconds: float) -> str:
    """Minutes, hours or days, whichever tells it in few digits."""
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    main()
