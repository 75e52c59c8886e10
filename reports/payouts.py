"""What partners are owed for one month, as a list to pay from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.render.csv import write_csv

NAME = "partner_payouts"
MART = "partner_payouts_monthly"


def write_payouts(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write partner_payouts.csv: partner_code, period, amount with cents, currency, reference, a
    row for each partner who is owed anything for the last complete month of the period.

    Names and bank accounts of partners are not in the source: the owner adds them.
    """
    if MART not in published.marts:
        return []
    query = published.rows("payouts", until=published.until(period)).query
    path = folder / f"{NAME}.csv"
    rows = write_csv(published.con, query.sql, path=path)
    return [
        entry_of(
            path,
            folder,
            report="payouts",
            format="csv",
            rows=rows,
            as_of_at=published.as_of_at,
            period=str(period) if period else None,
        )
    ]
