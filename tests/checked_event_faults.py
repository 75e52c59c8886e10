"""Faults of subscription events that show among events: told late, out of turn, or never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.checked_faults import EVENTS, Finding, plant
from tests.checked_rows import Rows


@plant
def expired_after_grace(rows: Rows, number: int) -> Sequence[Finding]:
    """The end of 10 May is told on the 26th, within grace of 16 days, and on the 27th."""
    found = []
    for step, day in enumerate((26, 27)):
        user = rows.user(number + step)
        rows.event(user, "created", datetime(2026, 4, 10, 8))
        end = datetime(2026, 5, 10, 8)
        found.append(rows.event(user, "expired", datetime(2026, 5, day, 8), expires_at=end))
    return [("expired_late", EVENTS, found[1], "0")]


@plant
def renewed_after_grace(rows: Rows, number: int) -> Sequence[Finding]:
    """The month from 10 May is told on the 26th, within grace of 16 days, and on the 27th."""
    found = []
    for step, day in enumerate((26, 27)):
        user, order = rows.user(number + step), f"GPA.LATE-{number + step}"
        rows.event(user, "created", datetime(2026, 4, 10, 8), purchase_id=order)
        end = datetime(2026, 6, 10, 8)
        told = {"expires_at": end, "purchase_id": f"{order}..0"}
        found.append(rows.event(user, "renewed", datetime(2026, 5, day, 8), **told))
        rows.event(user, "expired", end, **told)
    return [("renewal_late", EVENTS, found[1], "0")]


@plant
def a_renewal_that_never_came(rows: Rows, number: int) -> Sequence[Finding]:
    """April and June were told, May was not: what the renewal of May would have brought."""
    user = rows.user(number)
    order = {"purchase_id": f"GPA.GAP-{number}"}
    first = rows.event(user, "created", datetime(2026, 4, 10, 8), **order)
    order = {"purchase_id": f"GPA.GAP-{number}..1"}
    last = rows.event(user, "renewed", datetime(2026, 6, 10, 8), **order)
    end = datetime(2026, 7, 10, 8)
    rows.event(user, "expired", end, expires_at=end, **order)
    return [("missing_expired", EVENTS, first, "0"), ("renewal_lost", EVENTS, last, "4.95")]


@plant
def a_cancel_ahead_of_its_period(rows: Rows, number: int) -> Sequence[Finding]:
    """Canceled on 12 May for the period to 10 June, whose renewal is told on 20 May; a cancel
    moments before its created event is none."""
    user, quick = rows.user(number), rows.user(number + 1)
    end = datetime(2026, 6, 10, 8)
    rows.event(user, "created", datetime(2026, 4, 10, 8))
    early = rows.event(user, "canceled", datetime(2026, 5, 12, 8), expires_at=end)
    rows.event(user, "renewed", datetime(2026, 5, 20, 8), expires_at=end)
    rows.event(user, "expired", end, expires_at=end)
    rows.event(quick, "canceled", datetime(2026, 10, 9, 23, 59, 58), expires_at=None)
    rows.event(quick, "created", datetime(2026, 10, 10))
    return [("event_out_of_order", EVENTS, early, "0")]


@plant
def an_older_purchase_charged_on(rows: Rows, number: int) -> Sequence[Finding]:
    """A month to 10 May, a quarter from the 12th, and on the 13th the month's renewal."""
    user = rows.user(number)
    quarter = {"base_plan_id": "quarterly-plan", "purchase_id": f"GPA.QUARTER-{number}"}
    end = datetime(2026, 8, 12, 8)
    rows.event(user, "created", datetime(2026, 4, 10, 8), purchase_id=f"GPA.MONTH-{number}")
    rows.event(user, "created", datetime(2026, 5, 12, 8), expires_at=end, **quarter)
    late = rows.event(
        user, "renewed", datetime(2026, 5, 13, 8), purchase_id=f"GPA.MONTH-{number}..0",
        expires_at=datetime(2026, 6, 10, 8),
    )  # fmt: skip
    rows.event(user, "expired", end, expires_at=end, **quarter)
    return [("overlapping_periods", EVENTS, late, "4.95")]


@plant
def a_period_without_an_end(rows: Rows, number: int) -> Sequence[Finding]:
    """A created event that names no end: its plan's length tells it."""
    user = rows.user(number, plan="premium")
    found = rows.event(user, "created", datetime(2026, 10, 10, 8), expires_at=None)
    return [("event_period_in_order", EVENTS, found, "4.95")]
