"""What DuckDB says of its own files, in one sentence that names the way out."""

from __future__ import annotations

import duckdb

from models.errors import HypnomartError, WarehouseLocked

HELD = ("could not set lock", "conflicting lock")
LOCKED = (*HELD, "different configuration")
LATER = "trying to read a database file with version number"
DAMAGED = (
    "not a valid duckdb database file",
    "could not read enough bytes",
    "corrupt",
    "checksum",
    "metadata pointer",
    "failed to deserialize",
    "serialization error",
    "replaying wal",
    "database has been invalidated",
)
NO_SPACE = ("no space left", "disk quota", "file too large", "disk full", "not enough space")


def file_fault(error: duckdb.Error) -> HypnomartError:
    """A fault of the working file or of the published one that nothing else explained."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason")
    lower = said.lower()
    if any(sign in lower for sign in LOCKED):
        return WarehouseLocked(
            f"Another process has the file open: {said}. Close it or wait for its run to end, "
            "then try again."
        )
    if any(sign in lower for sign in NO_SPACE):
        return HypnomartError(f"The disk is full: {said}. Free some space and run again.")
    if is_damaged(error):
        return HypnomartError(
            f"A DuckDB file is damaged: {said}. Bring it back from a copy, or move it away and run "
            "`hypnomart run`, which makes it anew; of the working file the versions seen by "
            "earlier runs are lost then."
        )
    return HypnomartError(f"DuckDB refused: {said}. `hypnomart status` names the files.")


def is_damaged(error: Exception) -> bool:
    """Whether DuckDB cannot read its file, whoever asks."""
    return any(sign in str(error).lower() for sign in DAMAGED)


def is_held(error: Exception) -> bool:
    """Whether another program has the file open in a way that shuts others out."""
    return any(sign in str(error).lower() for sign in HELD)


def is_of_later_version(error: Exception) -> bool:
    """Whether a version of DuckDB wrote the file that this one cannot read."""
    return LATER in str(error).lower()
