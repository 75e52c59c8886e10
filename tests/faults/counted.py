"""How many tries `make faults` makes: FAULTS=10 asks for a tenth of them, in percent."""

from __future__ import annotations

import os


def tries(full: int) -> int:
    """So many, or the share of them that FAULTS asks for, at least one."""
    return max(1, full * int(os.environ.get("FAULTS", "100")) // 100)
