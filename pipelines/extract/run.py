"""The extraction: all tables in one snapshot of the source and one transaction of the warehouse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import duckdb

from models.errors import ConnectionDropped
from pipelines.extract.agreement import Audited, audit
from pipelines.extract.bookkeeping import (
    Extraction,
    create_own_tables,
    described,
    finish,
    fit_layout,
    report_unknown_tables,
)
from pipelines.extract.catalogue import read_catalogue
from pipelines.extract.connection import (
    Probed,
    attached,
    connection_string,
    open_warehouse,
    probe,
    translated,
)
from pipelines.extract.erased import (
    INDIRECT,
    forget,
    has_words,
    note_words,
    salt_of,
    share_new,
)
from pipelines.extract.first import first_extraction
from pipelines.extract.lanes import Lane, lanes
from pipelines.extract.load import load_table
from pipelines.extract.marks import (
    in_order,
    key_check,
    read_held,
    read_marks,
    read_totals,
    why_all,
)
from pipelines.extract.plan import TablePlan, plan_tables, unknown_tables
from pipelines.extract.turn import Turn, now
from pipelines.hash_key import with_hash_key
from pipelines.lock import warehouse_lock
from pipelines.settings import Settings

PAUSES = (1.0, 4.0, 10.0)  # seconds before each new attempt after a dropped connection


def extract(
    settings: Settings,
    *,
    source_url: str,
    run_id: str,
    progress: Callable[[str], None],
    full_refresh: bool = False,
) -> Extraction:
    """Bring raw.*, history.* and meta.* of the working file to the source's present, or fail whole.

    A dropped connection starts the transaction anew, up to three times. Raises SourceUnavailable,
    SourceChanged, WarehouseLocked, BadConfiguration or HypnomartError; nothing is written then.
    """
    conninfo = connection_string(source_url)
    settings = with_hash_key(settings)
    with warehouse_lock(settings.home):
        for pause in (*PAUSES, None):
            try:
                probed = probe(conninfo)
                if not settings.warehouse.exists():
                    return first_extraction(settings, conninfo, probed, run_id, progress)
                return _refresh(
                    settings, conninfo, probed, run_id, progress, full_refresh=full_refresh
                )
            except ConnectionDropped as error:
                if pause is None:
                    raise
                progress(f"{error} Trying again in {pause:.0f} s.")
            time.sleep(pause)
    raise AssertionError("unreachable")


def _refresh(
    settings: Settings,
    conninfo: str,
    probed: Probed,
    run_id: str,
    progress: Callable[[str], None],
    *,
    full_refresh: bool,
) -> Extraction:
    """Bring an existing working file up to date; the second lane counts while the first merges."""
    con = open_warehouse(settings.warehouse)
    doing = ["reading the catalogue"]

    def report(words: str) -> None:
        doing[0] = words.split(":")[0]
        progress(words)

    try:
        with attached(con, conninfo), lanes(con, conninfo, probed) as found:
            done = _all_tables(found, settings, run_id, report, full_refresh=full_refresh)
            doing[0] = "writing the warehouse"
            con.execute("reset threads")
            found[0].con.commit()
        con.close()
        return done
    except duckdb.Error as error:
        raise translated(error, doing[0], conninfo) from None
    finally:
        con.close()


def _all_tables(
    found: Sequence[Lane],
    settings: Settings,
    run_id: str,
    progress: Callable[[str], None],
    *,
    full_refresh: bool,
) -> Extraction:
    started_at = now()
    con = found[0].con
    live = read_catalogue(con)
    plans = plan_tables(live)
    create_own_tables(con)
    notes = fit_layout(con, plans)
    server, late = in_order(con, found[0].server)
    found = [replace(found[0], server=server), *found[1:]]
    notes += late
    notes += report_unknown_tables(con, unknown_tables(live), server)
    check = key_check(settings.hash_key)
    turns = _turns(found[0], settings, plans, run_id, check, full_refresh=full_refresh)
    note_words(con)
    loaded = []
    with ThreadPoolExecutor(1, "lane") as pool:
        ahead = _audits_ahead(pool, found[1:], turns)
        try:
            for turn in turns:
                name = turn.plan.table.name
                progress(f"{name}: reading {'all' if turn.why_all else 'changes'}")
                counted = ahead.get(name)
                # one that has not begun is asked here instead
                audited = None if counted is None or counted.cancel() else counted.result()
                loaded.append(load_table(turn, audited))
                progress(described(loaded[-1].counts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for lane in found[1:]:
                lane.con.interrupt()
            raise
    if has_words(con):
        share_new(con)
        forget(con)
    return finish(con, run_id, server, plans, check, loaded, started_at=started_at, notes=notes)


def _turns(
    lead: Lane,
    settings: Settings,
    plans: Sequence[TablePlan],
    run_id: str,
    check: str,
    *,
    full_refresh: bool,
) -> list[Turn]:
    """Each table's turn, in order: what is reached through another table after it; else the
    smallest first, while the second lane begins with the largest."""
    con, server = lead.con, lead.server
    marks, known, totals = read_marks(con), read_held(con), read_totals(con)
    salt, is_renaming = salt_of(con), has_words(con)

    def turn_of(plan: TablePlan) -> Turn:
        mark = marks.get(plan.table.name)
        reason = why_all(mark, server, fingerprint=plan.fingerprint(check))
        if full_refresh and mark is not None:
            reason = "asked for"
        is_unwritten = mark is not None and not reason and mark.is_present_of(server)
        return Turn(
            con=con,
            plan=plan,
            server=server,
            run_id=run_id,
            hash_key=settings.hash_key,
            why_all=reason,
            mark_xmin=mark.snapshot_xmin if mark else 0,
            salt=salt,
            has_erased_words=is_renaming,
            held=known.get(plan.table.name),
            totals=totals.get(plan.table.name) if is_unwritten else None,
        )

    return sorted(
        map(turn_of, plans),
        key=lambda turn: (turn.plan.table.name in INDIRECT, turn.plan.live.bytes),
    )


def _audits_ahead(
    pool: ThreadPoolExecutor, second: Sequence[Lane], turns: Sequence[Turn]
) -> dict[str, Future[Audited]]:
    """Counts of the source, asked through the second lane, the largest table first."""
    asked = [turn for turn in turns if not turn.totals]
    largest_first = sorted(asked, key=lambda turn: turn.plan.live.bytes, reverse=True)
    return {
        turn.plan.table.name: pool.submit(audit, lane.turn(turn))
        for lane in second
        for turn in largest_first
    }
