"""The extraction: open the target, take the snapshot, plan, load each table, finish."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from models.errors import ConnectionDropped
from pipelines.base.hash_key import key_check, with_hash_key
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.extract.load.all_tables import load_counting_ahead, load_side_by_side
from pipelines.extract.load.columns import fit_layout
from pipelines.extract.load.erased import note_words, share_new
from pipelines.extract.load.plan import TablePlan, plan_tables, unknown_tables
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.source.catalogue import read_tables
from pipelines.extract.source.connection import attached, connection_string
from pipelines.extract.source.faults import faults_told
from pipelines.extract.source.probe import probe
from pipelines.extract.source.readers import Reader, readers
from pipelines.extract.state.checksums import read_checksums
from pipelines.extract.state.erased import forget, has_words, salt_of
from pipelines.extract.state.layout import create_layout
from pipelines.extract.state.manifest import Extraction, finish, now, report_unknown_tables
from pipelines.extract.state.watermarks import in_order, read_totals, read_watermarks, why_all
from pipelines.extract.state.working_file import new_file, working_file

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
                return _extract_once(
                    settings,
                    conninfo,
                    run_id=run_id,
                    progress=progress,
                    full_refresh=full_refresh,
                )
            except ConnectionDropped as error:
                if pause is None:
                    raise
                progress(f"{error} Trying again in {pause:.0f} s.")
            time.sleep(pause)
    raise AssertionError("unreachable")


def _extract_once(
    settings: Settings,
    conninfo: str,
    *,
    run_id: str,
    progress: Callable[[str], None],
    full_refresh: bool,
) -> Extraction:
    probed = probe(conninfo)
    is_new = not settings.warehouse.exists()
    started_at = now()
    with (
        faults_told("reading the catalogue", conninfo),
        (new_file if is_new else working_file)(settings.warehouse) as file,
        attached(file, conninfo),
        readers(file, conninfo, probed=probed) as found,
    ):
        con = found[0].con
        live = read_tables(con)
        plans = plan_tables(live)
        notes = _lay_out(file, found, plans=plans) if is_new else _fit(con, plans)
        snapshot, late = in_order(con, found[0].snapshot)
        found = [replace(found[0], snapshot=snapshot), *found[1:]]
        notes += late + report_unknown_tables(con, unknown_tables(live), snapshot=snapshot)
        loads = _loads(found[0], plans, hash_key=settings.hash_key, full_refresh=full_refresh)
        is_renaming = has_words(con)
        if is_renaming:
            note_words(con)
        load_all = load_side_by_side if is_new else load_counting_ahead
        loaded = load_all(found, loads, conninfo=conninfo, progress=progress)
        with faults_told("writing the warehouse", conninfo):
            if is_renaming:
                share_new(con)
                forget(con)
            done = finish(
                con,
                run_id,
                snapshot=snapshot,
                fingerprints=_fingerprints(plans, settings.hash_key),
                tables=loaded,
                started_at=started_at,
                notes=notes,
            )
            file.execute("reset threads")
            for reader in reversed(found if is_new else found[:1]):
                reader.con.commit()
    return done


def _lay_out(
    file: duckdb.DuckDBPyConnection, found: Sequence[Reader], *, plans: Sequence[TablePlan]
) -> list[str]:
    """The tables of a new file, committed at once for both readers to see; what to report."""
    with file.cursor() as cursor:
        cursor.execute("use warehouse")
        notes = _fit(cursor, plans)
    for reader in found:
        reader.con.execute("use warehouse")
    return notes


def _fit(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> list[str]:
    """The tables as the source now has them; what to report."""
    create_layout(con)
    return fit_layout(con, plans)


def _fingerprints(plans: Sequence[TablePlan], hash_key: str) -> dict[str, str]:
    check = key_check(hash_key)
    return {plan.table.name: plan.fingerprint(check) for plan in plans}


def _loads(
    lead: Reader, plans: Sequence[TablePlan], *, hash_key: str, full_refresh: bool
) -> list[TableLoad]:
    """Each table's load by the first reader, from what the last extraction left."""
    con, snapshot = lead.con, lead.snapshot
    watermarks, checksums, totals = read_watermarks(con), read_checksums(con), read_totals(con)
    fingerprints = _fingerprints(plans, hash_key)
    salt, is_renaming = salt_of(con), has_words(con)

    def load_of(plan: TablePlan) -> TableLoad:
        name = plan.table.name
        watermark = watermarks.get(name)
        reason = why_all(watermark, snapshot, fingerprint=fingerprints[name])
        if full_refresh and watermark is not None:
            reason = "asked for"
        is_unwritten = watermark is not None and not reason and watermark.is_present_of(snapshot)
        return TableLoad(
            reader=lead,
            plan=plan,
            hash_key=hash_key,
            why_all=reason,
            watermark_xmin=watermark.snapshot_xmin if watermark else 0,
            salt=salt,
            has_erased_words=is_renaming,
            checksum=checksums.get(name),
            totals=totals.get(name) if is_unwritten else None,
        )

    return [load_of(plan) for plan in plans]
