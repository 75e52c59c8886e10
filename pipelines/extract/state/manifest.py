"""What an extraction did, and what it leaves in meta.*: counts, totals, watermarks, checksums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version

import duckdb

from models.counting import counted
from models.inserting import insert_rows
from models.tables import TABLES
from pipelines.extract.source.snapshot import Snapshot
from pipelines.extract.state.checksums import Checksum, write_checksums
from pipelines.extract.state.watermarks import Watermark, write_watermarks

REPLACED = "run_id in (select ? union all select run_id from meta.snapshots where as_of_at = ?)"


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
class TableDone:
    """One table's load when it is over. `totals`: measures for meta.source_totals, rows and
    sum_<column>, without people erased here."""

    counts: TableCounts
    totals: dict[str, Decimal]
    checksum: Checksum


@dataclass(frozen=True)
class Extraction:
    """What an extraction did; all times UTC. `notes`: what was re-read in full and why, and what
    is new or different at the source."""

    run_id: str
    as_of_at: datetime
    started_at: datetime
    finished_at: datetime
    source_fingerprint: str
    tables: tuple[TableCounts, ...]
    notes: tuple[str, ...]


def finish(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    *,
    snapshot: Snapshot,
    fingerprints: dict[str, str],
    tables: Sequence[TableDone],
    started_at: datetime,
    notes: Sequence[str],
) -> Extraction:
    """Write the run's counts, totals, watermarks and checksums; what it did, tables in
    the contract's order.

    `fingerprints`: how each table is read, by its name.
    """
    place = {table.name: number for number, table in enumerate(TABLES)}
    ordered = sorted(tables, key=lambda done: place[done.counts.table_name])
    _record(con, run_id, snapshot=snapshot, tables=ordered)
    write_watermarks(
        con,
        [
            _watermark(name, snapshot, fingerprint=fingerprint, run_id=run_id)
            for name, fingerprint in fingerprints.items()
        ],
    )
    write_checksums(con, {done.counts.table_name: done.checksum for done in ordered})
    counts = tuple(done.counts for done in ordered)
    return Extraction(
        run_id=run_id,
        as_of_at=snapshot.as_of_at,
        started_at=started_at,
        finished_at=now(),
        source_fingerprint=snapshot.fingerprint,
        tables=counts,
        notes=(*notes, *_reasons(counts)),
    )


def report_unknown_tables(
    con: duckdb.DuckDBPyConnection, names: list[str], *, snapshot: Snapshot
) -> list[str]:
    """Tables outside the contract, each reported when first seen."""
    known = {row[0] for row in con.execute("select table_name from meta.unknown_tables").fetchall()}
    new = [name for name in names if name not in known]
    for name in new:
        con.execute("insert into meta.unknown_tables values (?, ?)", [name, snapshot.as_of_at])
    return [f"{name}: a table that the contract does not know, not extracted" for name in new]


def described(counts: TableCounts) -> str:
    """One line of progress: rows, megabytes, seconds."""
    deleted = f", {counts.deleted_rows:,} gone" if counts.deleted_rows else ""
    rows = counted(counts.source_rows, "row")
    return (
        f"{counts.table_name}: {counts.changed_rows:,} of {rows} changed"
        f"{deleted}, about {counts.bytes / 1e6:,.1f} MB, {counts.seconds:.2f} s"
    )


def _reasons(tables: Sequence[TableCounts]) -> list[str]:
    """One note per reason for reading in full, with its tables."""
    by_reason: dict[str, list[str]] = {}
    for counts in tables:
        if counts.why_all:
            by_reason.setdefault(counts.why_all, []).append(counts.table_name)
    return [
        f"read in full: {'all tables' if len(names) == len(tables) else ', '.join(names)} "
        f"({reason})"
        for reason, names in by_reason.items()
    ]


def _record(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    *,
    snapshot: Snapshot,
    tables: Sequence[TableDone],
) -> None:
    """The run's rows of run_manifest and source_totals; they replace its own, and those of a run
    that saw the same instant: of two, neither would be the newest."""
    code_version = version("hypnomart")
    manifest = [
        [
            run_id,
            counts.table_name,
            snapshot.as_of_at,
            counts.started_at,
            counts.finished_at,
            snapshot.fingerprint,
            counts.source_rows,
            counts.warehouse_rows,
            counts.changed_rows,
            counts.deleted_rows,
            code_version,
        ]
        for counts in (done.counts for done in tables)
    ]
    measures = [
        [run_id, done.counts.table_name, measure, value]
        for done in tables
        for measure, value in done.totals.items()
    ]
    for table, written in (("run_manifest", manifest), ("source_totals", measures)):
        con.execute(f"delete from meta.{table} where {REPLACED}", [run_id, snapshot.as_of_at])
        insert_rows(con, f"meta.{table}", rows=written)
    con.execute("delete from meta.snapshots where as_of_at = ?", [snapshot.as_of_at])
    con.execute("insert into meta.snapshots values (?, ?)", [snapshot.as_of_at, run_id])


def _watermark(table_name: str, snapshot: Snapshot, *, fingerprint: str, run_id: str) -> Watermark:
    return Watermark(
        table_name=table_name,
        system_identifier=snapshot.system_identifier,
        timeline=snapshot.timeline,
        database_oid=snapshot.database_oid,
        server_started_at=snapshot.server_started_at,
        snapshot_xmin=snapshot.snapshot_xmin,
        snapshot_xmax=snapshot.snapshot_xmax,
        fingerprint=fingerprint,
        as_of_at=snapshot.as_of_at,
        run_id=run_id,
    )


def now() -> datetime:
    """The present, in UTC without zone, as the working file keeps times."""
    return datetime.now(UTC).replace(tzinfo=None)
