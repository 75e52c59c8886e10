"""Every mart as a file: CSV and Parquet for each, the monthly ones as one workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.render.csv import write_csv
from reports.render.parquet import write_parquet
from reports.render.xlsx import Sheet, write_workbook

WORKBOOK = "monthly_marts.xlsx"
# The column that dates a row, for marts keyed by something else.
TIME_COLUMNS = {
    "fct_receipts": "transacted_at",
    "fct_revenue": "booked_at",
    "fct_subscription_periods": "period_start_at",
    "fct_mrr_movements": "movement_at",
    "fct_referrals": "signed_up_at",
    "fct_discount_assignments": "assigned_at",
    "fct_credit_lots": "purchased_at",
    "fct_credit_consumption": "observed_to_at",
    "fct_listening": "observed_date",
    "discount_performance": "assigned_month",
}
# Of these a month is a label, not the time of a row.
TIMELESS = {"dim_dates", "retention_forecast"}


def write_exports(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write the formats asked for into the folder; a period restricts the marts keyed by time."""
    entries: list[Entry] = []
    for mart in published.marts:
        time_column = time_column_of(published, mart)
        selected = mart_query(mart, time_column, period)
        for format, write in (("csv", write_csv), ("parquet", write_parquet)):
            if format in formats:
                path = folder / format / f"{mart}.{format}"
                path.parent.mkdir(exist_ok=True)
                entries.append(
                    entry_of(
                        path,
                        folder,
                        report="exports",
                        format=format,
                        mart=mart,
                        rows=write(published.con, selected, path),
                        as_of_at=published.as_of_at,
                        period=str(period) if period and time_column else None,
                    )
                )
    if "xlsx" in formats:
        entries.append(_write_workbook(published, folder, period))
    return entries


def _write_workbook(published: Published, folder: Path, period: Period | None) -> Entry:
    sheets = [
        Sheet(mart, mart_query(mart, time_column_of(published, mart), period))
        for mart in published.marts
        if is_monthly(published, mart)
    ]
    path = folder / WORKBOOK
    rows = write_workbook(
        published.con,
        sheets,
        path,
        as_of_at=published.as_of_at,
        period=str(period) if period else None,
    )
    return entry_of(
        path,
        folder,
        report="exports",
        format="xlsx",
        rows=rows,
        as_of_at=published.as_of_at,
        period=str(period) if period else None,
    )


def time_column_of(published: Published, mart: str) -> str | None:
    """The column that dates a mart's rows: a month, week or day among its first three columns."""
    if mart in TIMELESS:
        return None
    described = published.con.execute(f"describe {quoted(mart)}").fetchall()
    names = [name for name, *_ in described]
    if mart in TIME_COLUMNS:
        return TIME_COLUMNS[mart] if TIME_COLUMNS[mart] in names else None
    for name, type_name, *_ in described[:3]:
        if type_name == "DATE" and re.fullmatch(r"(\w+_)?(month|date)", name):
            return str(name)
    return None


def is_monthly(published: Published, mart: str) -> bool:
    """Whether the rows of a mart are months, so that it fits a workbook."""
    column = time_column_of(published, mart) or ""
    return not mart.startswith(("fct_", "dim_")) and bool(re.fullmatch(r"(\w+_)?month", column))


def mart_query(mart: str, time_column: str | None, period: Period | None) -> str:
    """The rows of a mart, of one month where it is dated and a period is given."""
    query = f"select * from {quoted(mart)}"
    if period and time_column:
        column = quoted(time_column)
        query += f" where {column} >= date '{period.first_day}'"
        query += f" and {column} < date '{period.next_month}'"
    return query


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'
