"""What a build in Spark takes: time, memory, and what its stages hand to each other.

    python -m tests.benchmarks.spark HOME

builds in a home that has extracted and that DuckDB has built, compares the marts, and prints a line
per figure. Bytes and times of tasks are those of Spark's own event log.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from models.counting import counted
from pipelines.base.settings import load_settings
from pipelines.publication.native.parity import compared
from pipelines.publication.native.spark import EVENTS
from pipelines.run.native import build_there_step
from pipelines.transform.build import refuse_unbuilt

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_SECONDS = 0.5


@dataclass
class Used:
    """The most memory that Java and Python held at one time, and Java's processor time."""

    peak_bytes: int = 0
    java_seconds: float = 0.0


def children(of: int) -> Iterator[int]:
    """Processes below one, itself left out."""
    for path in Path("/proc").glob(f"{of}/task/*/children"):
        for child in map(int, path.read_text().split()):
            yield child
            yield from children(child)


def seen(pid: int) -> tuple[int, float]:
    """Resident bytes and processor seconds of a process; nothing of one that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0.0
    return pages * PAGE, (int(words[11]) + int(words[12])) / TICKS


def name_of(pid: int) -> str:
    """What program a process runs; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@contextmanager
def watched() -> Iterator[Used]:
    """Look at this process and those below it, twice a second, for a block."""
    used, over = Used(), threading.Event()

    def look() -> None:
        while not over.wait(EVERY_SECONDS):
            below = {pid: seen(pid) for pid in children(os.getpid())}
            held = seen(os.getpid())[0] + sum(size for size, _ in below.values())
            used.peak_bytes = max(used.peak_bytes, held)
            java = sum(seconds for pid, (_, seconds) in below.items() if name_of(pid) == "java")
            used.java_seconds = max(used.java_seconds, java)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield used
    finally:
        over.set()
        thread.join()


def handed_on(folder: Path) -> Counter[str]:
    """Of the event logs of a folder: bytes that tasks wrote for the next stage and spilled to disk,
    their seconds on an executor, and how many there were."""
    total: Counter[str] = Counter()
    for path in folder.iterdir():
        kind = "zstd" if path.suffix == ".zstd" else None
        with pa.input_stream(str(path), compression=kind) as stream:
            text = stream.read().decode()
        for line in text.splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd":
                metrics = event["Task Metrics"]
                total["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                total["spilled"] += metrics["Disk Bytes Spilled"]
                total["read"] += metrics["Input Metrics"]["Bytes Read"]
                total["milliseconds"] += metrics["Executor Run Time"]
                total["tasks"] += 1
    return total


def main() -> None:
    """Build, compare, print."""
    os.environ["HYPNOMART_HOME"] = sys.argv[1]
    settings = load_settings()
    began, python = time.monotonic(), time.process_time()
    with watched() as used:
        results = build_there_step(settings, "spark", progress=lambda line: print(line, flush=True))
    wall = time.monotonic() - began
    refuse_unbuilt(results)
    print(f"built      {counted(len(results), 'model or test', many='models and tests')}")
    print(f"failed     {[one.name for one in results if one.status == 'fail']}")
    print(f"clock      {wall:,.0f} s")
    cpu = used.java_seconds + time.process_time() - python
    print(f"processor  {cpu:,.0f} s, {used.java_seconds:,.0f} of them Java's")
    print(f"memory     {used.peak_bytes / 1e9:.1f} GB at most, Java and Python together")
    total = handed_on(settings.spark_files / EVENTS)
    for name in ("shuffled", "spilled", "read"):
        print(f"{name:<10} {total[name] / 1e6:,.1f} MB")
    print(f"tasks      {total['tasks']:,}, {total['milliseconds'] / 1e3:,.0f} s")
    slowest = sorted(results, key=lambda one: one.seconds, reverse=True)[:10]
    print("slowest    " + ", ".join(f"{one.name} {one.seconds:.0f} s" for one in slowest))
    marts = list(compared(settings, "spark"))
    print(f"marts      {sum(mart.is_equal for mart in marts)} of {len(marts)} are DuckDB's")
    print(f"doubles    within {max(mart.largest for mart in marts):.0e}")
    for mart in marts:
        if not mart.is_equal:
            print(f"           {mart.mart}: {mart.fault}")


if __name__ == "__main__":
    main()
