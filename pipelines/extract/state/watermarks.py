"""How far the last extraction saw, and whether that still means anything on this server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb

from models.inserting import replace_rows
from pipelines.base.meta_tables import WATERMARKS
from pipelines.extract.source.ages import HALF
from pipelines.extract.source.snapshot import Snapshot

FIRST = "first extraction"  # why all is read where nothing is there yet


@dataclass(frozen=True)
class Watermark:
    """A row of meta.extraction_marks."""

    table_name: str
    system_identifier: str | None
    timeline: int | None
    database_oid: int
    server_started_at: datetime
    snapshot_xmin: int
    snapshot_xmax: int
    fingerprint: str
    as_of_at: datetime
    run_id: str

    def is_present_of(self, snapshot: Snapshot) -> bool:
        """Whether the server's snapshot sees what this one saw: no transaction was open then below
        the newest that had ended, and none has ended since. Only of the same, unbroken server."""
        return self.snapshot_xmin == self.snapshot_xmax == snapshot.snapshot_xmax


def in_order(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> tuple[Snapshot, list[str]]:
    """The snapshot, dated after the last one where the source's clock was put back; a note that
    says so. Else a version would come before the one that it replaced."""
    ((last,),) = con.execute("select max(as_of_at) from meta.snapshots").fetchall()
    if last is None or snapshot.as_of_at >= last:
        return snapshot, []
    note = (
        f"the source's clock says {snapshot.as_of_at:%Y-%m-%d %H:%M:%S}, before the last "
        f"extraction at {last:%Y-%m-%d %H:%M:%S}: the snapshot is dated after that one until it "
        "catches up"
    )
    return replace(snapshot, as_of_at=last + timedelta(microseconds=1)), [note]


def why_all(watermark: Watermark | None, snapshot: Snapshot, *, fingerprint: str) -> str:
    """Why a table must be read in full; empty when reading what changed since suffices."""
    if watermark is None:
        return FIRST
    if snapshot.system_identifier is None:
        return "the source does not tell which cluster it is (pg_control_system is revoked)"
    if watermark.system_identifier != snapshot.system_identifier:
        return "another server stands under this URL"
    if watermark.database_oid != snapshot.database_oid:
        return "another database stands under this URL"
    if watermark.timeline != snapshot.timeline:
        return "the server was restored to a point in time (another timeline)"
    if snapshot.snapshot_xmax < watermark.snapshot_xmax:
        return "the server was put back to an earlier state (its transaction counter went back)"
    if watermark.server_started_at != snapshot.server_started_at:
        # a backup put back and run past the watermark is known by this alone: a row rewritten by
        # the same transaction number with other values would pass every audit by xmin
        return "the server was restarted since, and could be a copy that was put back"
    if snapshot.snapshot_xmax - watermark.snapshot_xmin >= HALF:
        return "more than 2^31 transactions passed since"
    if watermark.fingerprint != fingerprint:
        return "its columns, or how they are read, changed"
    return ""


def read_watermarks(con: duckdb.DuckDBPyConnection) -> dict[str, Watermark]:
    """The watermarks of the working file, by table."""
    names = ", ".join(name for name, _ in WATERMARKS)
    found = con.execute(f"select {names} from meta.extraction_marks").fetchall()
    return {row[0]: Watermark(*row) for row in found}


def write_watermarks(con: duckdb.DuckDBPyConnection, watermarks: Sequence[Watermark]) -> None:
    """Replace all watermarks, inside the transaction that wrote the rows."""
    rows = [[getattr(watermark, name) for name, _ in WATERMARKS] for watermark in watermarks]
    replace_rows(con, "meta.extraction_marks", rows=rows)


def read_totals(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Decimal]]:
    """Measures of meta.source_totals of the extraction that set the watermark, by table."""
    found = con.execute(
        "select table_name, map_from_entries(list((measure, value))) from meta.source_totals "
        "semi join meta.extraction_marks using (run_id, table_name) group by 1"
    ).fetchall()
    return dict(found)
