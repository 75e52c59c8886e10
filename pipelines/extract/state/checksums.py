"""What raw.* holds, known without counting: rows, and the sum of their xmins."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import duckdb

from models.inserting import replace_rows
from pipelines.base.meta_tables import CHECKSUMS
from pipelines.extract.source.ages import FIRST_NORMAL_XID, HALF


@dataclass(frozen=True)
class Checksum:
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

    def after(self, added: Checksum, *, lost_rows: int, lost_xmins: int) -> Checksum:
        """The same when rows were added and others lost; the bounds never grow narrower."""
        if added.rows == 0:
            return self
        bounds = [added] if self.rows == 0 else [self, added]
        return Checksum(
            rows=self.rows + added.rows - lost_rows,
            xmins=self.xmins + added.xmins - lost_xmins,
            least_xmin=min(bound.least_xmin for bound in bounds),
            most_xmin=max(bound.most_xmin for bound in bounds),
        )


def read_checksums(con: duckdb.DuckDBPyConnection) -> dict[str, Checksum]:
    """What the last extraction left in raw.*, by table."""
    names = ", ".join(name for name, _ in CHECKSUMS)
    found = con.execute(f"select {names} from meta.held").fetchall()
    return {row[0]: Checksum(*row[1:]) for row in found}


def write_checksums(con: duckdb.DuckDBPyConnection, checksums: dict[str, Checksum]) -> None:
    """Replace what is known of raw.*, inside the transaction that wrote the rows."""
    replace_rows(
        con, "meta.held", rows=[[name, *astuple(known)] for name, known in checksums.items()]
    )
