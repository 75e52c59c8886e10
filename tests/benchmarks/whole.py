"""What a run costs, step by step, by the size of the business; `make bench` writes it down.

    python -m tests.benchmarks.whole [--users 10000,100000] [--without-dlt]

Each business lives two years on a server of its own, whose time is not counted. Each step is a
process as a person would start it, imports and all, so that the one-user business shows what is
fixed. Beside it, in the same run, what people would use instead (instead.py). The tables take the
place of the generated part of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from models.apply import apply_schema
from models.simulation import simulate
from pipelines.base.embedded import start_server, stop_server, wheel_programs
from pipelines.base.settings import PROJECT
from tests.benchmarks.against_dlt import NotMeasured, install_dlt, say
from tests.benchmarks.extraction import SCATTERED, change

PAGE = PROJECT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- make bench writes from here -->", "<!-- to here -->"
HYPNOMART = str(Path(sys.executable).with_name("hypnomart"))
STEPS = {
    "first extraction": ["extract"],
    "build": ["build"],
    "checks": ["check"],
    "publication": ["publish"],
    "reports": ["report"],
    "extraction, nothing changed": ["extract"],
    "extraction, 0.1 % changed": ["extract"],
    "whole run": ["run"],
}


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, seconds of processor time, and the most memory of one process."""

    wall: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Business:
    """A filled source, and a home that reads it."""

    users: int
    url: str
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a command for this home."""
        return {
            "HYPNOMART_HOME": str(self.home),
            "HYPNOMART_SOURCE_URL": self.url,
            "HYPNOMART_REPORTS": str(self.folder / "reports"),
        }


def cost_of(command: Sequence[str], *, cwd: Path | None = None, **variables: str) -> Cost:
    """What a program took. Raises NotMeasured with the last that it said, where it failed."""
    with tempfile.TemporaryFile("w+") as said:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **variables}, stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = said.read().strip()[-500:] or "it said nothing"
            raise NotMeasured(f"{' '.join(command[:2])}: {last}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def fill(folder: Path, users: int) -> Business:
    """A server with a simulated business."""
    url = start_server(folder / "postgres", wheel_programs())
    apply_schema(url)
    simulate(
        url, users=users, days=730, seed=7, until=date(2026, 11, 1), faults="typical",
        truth_dir=folder / "truth", progress=say,
    )  # fmt: skip
    return Business(users, url, folder)


def steps_of(business: Business) -> dict[str, Cost]:
    """The cost of each step, in their order."""
    costs = {}
    for name, command in STEPS.items():
        if "changed" in name and "nothing" not in name:
            change(business.url, SCATTERED)
        costs[name] = cost_of([HYPNOMART, *command], **business.variables)
        say(f"{business.users:,} users, {name}: {costs[name].cpu:.1f} s of processor time")
    return costs


def sizes_of(business: Business) -> dict[str, float]:
    """Megabytes of the source and of what came of it."""
    with psycopg.connect(business.url) as conn:
        found = conn.execute("select pg_database_size(current_database())").fetchone()
    published = business.home / "published" / "hypnomart.duckdb"
    return {
        "source": (found[0] if found else 0) / 1e6,
        "working file": (business.home / "warehouse.duckdb").stat().st_size / 1e6,
        "published file": published.stat().st_size / 1e6,
    }


def exponent(users: Sequence[int], costs: Sequence[Cost]) -> str:
    """How a step grows between the two largest sizes, without what the smallest takes."""
    if len(users) < 3:
        return ""
    fixed, less, more = costs[0].cpu, costs[-2].cpu, costs[-1].cpu
    if less - fixed < 0.5:  # the clock's own noise
        return ""
    grown = math.log((more - fixed) / (less - fixed)) / math.log(users[-1] / users[-2])
    return f"{grown:.2f}"


def table(users: Sequence[int], rows: Mapping[str, Sequence[Cost]]) -> list[str]:
    """Processor time of each size, the clock's in brackets, and the exponent."""
    heads = [f"{number:,} {'user' if number == 1 else 'users'}" for number in users]
    lines = [f"| | {' | '.join(heads)} | exponent |", "| --- |" + " --- |" * (len(heads) + 1)]
    for name, costs in rows.items():
        cells = [f"{cost.cpu:.1f} ({cost.wall:.1f})" for cost in costs]
        lines.append(f"| {name} | {' | '.join(cells)} | {exponent(users, costs)} |")
    most = [max(costs[at].megabytes for costs in rows.values()) for at in range(len(users))]
    cells = [f"{megabytes / 1000:.1f}" for megabytes in most]
    return [*lines, f"| most memory, GB | {' | '.join(cells)} | |"]


def written(text: str, lines: Sequence[str], *, begin: str = BEGIN) -> str:
    """The page with its generated part replaced."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(END)
    return "\n".join([before + begin, *lines, END + after])


def measure(users: Sequence[int], *, with_dlt: bool) -> list[str]:
    """The generated part of the page."""
    from tests.benchmarks.instead import instead_of

    steps: dict[str, list[Cost]] = {}
    others: dict[str, list[Cost]] = {}
    sizes = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        dlt = install_dlt(root / "dlt") if with_dlt else None
        for number in users:
            folder = root / str(number)
            try:
                business = fill(folder, number)
                for step, cost in steps_of(business).items():
                    steps.setdefault(step, []).append(cost)
                sizes.append(sizes_of(business))
                for what, cost in instead_of(business, dlt).items():
                    others.setdefault(what, []).append(cost)
            finally:
                stop_server(folder / "postgres", wheel_programs())
    today = datetime.now(UTC).date()
    megabytes = [
        f"{number:,}: " + ", ".join(f"{what} {size:,.0f}" for what, size in of.items())
        for number, of in zip(users, sizes, strict=True)
    ]
    return [
        f"{today}, {os.cpu_count()} cores: seconds of processor time, in brackets by the clock.",
        "", *table(users, steps), "", f"Megabytes by users: {'; '.join(megabytes)}.", "",
        "What people would use instead, on the same sources:", "", *table(users, others),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", default="10000,100000", help="sizes, beside a one-user business")
    parser.add_argument("--without-dlt", action="store_true", help="install nothing")
    given = parser.parse_args()
    users = [1, *sorted(int(number) for number in given.users.split(","))]
    try:
        lines = measure(users, with_dlt=not given.without_dlt)
    except NotMeasured as error:
        sys.exit(f"Not measured: {error}")
    PAGE.write_text(written(PAGE.read_text("utf-8"), lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
