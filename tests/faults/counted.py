"""How many tries `make faults` makes: FAULTS=10 asks for a tenth of them, in percent. FAULTS_FROM
has those that are numbered go on from a number, where an earlier count ended."""

from __future__ import annotations

import os


def tries(full: int) -> int:
    """So many, or the share of them that FAULTS asks for, at least one."""
    return max(1, full * int(os.environ.get("FAULTS", "100")) // 100)


def numbered(full: int) -> range:
    """The numbers of so many tries, from the first that FAULTS_FROM names."""
    first = int(os.environ.get("FAULTS_FROM", "0"))
    return range(first, first + tries(full))
