"""A DuckDB file as a later version writes it."""

from __future__ import annotations

from pathlib import Path

FACTOR = 0xBF58476D1CE4E5B9  # of the checksum that DuckDB takes over words of 8 bytes


def as_of_later_version(path: Path) -> None:
    """Raise the version that stands after the file's four letters, and mend the checksum that
    stands before them."""
    content = bytearray(path.read_bytes())
    before = int.from_bytes(content[8:16], "little")
    content[12:16] = (9_999).to_bytes(4, "little")
    now = int.from_bytes(content[8:16], "little")
    checksum = int.from_bytes(content[:8], "little")
    checksum ^= (before * FACTOR ^ now * FACTOR) % 2**64
    content[:8] = checksum.to_bytes(8, "little")
    path.write_bytes(content)
