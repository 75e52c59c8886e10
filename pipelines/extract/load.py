"""One table's turn inside the transaction: read, merge, tombstone, and prove the agreement."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from models.errors import HypnomartError, SourceChanged
from pipelines.extract import delta
from pipelines.extract.connection import rows
from pipelines.extract.marks import Server
from pipelines.extract.plan import TablePlan, local_select, remote_select

# Up to so many changed rows are fetched by their place or key; beyond, by a second scan.
MOST_PLACES = 100_000


@dataclass(frozen=True)
class TableCounts:
    """What happened to one table. `bytes`: about what was read, from the table's size."""

    table_name: str
    source_rows: int
    warehouse_rows: int
    changed_rows: int
    deleted_rows: int
    seconds: float
    bytes: int
    started_at: datetime
    finished_at: datetime
    why_all: str = ""


@dataclass(frozen=True)
class Turn:
    """What a table's turn needs: the open transaction, the plan, the run and the reason if full."""

    con: duckdb.DuckDBPyConnection
    plan: TablePlan
    server: Server
    run_id: str
    hash_key: str
    why_all: str
    mark_xmin: int = 0

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run DuckDB SQL with those of the run's values that it names."""
        values = {
            "run_id": self.run_id,
            "as_of_at": self.server.as_of_at,
            "hash_key": self.hash_key,
        }
        named = {name: value for name, value in values.items() if f"${name}" in sql}
        return self.con.execute(sql, named or None)

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        found = self.execute(sql).fetchone()
        return int(found[0]) if found else 0

    def select(self, where: str = "") -> str:
        """DuckDB: the rows of the source for which a PostgreSQL condition holds."""
        return local_select(self.plan, remote_select(self.plan, where), self.server.next_xid)


@dataclass(frozen=True)
class Loaded:
    """Rows read, versions and deletions found, and what the source counted."""

    read: int
    changed: int
    deleted: int
    source: dict[str, Any]
    why_all: str


def load_table(turn: Turn, *, now: Callable[[], datetime]) -> tuple[TableCounts, dict[str, Any]]:
    """Bring raw.<table> and history.<table> to the snapshot; also the totals at the source.

    Raises SourceChanged for a repeated key, HypnomartError where both sides cannot be made equal.
    """
    started_at, clock = now(), time.monotonic()
    loaded = _read_all(turn) if turn.why_all else _read_changes(turn)
    if not turn.plan.is_keyed:
        _refuse_repeated_keys(turn)
    name = turn.plan.table.name
    if not _agrees(turn, loaded.source):
        raise HypnomartError(
            f"raw.{name} does not agree with the source after reading it in full; "
            "nothing was written. Please report this."
        )
    source_rows = int(loaded.source["source_rows"])
    counts = TableCounts(
        table_name=name,
        source_rows=source_rows,
        warehouse_rows=turn.count(f'select count(*) from raw."{name}"'),
        changed_rows=loaded.changed,
        deleted_rows=loaded.deleted,
        seconds=round(time.monotonic() - clock, 3),
        bytes=turn.plan.live.bytes * loaded.read // max(source_rows, 1),
        started_at=started_at,
        finished_at=now(),
        why_all=loaded.why_all,
    )
    for temporary in delta.TEMPORARY:
        turn.con.execute(f"drop table if exists temp.{temporary}")
    return counts, totals(loaded.source)


def totals(source: dict[str, Any]) -> dict[str, Decimal]:
    """Measures for meta.source_totals: rows and sum_<column>."""
    sums = {name: value for name, value in source.items() if name.startswith("sum_")}
    return {"rows": Decimal(source["source_rows"]), **sums}


def _read_all(turn: Turn) -> Loaded:
    """Every row: straight into an empty table, else compared with what is there."""
    table = turn.plan.table
    is_empty = turn.count(f'select count(*) from (from raw."{table.name}" limit 1)') == 0
    if is_empty:
        turn.execute(delta.load_first(turn.plan, turn.select()))
        read = turn.count(f'select count(*) from raw."{table.name}"')
        if table.has_history:
            turn.execute(delta.all_versions(turn.plan))
        (source,) = rows(turn.con, delta.remote_audit(turn.plan))
        return Loaded(read, read, 0, source, turn.why_all)
    turn.execute(delta.incoming(turn.select()))
    read = turn.count("select count(*) from incoming")
    changed = _merge(turn)
    turn.execute(delta.gone(table, "incoming"))
    deleted = _bury(turn)
    (source,) = rows(turn.con, delta.remote_audit(turn.plan))
    return Loaded(read, changed, deleted, source, turn.why_all)


def _read_changes(turn: Turn) -> Loaded:
    """Rows written since the mark; then, if both sides differ, what keys and xmins tell."""
    condition = delta.remote_changed(turn.server.age_of(turn.mark_xmin))
    (estimate,) = rows(turn.con, delta.remote_estimate(turn.plan, condition))
    by_place = estimate["rows"] <= MOST_PLACES
    audit = delta.remote_audit(turn.plan, changed=condition if by_place else "")
    (source,) = rows(turn.con, audit)
    places = source.pop("places", None)
    read = changed = deleted = 0
    if not by_place or places:
        where = f"ctid = any('{places}'::tid[]) and {condition}" if by_place else condition
        turn.execute(delta.incoming(turn.select(where)))
        read = turn.count("select count(*) from incoming")
        changed = _merge(turn)
    if _agrees(turn, source):
        return Loaded(read, changed, deleted, source, "")
    table = turn.plan.table
    turn.execute(delta.keys(table, turn.server.next_xid))
    turn.execute(delta.gone(table, "keys"))
    deleted = _bury(turn)
    stale = turn.execute(delta.stale(table) + f" limit {MOST_PLACES + 1}").fetchall()
    if stale and len(stale) <= MOST_PLACES:
        turn.execute(delta.incoming(turn.select(delta.among(table.key, stale))))
        read += turn.count("select count(*) from incoming")
        changed += _merge(turn)
    if _agrees(turn, source):
        return Loaded(read, changed, deleted, source, "")
    turn.execute(delta.incoming(turn.select()))
    read = turn.count("select count(*) from incoming")
    changed += _merge(turn)
    why = "rows by key and xmin did not agree with the source"
    return Loaded(read, changed, deleted, source, why)


def _merge(turn: Turn) -> int:
    """`incoming` into raw and history; returns the number of new versions."""
    turn.execute(delta.changed(turn.plan))
    if turn.count("select count(*) from changed") == 0:
        return 0
    if turn.plan.table.has_history:
        turn.execute(delta.add_versions(turn.plan))
    for statement in delta.replace_changed(turn.plan):
        turn.execute(statement)
    return turn.count("select count(*) from changed where _op is not null")


def _bury(turn: Turn) -> int:
    """`gone` out of raw, with tombstones; returns their number."""
    deleted = turn.count("select count(*) from gone")
    if deleted:
        if turn.plan.table.has_history:
            turn.execute(delta.add_tombstones(turn.plan))
        turn.execute(delta.remove_gone(turn.plan.table))
    return deleted


def _agrees(turn: Turn, source: dict[str, Any]) -> bool:
    """Whether raw.<table> has as many rows as the source, with the same sum of ages."""
    here = turn.execute(delta.audit(turn.plan.table, turn.server.next_xid)).fetchone()
    return here == (source["source_rows"], source["ages"])


def _refuse_repeated_keys(turn: Turn) -> None:
    """Where the source has no unique key, two rows of one key could not be told apart."""
    table = turn.plan.table
    if found := turn.execute(delta.repeated_key(table)).fetchone():
        raise SourceChanged(
            f"{table.name}: the source has no unique key on {', '.join(table.key)} and holds "
            f"{', '.join(map(str, found))} more than once; mend it there, nothing was written."
        )
