"""One table into raw and past: read, merge, tombstone, until both sides agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import SourceChanged
from models.quoting import quoted
from pipelines.extract import delta, erased
from pipelines.extract.agreement import (
    MOST_PLACES,
    Audited,
    agrees,
    audit,
    confirmed,
    counted,
    must_agree,
    totals_of,
)
from pipelines.extract.marks import Held
from pipelines.extract.turn import TableCounts, TableDone, Turn, now

CHUNK_ROWS = 2048
BATCH_BYTES = 64_000_000
ALONE_BYTES = 1_000_000  # a row so wide is a batch of its own


@dataclass(frozen=True)
class Loaded:
    """Rows read, versions and deletions found, what the source counted and raw now holds, and why
    all was read."""

    read: int
    changed: int
    deleted: int
    source: dict[str, Any]
    held: Held
    why_all: str


@dataclass(frozen=True)
class Taken:
    """Rows read, and new versions. `held`: what raw then holds, where that can be told without
    counting."""

    read: int
    changed: int
    held: Held | None


def load_table(turn: Turn, ahead: Audited | None = None) -> TableDone:
    """Bring raw.<table> and history.<table> to the snapshot.

    `ahead`: what `audit` found, where somebody has asked already.
    Raises SourceChanged for a repeated key, HypnomartError where both sides cannot be made equal.
    """
    started_at, clock = now(), time.monotonic()
    name = turn.plan.table.name
    if turn.totals and not turn.why_all and (held := confirmed(turn, turn.held)):
        loaded, totals = Loaded(0, 0, 0, {}, held, ""), turn.totals
    else:
        if not turn.plan.is_keyed:
            _refuse_repeated_keys(turn)
        audited = ahead or audit(turn)
        loaded = _read_all(turn, audited) if turn.why_all else _read_changes(turn, audited)
        totals = totals_of(turn, loaded.source)
    source_rows = int(totals["rows"])
    counts = TableCounts(
        table_name=name,
        source_rows=source_rows,
        warehouse_rows=loaded.held.rows,
        changed_rows=loaded.changed,
        deleted_rows=loaded.deleted,
        seconds=round(time.monotonic() - clock, 3),
        bytes=turn.plan.live.bytes * loaded.read // max(source_rows, 1),
        started_at=started_at,
        finished_at=now(),
        why_all=loaded.why_all,
    )
    if loaded.read or loaded.deleted:
        for temporary in delta.TEMPORARY:
            turn.con.execute(f"drop table if exists temp.{temporary}")
    return TableDone(counts, totals, loaded.held)


def _read_all(turn: Turn, audited: Audited) -> Loaded:
    """Every row: straight into an empty table, else compared with what is there."""
    table = turn.plan.table
    raw = f"raw.{quoted(table.name)}"
    if not turn.has_erased_words and turn.count(f"select count(*) from (from {raw} limit 1)") == 0:
        for condition in batches(turn):
            turn.execute(delta.load_first(turn.plan, turn.select(condition)))
        read = turn.count(f"select count(*) from {raw}")
        return Loaded(read, read, 0, audited.source, must_agree(turn, audited), turn.why_all)
    taken = _take(turn)
    turn.execute(delta.gone(table))
    deleted = _bury(turn)
    held = must_agree(turn, audited)
    return Loaded(taken.read, taken.changed, deleted, audited.source, held, turn.why_all)


def _read_changes(turn: Turn, audited: Audited) -> Loaded:
    """Rows written since the mark; then, if both sides differ, what keys and xmins tell."""
    source = audited.source
    if audited.places is None:
        changes = delta.remote_changed(turn.server.age_of(turn.mark_xmin))
        taken = _take(turn, changes, turn.held)
    elif audited.places != "{}":
        taken = _take(turn, f"ctid = any('{audited.places}'::tid[])", turn.held)
    else:
        taken = Taken(0, 0, turn.held)
    read, changed = taken.read, taken.changed
    held = confirmed(turn, taken.held) or counted(turn)
    if agrees(turn, audited, held):
        return Loaded(read, changed, 0, source, held, "")
    table = turn.plan.table
    turn.execute(delta.keys(table, turn.server.next_xid))
    _under_their_words(turn, erased.keys_under_their_words(table))
    turn.execute(delta.gone(table))
    deleted = _bury(turn)
    stale = turn.execute(f"{delta.stale(table)} limit {MOST_PLACES + 1}").fetchall()
    # the source knows no key that was replaced: where there may be any, all is read
    is_renamed = turn.has_erased_words and erased.is_keyed_by_person(table)
    if stale and len(stale) <= MOST_PLACES and not is_renamed:
        keys = [row[: len(table.key)] for row in stale]
        taken = _take(turn, delta.among(table.key, keys))
        read, changed = read + taken.read, changed + taken.changed
    if agrees(turn, audited, held := counted(turn)):
        return Loaded(read, changed, deleted, source, held, "")
    disagrees = replace(turn, why_all="its rows did not agree with the source by key")
    whole = _read_all(disagrees, audited)
    return replace(whole, changed=changed + whole.changed, deleted=deleted + whole.deleted)


def _take(turn: Turn, where: str = "", held: Held | None = None) -> Taken:
    """Rows for which a PostgreSQL condition holds, batch by batch, into raw, which `held` tells
    of, and past. Temp table `keys` then holds the keys read."""
    taken = Taken(0, 0, held)
    for number, condition in enumerate(batches(turn, where)):
        turn.execute(delta.incoming(turn.select(condition)))
        _under_their_words(turn, erased.read_under_their_words(turn.plan.table))
        turn.execute(delta.keys_read(turn.plan.table, anew=number == 0))
        found = turn.count("select count(*) from incoming")
        if found:
            merged = _merge(turn, found, taken.held)
            taken = Taken(
                read=taken.read + merged.read,
                changed=taken.changed + merged.changed,
                held=merged.held,
            )
    return taken


def batches(turn: Turn, where: str = "") -> list[str]:
    """Conditions that together select the rows, each of them little enough to hold in memory.

    DuckDB takes rows in chunks of 2,048, whatever their width: so many documents of 10 MB would
    be 20 GB. Where the table holds enough for that to matter, rows too wide for a chunk of such
    are listed, and all others read at once. Of a chunk in raw.<table> DuckDB unpacks all rows
    between the least and the greatest key that is sought, so the widest go one by one.
    """
    names = [column.source for column in turn.plan.columns if column.is_wide]
    if not names or turn.plan.live.toast_bytes < BATCH_BYTES:
        return [where]
    length, limit = delta.remote_length(names), 4 * BATCH_BYTES // CHUNK_ROWS
    wide = f"{f'({where}) and ' if where else ''}{length} >= {limit}"
    groups: list[list[str]] = []
    filled = BATCH_BYTES + 1
    for row in turn.ask(delta.remote_places(turn.plan.table, length, wide)):
        width = BATCH_BYTES if row["length"] >= ALONE_BYTES else row["length"]
        if filled + width > BATCH_BYTES:
            groups.append([])
            filled = 0
        groups[-1].append(f"({row['place']})")
        filled += width
    if not groups:
        return [where]
    narrow = f"{f'({where}) and ' if where else ''}{length} < {limit}"
    listed = [",".join(f'"{place}"' for place in group) for group in groups]
    return [narrow, *("ctid = any('{" + places + "}'::tid[])" for places in listed)]


def _merge(turn: Turn, read: int, held: Held | None) -> Taken:
    """So many rows of `incoming` into raw and past."""
    turn.con.execute("reset threads")  # work for all of them, unlike waiting for the source
    turn.execute(delta.changed(turn.plan, few=read <= MOST_PLACES))
    turn.con.execute("set threads = 1")
    (moved,) = turn.execute(delta.moved()).fetchall()
    versions, *added, lost_rows, lost_xmins = map(int, moved)
    if added[0]:
        for statement in delta.replace_changed(turn.plan):
            turn.execute(statement)
    if held:
        held = held.after(Held(*added), lost_rows=lost_rows, lost_xmins=lost_xmins)
    return Taken(read, versions, held)


def _under_their_words(turn: Turn, statements: Sequence[str]) -> None:
    """Replace what leads to people erased, where there are any."""
    for statement in statements if turn.has_erased_words else ():
        turn.execute(statement)


def _bury(turn: Turn) -> int:
    """`gone` out of raw, with tombstones; returns their number."""
    deleted = turn.count("select count(*) from gone")
    if deleted:
        for statement in delta.bury(turn.plan):
            turn.execute(statement)
    return deleted


def _refuse_repeated_keys(turn: Turn) -> None:
    """Where the source has no key, two rows could have the same, or one of them none."""
    table = turn.plan.table
    for found in turn.ask(delta.remote_repeated_key(table)):
        values = list(found.values())
        fault = (
            "rows without one"
            if None in values
            else f"{', '.join(map(str, values))} more than once"
        )
        raise SourceChanged(
            f"{table.name}: the source has no unique key on {', '.join(table.key)} and holds "
            f"{fault}; mend it there, nothing was written."
        )
