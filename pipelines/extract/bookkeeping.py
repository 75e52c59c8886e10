"""What an extraction keeps beside the rows: the layout as the source now is, counts and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import duckdb

from models.counting import counted
from models.quoting import quoted
from models.tables import TABLES
from pipelines.extract import delta
from pipelines.extract.erased import ERASED, ERASED_WORDS, ERASURE_SALT
from pipelines.extract.layout import create_layout, create_table_sql
from pipelines.extract.marks import (
    HELD,
    MARKS,
    Mark,
    Server,
    insert_rows,
    write_held,
    write_marks,
)
from pipelines.extract.plan import TablePlan
from pipelines.extract.turn import TableCounts, TableDone, now

SOURCE_TOTALS = (
    ("run_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("measure", "VARCHAR"),
    ("value", "DECIMAL(38,9)"),
)
UNKNOWN_TABLES = (("table_name", "VARCHAR"), ("first_seen_at", "TIMESTAMP"))
OWN_TABLES = {
    "extraction_marks": MARKS,
    "held": HELD,
    "source_totals": SOURCE_TOTALS,
    "unknown_tables": UNKNOWN_TABLES,
    "erasure_salt": ERASURE_SALT,
    "erased_words": ERASED_WORDS,
    "erased": ERASED,
}

REPLACED = "run_id in (select ? union all select run_id from meta.snapshots where as_of_at = ?)"


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


def create_own_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of raw.*, past.*, history.* and meta.*."""
    create_layout(con)
    for name, columns in OWN_TABLES.items():
        con.execute(create_table_sql("meta", name, columns))
    _keep_out_the_erased(con)


def _keep_out_the_erased(con: duckdb.DuckDBPyConnection) -> None:
    """Who was erased before version 0.3, when rows were left out, is read under a random id."""
    # asking duckdb_tables() would list the source's tables too, through one more connection
    con.execute("create table if not exists meta.erased_persons (person_hash varchar)")
    con.execute(
        "insert into meta.erased_words "
        "select 'person', person_hash, uuid()::VARCHAR from meta.erased_persons"
    )
    con.execute(
        "insert into meta.erased select word::UUID, current_timestamp::TIMESTAMP "
        "from meta.erased_words where word_hash in "
        "(select person_hash from meta.erased_persons)"
    )
    con.execute("drop table meta.erased_persons")
    con.execute("drop table if exists meta.suppressed_rows")


def finish(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    server: Server,
    plans: Sequence[TablePlan],
    key_check: str,
    tables: Sequence[TableDone],
    *,
    started_at: datetime,
    notes: Sequence[str],
) -> Extraction:
    """Write the run's counts, totals and marks; what it did, tables in the contract's order."""
    place = {table.name: number for number, table in enumerate(TABLES)}
    ordered = sorted(tables, key=lambda done: place[done.counts.table_name])
    _record(con, run_id, server, ordered)
    write_marks(
        con,
        [_mark(p.table.name, server, p.fingerprint(key_check), run_id) for p in plans],
    )
    write_held(con, {done.counts.table_name: done.held for done in ordered})
    counts = tuple(done.counts for done in ordered)
    return Extraction(
        run_id=run_id,
        as_of_at=server.as_of_at,
        started_at=started_at,
        finished_at=now(),
        source_fingerprint=server.fingerprint,
        tables=counts,
        notes=(*notes, *_reasons(counts)),
    )


def fit_layout(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> list[str]:
    """Columns that came, went or widened at the source, in raw.* and past.*; what to report."""
    notes = []
    for plan in plans:
        schemas = ("raw", "past") if plan.table.has_history else ("raw",)
        existing = {
            schema: _columns(con, f"{schema}.{quoted(plan.table.name)}") for schema in schemas
        }
        statements, changes = delta.layout_changes(plan, existing)
        for statement in statements:
            con.execute(statement)
        notes += changes
    return notes + [note for plan in plans for note in plan.notes]


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """Columns of a table and their types; duckdb_columns() would load the source's catalogue."""
    found = con.execute(f"from {name} limit 0").description or ()
    return {column[0]: str(column[1]) for column in found}


def report_unknown_tables(
    con: duckdb.DuckDBPyConnection, names: list[str], server: Server
) -> list[str]:
    """Tables outside the contract, each reported when first seen."""
    known = {row[0] for row in con.execute("select table_name from meta.unknown_tables").fetchall()}
    new = [name for name in names if name not in known]
    for name in new:
        con.execute("insert into meta.unknown_tables values (?, ?)", [name, server.as_of_at])
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
    server: Server,
    tables: Sequence[TableDone],
) -> None:
    """The run's rows of run_manifest and source_totals; they replace its own, and those of a run
    that saw the same instant: of two, neither would be the newest."""
    code_version = version("hypnomart")
    manifest = [
        [
            run_id,
            counts.table_name,
            server.as_of_at,
            counts.started_at,
            counts.finished_at,
            server.fingerprint,
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
        con.execute(f"delete from meta.{table} where {REPLACED}", [run_id, server.as_of_at])
        insert_rows(con, table, written)
    con.execute("delete from meta.snapshots where as_of_at = ?", [server.as_of_at])
    con.execute("insert into meta.snapshots values (?, ?)", [server.as_of_at, run_id])


def _mark(table_name: str, server: Server, fingerprint: str, run_id: str) -> Mark:
    return Mark(
        table_name=table_name,
        system_identifier=server.system_identifier,
        timeline=server.timeline,
        database_oid=server.database_oid,
        server_started_at=server.server_started_at,
        snapshot_xmin=server.snapshot_xmin,
        snapshot_xmax=server.snapshot_xmax,
        fingerprint=fingerprint,
        as_of_at=server.as_of_at,
        run_id=run_id,
    )
