"""Numbers with what they count, as a person writes them: 1 row, 2,000 rows."""

from __future__ import annotations


def counted(number: int, one: str, *, many: str = "") -> str:
    """The number and the noun, whose plural ends in s unless `many` says it."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
