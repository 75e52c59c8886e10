"""Who the source is, and what the transaction's snapshot sees."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from models.errors import SourceUnavailable
from pipelines.extract.source.ages import MASK, age_of
from pipelines.extract.source.connection import SOURCE, rows

OLDEST_MAJOR = 13
HERE = Path(__file__).parent
IDENTITY = (HERE / "identity.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Snapshot:
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
    def identity(self) -> tuple[object, ...]:
        """What two transactions that see the same share."""
        return (self.fingerprint, self.server_started_at, self.snapshot_xmin, self.snapshot_xmax)

    def age_of(self, xid: int) -> int:
        """PostgreSQL's age() of a 64-bit transaction id in this transaction."""
        return age_of(xid, self.next_xid)


def read_snapshot(con: duckdb.DuckDBPyConnection, source: str = SOURCE) -> Snapshot:
    """The first statement of the transaction: it takes the snapshot and sets the timeouts.

    Raises SourceUnavailable for a version that cannot be read.
    """
    (row,) = rows(con, (HERE / "snapshot.sql").read_text(), source=source)
    if row["version"] < OLDEST_MAJOR * 10000:
        raise SourceUnavailable(
            f"The source is PostgreSQL {row['version'] // 10000}; {OLDEST_MAJOR} or newer is "
            "needed, nothing was written."
        )
    identity: dict[str, Any] = {"system_identifier": None, "timeline": None}
    if row["may_read_identity"]:
        (identity,) = rows(con, IDENTITY, source=source)
    known = {field.name for field in fields(Snapshot)}
    return Snapshot(
        **{name: value for name, value in row.items() if name in known},
        next_xid=(row["age_of_three"] + 3) & MASK,
        **identity,
    )
