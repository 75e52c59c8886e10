"""Transaction ids and their ages, 32-bit numbers that wrap around, in Python and in SQL."""

from __future__ import annotations

HALF = 2**31
MASK = 2**32 - 1
FIRST_NORMAL_XID = 3  # PostgreSQL's; a lesser xmin marks a row as frozen


def age_of(xid: int, next_xid: int) -> int:
    """PostgreSQL's age() of a 64-bit transaction id, counted back from `next_xid`: signed."""
    return ((next_xid - (xid & MASK) + HALF) & MASK) - HALF


def xmin_sql(age: str, next_xid: int) -> str:
    """DuckDB: the 32-bit xmin from its age; the oldest stands for the frozen marker 2."""
    return f"case when {age} = 2147483647 then 2 else ({next_xid} - {age}) & 4294967295 end"


def age_sql(xmin: str, next_xid: int) -> str:
    """DuckDB: the age of a 32-bit xmin as PostgreSQL's age() gives it in this transaction."""
    signed = f"(({next_xid} - {xmin} + 2147483648) & 4294967295) - 2147483648"
    return f"case when {xmin} < {FIRST_NORMAL_XID} then 2147483647 else {signed} end"
