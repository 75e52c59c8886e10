"""The source read through two connections at one snapshot: neither side waits for the other.

A table read through one connection goes back and forth: PostgreSQL packs rows, then waits while
DuckDB writes a group of them. With two readers there is work for both at all times. Seen with
DuckDB 1.5.5: an INSERT from a UNION ALL of two sources reads one after the other, so each reader is
a cursor with a transaction and a thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import duckdb

from models.quoting import literal
from pipelines.extract.source.connection import SOURCE, remote_command, rows
from pipelines.extract.source.probe import Probed, lock_now_sql
from pipelines.extract.source.snapshot import Snapshot, read_snapshot

SECOND = "src2"


@dataclass(frozen=True)
class Reader:
    """A cursor in an open transaction, the attached source that it alone reads, and the snapshot as
    this transaction sees it."""

    con: duckdb.DuckDBPyConnection
    source: str
    snapshot: Snapshot


@contextmanager
def readers(
    con: duckdb.DuckDBPyConnection, conninfo: str, *, probed: Probed
) -> Iterator[list[Reader]]:
    """Two readers of one snapshot, or one where the source grants no second connection to it.

    Tables are locked before the snapshot is taken: one that somebody empties, or rewrites for
    another type, afterwards looks empty to it, as if all rows had been deleted.
    The first is the snapshot's own. What is not committed when the block ends is rolled back: a
    transaction left to the end of the connection ends the whole process, should the source have
    dropped it (seen with the postgres extension 1.5.5: ROLLBACK fails in a destructor).
    """
    lead, follower = con.cursor(), con.cursor()
    try:
        lead.begin()
        _lock(lead, SOURCE, probed=probed)
        found = [Reader(lead, SOURCE, read_snapshot(lead))]
        may_share = probed.may_share and found[0].snapshot.may_share
        if may_share and (second := _follow(follower, conninfo, lead=found[0], probed=probed)):
            found.append(second)
        # with more, the caller's thread spins while another waits for the source, which on a
        # machine of two cores takes the second from PostgreSQL
        con.execute("set threads = 1")
        yield found
    finally:
        for cursor in (lead, follower):
            with suppress(duckdb.Error):
                cursor.rollback()
            cursor.close()
        with suppress(duckdb.Error):
            con.execute(f"detach {SECOND}")
        with suppress(duckdb.Error):
            con.execute("reset threads")


def _follow(
    cursor: duckdb.DuckDBPyConnection, conninfo: str, *, lead: Reader, probed: Probed
) -> Reader | None:
    """A second transaction at the lead's snapshot; None where a pooler or a limit forbids it, or a
    migration waits for the lead already: behind it the second would wait for ever."""
    try:
        cursor.execute(f"attach {literal(conninfo)} as {SECOND} (type postgres, read_only)")
        (exported,) = rows(lead.con, "select pg_export_snapshot() as name")
        taken = f"set transaction snapshot {literal(str(exported['name']))}"
        cursor.begin()
        cursor.execute(remote_command(taken, SECOND))
        met = read_snapshot(cursor, SECOND)
        _lock(cursor, SECOND, probed=probed)
    except duckdb.Error:
        return None
    if met.identity != lead.snapshot.identity:
        return None
    # the same moment; only age() counts from where each transaction began
    return Reader(cursor, SECOND, replace(lead.snapshot, next_xid=met.next_xid))


def _lock(con: duckdb.DuckDBPyConnection, source: str, *, probed: Probed) -> None:
    """All tables, or an error at once."""
    if probed.tables:
        con.execute(remote_command(lock_now_sql(probed.tables), source))
