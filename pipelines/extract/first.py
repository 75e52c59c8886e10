"""The first extraction: a file that does not exist yet is filled through both lanes at once.

Each lane writes in a transaction of its own, into a file beside the working file that takes its
place only when everything is in it: a kill at any instant leaves no file, or the whole one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import duckdb

from models.errors import HypnomartError
from pipelines.extract.bookkeeping import (
    Extraction,
    create_own_tables,
    described,
    finish,
    fit_layout,
    report_unknown_tables,
)
from pipelines.extract.catalogue import read_catalogue
from pipelines.extract.connection import Probed, attached, open_beside, translated
from pipelines.extract.erased import salt_of
from pipelines.extract.lanes import Lane, lanes
from pipelines.extract.load import load_table
from pipelines.extract.marks import FIRST, key_check
from pipelines.extract.plan import TablePlan, plan_tables, unknown_tables
from pipelines.extract.turn import TableDone, Turn, now
from pipelines.files import take_place
from pipelines.settings import Settings


def first_extraction(
    settings: Settings,
    conninfo: str,
    probed: Probed,
    run_id: str,
    progress: Callable[[str], None],
) -> Extraction:
    """Fill a new working file. Raises what `extract` raises; no working file exists then."""
    started_at = now()
    fresh = settings.warehouse.with_name(f"{settings.warehouse.name}.first")
    _remove(fresh)
    con, doing = None, "reading the catalogue"
    try:
        con = open_beside(fresh)
        with attached(con, conninfo), lanes(con, conninfo, probed) as found:
            lead, server = found[0].con, found[0].server
            live = read_catalogue(lead)
            plans = plan_tables(live)
            notes = _create(con, plans)
            for lane in found:
                lane.con.execute("use warehouse")
            notes += report_unknown_tables(lead, unknown_tables(live), server)
            turn = Turn(
                con=lead,
                plan=plans[0],
                server=server,
                run_id=run_id,
                hash_key=settings.hash_key,
                why_all=FIRST,
                salt=salt_of(lead),
            )
            turns = [replace(turn, plan=plan) for plan in plans]
            loaded = _load(found, turns, conninfo, progress)
            doing = "writing the warehouse"
            check = key_check(settings.hash_key)
            done = finish(
                lead, run_id, server, plans, check, loaded, started_at=started_at, notes=notes
            )
            con.execute("reset threads")
            for lane in reversed(found):
                lane.con.commit()
        con.execute("detach warehouse")
        con.close()
        take_place(fresh, settings.warehouse)
        return done
    except duckdb.Error as error:
        raise translated(error, doing, conninfo) from None
    except OSError as error:
        raise HypnomartError(
            f"The disk refuses {settings.warehouse}: {error.strerror}; nothing was written."
        ) from None
    finally:
        if con:
            con.close()
        _remove(fresh)


def _create(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> list[str]:
    """The tables as the source now has them, for both lanes to see."""
    with con.cursor() as cursor:
        cursor.execute("use warehouse")
        create_own_tables(cursor)
        return fit_layout(cursor, plans)


def _load(
    found: Sequence[Lane],
    turns: Sequence[Turn],
    conninfo: str,
    progress: Callable[[str], None],
) -> list[TableDone]:
    """Every table, the largest first, each by the lane that is free; words in this thread."""
    waiting = sorted(turns, key=lambda turn: turn.plan.live.bytes)
    loaded: list[TableDone] = []
    said: SimpleQueue[str | BaseException | None] = SimpleQueue()

    def work(lane: Lane) -> None:
        try:
            while turn := _next(waiting):
                name = turn.plan.table.name
                said.put(f"{name}: reading all")
                try:
                    done = load_table(lane.turn(turn))
                except duckdb.Error as error:
                    raise translated(error, name, conninfo) from None
                loaded.append(done)
                said.put(described(done.counts))
            said.put(None)
        except BaseException as error:
            said.put(error)

    with ThreadPoolExecutor(len(found), "lane") as pool:
        try:
            for lane in found:
                pool.submit(work, lane)
            running = len(found)
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
            for lane in found:
                lane.con.interrupt()
            raise
    return loaded


def _next(waiting: list[Turn]) -> Turn | None:
    """Take the last; the other lane may have been quicker."""
    try:
        return waiting.pop()
    except IndexError:
        return None


def _remove(fresh: Path) -> None:
    for path in (fresh, Path(f"{fresh}.wal")):
        path.unlink(missing_ok=True)
