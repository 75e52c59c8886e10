"""The extraction: all tables in one snapshot of the source and one transaction of the warehouse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version

import duckdb

from pipelines.extract import delta
from pipelines.extract.catalogue import read_catalogue
from pipelines.extract.connection import (
    ConnectionDropped,
    attached,
    connection_string,
    open_warehouse,
    probe,
    transaction,
    translated,
)
from pipelines.extract.erased import (
    ERASED_PERSONS,
    ERASURE_SALT,
    SUPPRESSED_ROWS,
    erased_persons,
    in_order,
    salt_of,
)
from pipelines.extract.layout import create_layout, create_table_sql
from pipelines.extract.load import TableCounts, Turn, load_table
from pipelines.extract.marks import (
    MARKS,
    Mark,
    Server,
    key_check,
    read_marks,
    read_server,
    why_all,
    write_marks,
)
from pipelines.extract.plan import TablePlan, plan_tables, unknown_tables
from pipelines.lock import warehouse_lock
from pipelines.settings import Settings

PAUSES = (1.0, 4.0, 10.0)  # seconds before each new attempt after a dropped connection
SOURCE_TOTALS = (
    ("run_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("measure", "VARCHAR"),
    ("value", "DECIMAL(38,9)"),
)
UNKNOWN_TABLES = (("table_name", "VARCHAR"), ("first_seen_at", "TIMESTAMP"))
OWN_TABLES = {
    "extraction_marks": MARKS,
    "source_totals": SOURCE_TOTALS,
    "unknown_tables": UNKNOWN_TABLES,
    "erased_persons": ERASED_PERSONS,
    "erasure_salt": ERASURE_SALT,
    "suppressed_rows": SUPPRESSED_ROWS,
}


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
    with warehouse_lock(settings.home):
        for pause in (*PAUSES, None):
            try:
                return _attempt(settings, conninfo, run_id, progress, full_refresh=full_refresh)
            except ConnectionDropped as error:
                if pause is None:
                    raise
                progress(f"{error} Trying again in {pause:.0f} s.")
            time.sleep(pause)
    raise AssertionError("unreachable")


def _attempt(
    settings: Settings,
    conninfo: str,
    run_id: str,
    progress: Callable[[str], None],
    *,
    full_refresh: bool,
) -> Extraction:
    probe(conninfo)
    con = open_warehouse(settings.warehouse)
    doing = ["reading the catalogue"]

    def report(words: str) -> None:
        doing[0] = words.split(":")[0]
        progress(words)

    try:
        with attached(con, conninfo), transaction(con):
            done = _all_tables(con, settings, run_id, report, full_refresh=full_refresh)
            doing[0] = "writing the warehouse"
        con.close()
        return done
    except duckdb.Error as error:
        raise translated(error, doing[0], conninfo) from None
    finally:
        con.close()


def _all_tables(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    run_id: str,
    progress: Callable[[str], None],
    *,
    full_refresh: bool,
) -> Extraction:
    started_at = _now()
    server = read_server(con)
    live = read_catalogue(con)
    plans = plan_tables(live)
    create_layout(con)
    for name, columns in OWN_TABLES.items():
        con.execute(create_table_sql("meta", name, columns))
    notes = _fit_layout(con, plans)
    notes += [note for plan in plans for note in plan.notes]
    notes += _report_unknown_tables(con, unknown_tables(live), server)
    marks = read_marks(con)
    check = key_check(settings.hash_key)
    tables, new_marks = [], []
    persons = tuple(erased_persons(con))
    salt = salt_of(con)
    by_name = {plan.table.name: plan for plan in plans}
    for plan in (by_name[table.name] for table in in_order()):
        name = plan.table.name
        mark, fingerprint = marks.get(name), plan.fingerprint(check)
        reason = why_all(mark, server, fingerprint=fingerprint)
        reason = "asked for" if full_refresh and mark is not None else reason
        turn = Turn(
            con=con,
            plan=plan,
            server=server,
            run_id=run_id,
            hash_key=settings.hash_key,
            why_all=reason,
            mark_xmin=mark.snapshot_xmin if mark else 0,
            salt=salt,
            persons=persons,
        )
        progress(f"{name}: reading {'all' if reason else 'changes'}")
        counts, totals = load_table(turn, now=_now)
        tables.append((counts, totals))
        new_marks.append(_mark(name, server, fingerprint, run_id))
        progress(described(counts))
    _record(con, run_id, server, tables)
    write_marks(con, new_marks)
    counted = tuple(counts for counts, _ in tables)
    notes += _reasons(counted)
    return Extraction(
        run_id, server.as_of_at, started_at, _now(), server.fingerprint, counted, tuple(notes)
    )


def described(counts: TableCounts) -> str:
    """One line of progress: rows, megabytes, seconds."""
    deleted = f", {counts.deleted_rows:,} gone" if counts.deleted_rows else ""
    return (
        f"{counts.table_name}: {counts.changed_rows:,} of {counts.source_rows:,} rows changed"
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


def _fit_layout(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> list[str]:
    """Columns that came, went or widened at the source, in raw.* and past.*; what to report."""
    found = con.execute(
        "select table_name, schema_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name in ('raw', 'past')"
    ).fetchall()
    notes = []
    for plan in plans:
        existing: dict[str, dict[str, str]] = {"raw": {}, "past": {}}
        for table, schema, column, kind in found:
            if table == plan.table.name:
                existing[schema][column] = kind
        statements, changes = delta.layout_changes(plan, existing)
        for statement in statements:
            con.execute(statement)
        notes += changes
    return notes


def _report_unknown_tables(
    con: duckdb.DuckDBPyConnection, names: list[str], server: Server
) -> list[str]:
    """Tables outside the contract, each reported when first seen."""
    known = {row[0] for row in con.execute("select table_name from meta.unknown_tables").fetchall()}
    new = [name for name in names if name not in known]
    for name in new:
        con.execute("insert into meta.unknown_tables values (?, ?)", [name, server.as_of_at])
    return [f"{name}: a table that the contract does not know, not extracted" for name in new]


def _record(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    server: Server,
    tables: Sequence[tuple[TableCounts, dict[str, Decimal]]],
) -> None:
    """The run's rows of run_manifest and source_totals; a run repeated replaces its own."""
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
        for counts, _ in tables
    ]
    measures = [
        [run_id, counts.table_name, measure, value]
        for counts, totals in tables
        for measure, value in totals.items()
    ]
    for table, written in (("run_manifest", manifest), ("source_totals", measures)):
        con.execute(f"delete from meta.{table} where run_id = ?", [run_id])
        marks = ", ".join("?" for _ in written[0])
        con.executemany(f"insert into meta.{table} values ({marks})", written)
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


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
