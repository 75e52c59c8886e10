"""What the checks hold against: every threshold, in one place.

The SQL of the checks reads them as DuckDB variables, `getvariable('pending_days')`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb


@dataclass(frozen=True)
class Limits:
    """Thresholds of findings and checks; the defaults are the documented ones."""

    # Above this share of the stores' receipts, or of their money, unpriced, unreadable or repeated
    # ones make the numbers themselves doubtful: an error, once there are enough receipts for a
    # share to mean it.
    receipt_fault_share: float = 0.20
    receipts_for_a_share: int = 500
    # A store settles a pending purchase within days or drops it.
    pending_days: int = 7
    # Generation takes minutes, and a support request days; after this a course is owed.
    placeholder_days: int = 30
    # A recording lasts at most 120 s and times out after 240: a started turn may overshoot a limit.
    overshoot_credits: int = 240
    # The premium allowance, which stays used up in the week in which premium ends.
    premium_weekly_credits: int = 10_000
    # A reset comes by itself each week; one that is overdue for another week has failed.
    reset_overdue_days: int = 7
    # Clocks of phones differ by minutes, of zones by hours when a zone is lost.
    clock_ahead_minutes: int = 5
    # Two events alike in everything within this time are one, sent twice.
    same_event_minutes: int = 1
    # Rates are fetched by hand: whoever does it needs some weeks.
    rates_end_days: int = 28
    # The working file's own clock against the calendar, the interval of a daily refresh and a half.
    fresh_hours: int = 36


def set_variables(con: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Make every limit readable in SQL by getvariable, for the time of the connection."""
    for name, value in asdict(limits).items():
        con.execute(f"set variable {name} = ?", [value])
