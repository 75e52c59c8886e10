"""How far the last extraction saw, and whether that still means anything on this server."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from models.errors import SourceUnavailable
from pipelines.extract.connection import OLDEST_MAJOR, rows
from pipelines.extract.plan import FIRST_NORMAL_XID, SOURCE

HERE = Path(__file__).parent
HALF = 2**31
MASK = 2**32 - 1
FIRST = "first extraction"  # why all is read where nothing is there yet

# One row per table: where the next extraction of it starts.
MARKS = (
    ("table_name", "VARCHAR"),
    ("system_identifier", "VARCHAR"),
    ("timeline", "BIGINT"),
    ("database_oid", "BIGINT"),
    ("server_started_at", "TIMESTAMP"),
    ("snapshot_xmin", "BIGINT"),
    ("snapshot_xmax", "BIGINT"),
    ("fingerprint", "VARCHAR"),
    ("as_of_at", "TIMESTAMP"),
    ("run_id", "VARCHAR"),
)
# One row per table: what raw.<table> held at the end of the last extraction.
HELD = (
    ("table_name", "VARCHAR"),
    ("rows", "BIGINT"),
    ("xmins", "HUGEINT"),
    ("least_xmin", "BIGINT"),
    ("most_xmin", "BIGINT"),
)


@dataclass(frozen=True)
class Server:
    """Who the source is and what this transaction's snapshot sees."""

    as_of_at: datetime
    version: int
    database_oid: int
    server_started_at: datetime
    snapshot_xmin: int
    snapshot_xmax: int
    next_xid: int
    may_share: bool
    system_identifier: str | None
    timeline: int | None

    @property
    def fingerprint(self) -> str:
        """For run_manifest: cluster, timeline, database."""
        return f"{self.system_identifier or 'unknown'}/{self.timeline or 0}/{self.database_oid}"

    @property
    def snapshot(self) -> tuple[object, ...]:
        """What two transactions that see the same share."""
        return (self.fingerprint, self.server_started_at, self.snapshot_xmin, self.snapshot_xmax)

    def age_of(self, xid: int) -> int:
        """PostgreSQL's age() of a 64-bit transaction id in this transaction: a signed 32-bit."""
        return ((self.next_xid - (xid & MASK) + HALF) & MASK) - HALF


def in_order(con: duckdb.DuckDBPyConnection, server: Server) -> tuple[Server, list[str]]:
    """The server, its snapshot dated after the last one where its clock was put back; a note that
    says so. Else a version would come before the one that it replaced."""
    ((last,),) = con.execute("select max(as_of_at) from meta.snapshots").fetchall()
    if last is None or server.as_of_at >= last:
        return server, []
    note = (
        f"the source's clock says {server.as_of_at:%Y-%m-%d %H:%M:%S}, before the last extraction "
        f"at {last:%Y-%m-%d %H:%M:%S}: the snapshot is dated after that one until it catches up"
    )
    return replace(server, as_of_at=last + timedelta(microseconds=1)), [note]


@dataclass(frozen=True)
class Mark:
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

    def is_present_of(self, server: Server) -> bool:
        """Whether the server's snapshot sees what this one saw: no transaction was open then below
        the newest that had ended, and none has ended since. Only of the same, unbroken server."""
        return self.snapshot_xmin == self.snapshot_xmax == server.snapshot_xmax


@dataclass(frozen=True)
class Held:
    """Rows of raw.<table>, the sum of their 32-bit xmins, and bounds that none of these passes."""

    rows: int
    xmins: int
    least_xmin: int
    most_xmin: int

    def ages(self, next_xid: int) -> int | None:
        """Sum of the ages, counted back from `next_xid`, where each is a mere distance; None where
        an xmin may be frozen or wrapped, and the rows must be asked."""
        if self.rows == 0:
            return 0
        least, most = max(FIRST_NORMAL_XID, next_xid - HALF + 1), next_xid + HALF - 1
        is_distance = least <= self.least_xmin and self.most_xmin <= most
        return self.rows * next_xid - self.xmins if is_distance else None

    def after(self, added: Held, *, lost_rows: int, lost_xmins: int) -> Held:
        """What is held when rows were added and others lost; the bounds never grow narrower."""
        if added.rows == 0:
            return self
        bounds = [added] if self.rows == 0 else [self, added]
        return Held(
            rows=self.rows + added.rows - lost_rows,
            xmins=self.xmins + added.xmins - lost_xmins,
            least_xmin=min(bound.least_xmin for bound in bounds),
            most_xmin=max(bound.most_xmin for bound in bounds),
        )


def read_server(con: duckdb.DuckDBPyConnection, source: str = SOURCE) -> Server:
    """The first statement of the transaction: it takes the snapshot and sets the timeouts.

    Raises SourceUnavailable for a version that cannot be read.
    """
    (row,) = rows(con, (HERE / "server.sql").read_text(), source)
    if row["version"] < OLDEST_MAJOR * 10000:
        raise SourceUnavailable(
            f"The source is PostgreSQL {row['version'] // 10000}; {OLDEST_MAJOR} or newer is "
            "needed, nothing was written."
        )
    identity: dict[str, Any] = {"system_identifier": None, "timeline": None}
    if row["may_read_identity"]:
        (identity,) = rows(con, (HERE / "identity.sql").read_text(), source)
    known = {field.name for field in fields(Server)}
    return Server(
        **{name: value for name, value in row.items() if name in known},
        next_xid=(row["age_of_three"] + 3) & MASK,
        **identity,
    )


def why_all(mark: Mark | None, server: Server, *, fingerprint: str) -> str:
    """Why a table must be read in full; empty when reading what changed since the mark suffices."""
    if mark is None:
        return FIRST
    if server.system_identifier is None:
        return "the source does not tell which cluster it is (pg_control_system is revoked)"
    if mark.system_identifier != server.system_identifier:
        return "another server stands under this URL"
    if mark.database_oid != server.database_oid:
        return "another database stands under this URL"
    if mark.timeline != server.timeline:
        return "the server was restored to a point in time (another timeline)"
    if server.snapshot_xmax < mark.snapshot_xmax:
        return "the server was put back to an earlier state (its transaction counter went back)"
    if mark.server_started_at != server.server_started_at:
        # a backup put back and run past the mark is known by this alone: a row rewritten by the
        # same transaction number with other values would pass every audit by xmin
        return "the server was restarted since, and could be a copy that was put back"
    if server.snapshot_xmax - mark.snapshot_xmin >= HALF:
        return "more than 2^31 transactions passed since"
    if mark.fingerprint != fingerprint:
        return "its columns, or how they are read, changed"
    return ""


def key_check(hash_key: str) -> str:
    """Tells one hash key from another without telling the key: 48 bits of a hash."""
    return hashlib.sha256(f"hypnomart hash key {hash_key}".encode()).hexdigest()[:12]


def read_marks(con: duckdb.DuckDBPyConnection) -> dict[str, Mark]:
    """The marks of the working file, by table."""
    names = ", ".join(name for name, _ in MARKS)
    found = con.execute(f"select {names} from meta.extraction_marks").fetchall()
    return {row[0]: Mark(*row) for row in found}


def write_marks(con: duckdb.DuckDBPyConnection, marks: Sequence[Mark]) -> None:
    """Replace all marks, inside the transaction that wrote the rows."""
    values = [[getattr(mark, name) for name, _ in MARKS] for mark in marks]
    _replace(con, "extraction_marks", values)


def read_held(con: duckdb.DuckDBPyConnection) -> dict[str, Held]:
    """What the last extraction left in raw.*, by table."""
    names = ", ".join(name for name, _ in HELD)
    found = con.execute(f"select {names} from meta.held").fetchall()
    return {row[0]: Held(*row[1:]) for row in found}


def read_totals(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Decimal]]:
    """Measures of meta.source_totals of the extraction that set the mark, by table."""
    found = con.execute(
        "select table_name, map_from_entries(list((measure, value))) from meta.source_totals "
        "semi join meta.extraction_marks using (run_id, table_name) group by 1"
    ).fetchall()
    return dict(found)


def write_held(con: duckdb.DuckDBPyConnection, held: dict[str, Held]) -> None:
    """Replace what is known of raw.*, inside the transaction that wrote the rows."""
    _replace(con, "held", [[table, *astuple(known)] for table, known in held.items()])


def _replace(con: duckdb.DuckDBPyConnection, table: str, values: list[list[object]]) -> None:
    con.execute(f"delete from meta.{table}")
    insert_rows(con, table, values)


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, values: list[list[object]]) -> None:
    """Rows into meta.<table> by one statement: one for each would take ten times as long."""
    row = f"({', '.join('?' for _ in values[0])})"
    flat = [value for each in values for value in each]
    con.execute(f"insert into meta.{table} values {', '.join([row] * len(values))}", flat)
