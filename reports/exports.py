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


def write_exports(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write the formats asked for into the folder; a period restricts the marts keyed by time."""
    entries: list[Entry] = []
    for mart, time_column in published.marts.items():
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
        Sheet(mart, mart_query(mart, time_column, period))
        for mart, time_column in published.marts.items()
        if is_monthly(mart, time_column)
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


def is_monthly(mart: str, time_column: str | None) -> bool:
    """Whether the rows of a mart are months, so that it fits a workbook."""
    is_month = re.fullmatch(r"(\w+_)?month", time_column or "") is not None
    return is_month and not mart.startswith(("fct_", "dim_"))


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
