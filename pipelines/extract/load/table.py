"""One table into raw and past: read, merge, tombstone, until both sides agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import SourceChanged
from models.quoting import quoted
from pipelines.extract.load import erased, merge, questions
from pipelines.extract.load.audit import (
    MOST_PLACES,
    Audited,
    agrees,
    audit,
    confirmed,
    counted,
    must_agree,
    totals_of,
)
from pipelines.extract.load.batches import batches
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.state.checksums import Checksum
from pipelines.extract.state.manifest import TableCounts, TableDone, now
from pipelines.extract.state.words import is_keyed_by_person


@dataclass(frozen=True)
class Loaded:
    """Rows read, versions and deletions found, what the source counted and raw now holds, and why
    all was read."""

    read: int
    changed: int
    deleted: int
    source: dict[str, Any]
    checksum: Checksum
    why_all: str


@dataclass(frozen=True)
class Taken:
    """Rows read, and new versions. `checksum`: what raw then holds, where that can be told without
    counting."""

    read: int
    changed: int
    checksum: Checksum | None


def load_table(load: TableLoad, ahead: Audited | None = None) -> TableDone:
    """Bring raw.<table> and history.<table> to the snapshot.

    `ahead`: what `audit` found, where somebody has asked already.
    Raises SourceChanged for a repeated key, HypnomartError where both sides cannot be made equal.
    """
    started_at, clock = now(), time.monotonic()
    name = load.plan.table.name
    if load.totals and not load.why_all and (checksum := confirmed(load, load.checksum)):
        loaded, totals = Loaded(0, 0, 0, {}, checksum, ""), load.totals
    else:
        if not load.plan.is_keyed:
            _refuse_repeated_keys(load)
        audited = ahead or audit(load)
        loaded = _read_all(load, audited) if load.why_all else _read_changes(load, audited)
        totals = totals_of(load, loaded.source)
    source_rows = int(totals["rows"])
    counts = TableCounts(
        table_name=name,
        source_rows=source_rows,
        warehouse_rows=loaded.checksum.rows,
        changed_rows=loaded.changed,
        deleted_rows=loaded.deleted,
        seconds=round(time.monotonic() - clock, 3),
        bytes=load.plan.live.bytes * loaded.read // max(source_rows, 1),
        started_at=started_at,
        finished_at=now(),
        why_all=loaded.why_all,
    )
    if loaded.read or loaded.deleted:
        for temporary in merge.TEMPORARY:
            load.reader.con.execute(f"drop table if exists temp.{temporary}")
    return TableDone(counts, totals, loaded.checksum)


def _read_all(load: TableLoad, audited: Audited) -> Loaded:
    """Every row: straight into an empty table, else compared with what is there."""
    table = load.plan.table
    raw = f"raw.{quoted(table.name)}"
    if not load.has_erased_words and load.count(f"select count(*) from (from {raw} limit 1)") == 0:
        for condition in batches(load):
            load.execute(merge.load_first(load.plan, load.select(condition)))
        read = load.count(f"select count(*) from {raw}")
        return Loaded(read, read, 0, audited.source, must_agree(load, audited), load.why_all)
    taken = _take(load)
    load.execute(merge.gone(table))
    deleted = _bury(load)
    checksum = must_agree(load, audited)
    return Loaded(taken.read, taken.changed, deleted, audited.source, checksum, load.why_all)


def _read_changes(load: TableLoad, audited: Audited) -> Loaded:
    """Rows written since the watermark; then, if both sides differ, what keys and xmins tell."""
    source = audited.source
    if audited.places is None:
        changes = questions.remote_changed(load.reader.snapshot.age_of(load.watermark_xmin))
        taken = _take(load, changes, checksum=load.checksum)
    elif audited.places != "{}":
        taken = _take(load, f"ctid = any('{audited.places}'::tid[])", checksum=load.checksum)
    else:
        taken = Taken(0, 0, load.checksum)
    read, changed = taken.read, taken.changed
    checksum = confirmed(load, taken.checksum) or counted(load)
    if agrees(load, audited, checksum=checksum):
        return Loaded(read, changed, 0, source, checksum, "")
    table = load.plan.table
    load.execute(merge.keys(table, load.reader.snapshot.next_xid))
    _under_their_words(load, erased.keys_under_their_words(table))
    load.execute(merge.gone(table))
    deleted = _bury(load)
    stale = load.execute(f"{merge.stale(table)} limit {MOST_PLACES + 1}").fetchall()
    # the source knows no key that was replaced: where there may be any, all is read
    is_renamed = load.has_erased_words and is_keyed_by_person(table)
    if stale and len(stale) <= MOST_PLACES and not is_renamed:
        keys = [row[: len(table.key)] for row in stale]
        taken = _take(load, questions.among(table.key, keys))
        read, changed = read + taken.read, changed + taken.changed
    checksum = counted(load)
    if agrees(load, audited, checksum=checksum):
        return Loaded(read, changed, deleted, source, checksum, "")
    disagrees = replace(load, why_all="its rows did not agree with the source by key")
    whole = _read_all(disagrees, audited)
    return replace(whole, changed=changed + whole.changed, deleted=deleted + whole.deleted)


def _take(load: TableLoad, where: str = "", *, checksum: Checksum | None = None) -> Taken:
    """Rows for which a PostgreSQL condition holds, batch by batch, into raw, which `checksum` tells
    of, and past. Temp table `keys` then holds the keys read."""
    taken = Taken(0, 0, checksum)
    for number, condition in enumerate(batches(load, where)):
        load.execute(merge.incoming(load.select(condition)))
        _under_their_words(load, erased.read_under_their_words(load.plan.table))
        load.execute(merge.keys_read(load.plan.table, anew=number == 0))
        found = load.count("select count(*) from incoming")
        if found:
            merged = _merge(load, found, checksum=taken.checksum)
            taken = Taken(
                read=taken.read + merged.read,
                changed=taken.changed + merged.changed,
                checksum=merged.checksum,
            )
    return taken


def _merge(load: TableLoad, read: int, *, checksum: Checksum | None) -> Taken:
    """So many rows of `incoming` into raw and past."""
    load.reader.con.execute("reset threads")  # work for all of them, unlike waiting for the source
    load.execute(merge.changed(load.plan, few=read <= MOST_PLACES))
    load.reader.con.execute("set threads = 1")
    (moved,) = load.execute(merge.moved()).fetchall()
    versions, *added, lost_rows, lost_xmins = map(int, moved)
    if added[0]:
        for statement in merge.replace_changed(load.plan):
            load.execute(statement)
    if checksum:
        checksum = checksum.after(Checksum(*added), lost_rows=lost_rows, lost_xmins=lost_xmins)
    return Taken(read, versions, checksum)


def _under_their_words(load: TableLoad, statements: Sequence[str]) -> None:
    """Replace what leads to people erased, where there are any."""
    for statement in statements if load.has_erased_words else ():
        load.execute(statement)


def _bury(load: TableLoad) -> int:
    """`gone` out of raw, with tombstones; returns their number."""
    deleted = load.count("select count(*) from gone")
    if deleted:
        for statement in merge.bury(load.plan):
            load.execute(statement)
    return deleted


def _refuse_repeated_keys(load: TableLoad) -> None:
    """Where the source has no key, two rows could have the same, or one of them none."""
    table = load.plan.table
    for found in load.ask(questions.remote_repeated_key(table)):
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
