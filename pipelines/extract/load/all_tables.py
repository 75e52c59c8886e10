"""Every table loaded, with work for PostgreSQL and for DuckDB at all times.

What buys speed stands here: of a new file both readers write tables side by side; of a working
file one writes, in its one transaction, while the other counts ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from pipelines.extract.load.audit import Audited, audit
from pipelines.extract.load.table import load_table
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.source.faults import faults_told
from pipelines.extract.source.readers import Reader
from pipelines.extract.state.manifest import TableDone, described


def load_side_by_side(
    readers: Sequence[Reader],
    loads: Sequence[TableLoad],
    *,
    conninfo: str,
    progress: Callable[[str], None],
) -> list[TableDone]:
    """The largest first, each by the reader that is free, which writes in a transaction of its
    own; words in this thread."""
    waiting = sorted(loads, key=lambda load: load.plan.live.bytes)
    loaded: list[TableDone] = []
    said: SimpleQueue[str | BaseException | None] = SimpleQueue()

    def work(reader: Reader) -> None:
        try:
            while load := _next(waiting):
                name = load.plan.table.name
                said.put(f"{name}: reading all")
                with faults_told(name, conninfo):
                    loaded.append(load_table(load.through(reader)))
                said.put(described(loaded[-1].counts))
            said.put(None)
        except BaseException as error:
            said.put(error)

    with ThreadPoolExecutor(len(readers), "reader") as pool:
        try:
            for reader in readers:
                pool.submit(work, reader)
            running = len(readers)
            while running:
                words = said.get()
                if isinstance(words, BaseException):
                    raise words
                if words is None:
                    running -= 1
                else:
                    progress(words)
        except BaseException:
            waiting.clear()
            _interrupt(readers)
            raise
    return loaded


def load_counting_ahead(
    readers: Sequence[Reader],
    loads: Sequence[TableLoad],
    *,
    conninfo: str,
    progress: Callable[[str], None],
) -> list[TableDone]:
    """The smallest first, and what is reached through another table after it; the second reader
    begins to count with the largest."""
    loaded = []
    with ThreadPoolExecutor(1, "reader") as pool:
        ahead = _audits_ahead(pool, readers[1:], loads=loads)
        try:
            for load in sorted(loads, key=_smallest_first):
                name = load.plan.table.name
                progress(f"{name}: reading {'all' if load.why_all else 'changes'}")
                with faults_told(name, conninfo):
                    counted = ahead.get(name)
                    # one that has not begun is asked here instead
                    audited = None if counted is None or counted.cancel() else counted.result()
                    loaded.append(load_table(load, audited))
                progress(described(loaded[-1].counts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _interrupt(readers[1:])
            raise
    return loaded


def _audits_ahead(
    pool: ThreadPoolExecutor, second: Sequence[Reader], *, loads: Sequence[TableLoad]
) -> dict[str, Future[Audited]]:
    """Counts of the source, asked through the second reader, the largest table first."""
    asked = [load for load in loads if not load.totals]
    return {
        load.plan.table.name: pool.submit(audit, load.through(reader))
        for reader in second
        for load in sorted(asked, key=_smallest_first, reverse=True)
    }


def _smallest_first(load: TableLoad) -> tuple[bool, int]:
    return load.plan.table.owned_through is not None, load.plan.live.bytes


def _interrupt(readers: Sequence[Reader]) -> None:
    for reader in readers:
        reader.con.interrupt()


def _next(waiting: list[TableLoad]) -> TableLoad | None:
    """Take the last; the other reader may have been quicker."""
    try:
        return waiting.pop()
    except IndexError:
        return None
