"""What the business edits: the shipped CSV files, and those of its own that replace them."""

from __future__ import annotations

import csv
from pathlib import Path

# Columns that came later: where a file of the user's lacks one, it is read as empty.
LATER_COLUMNS = {
    "price_book": ("is_kept",),
    "store_fees": (
        "region",
        "min_year_to_date_usd",
        "is_existing_install",
        "billing_fee_rate",
        "is_assumed",
        "source",
    ),
}
RENAMED_COLUMNS = {"store_fees": {"fee_rate": "service_fee_rate"}}


def lay_over(source: Path, target: Path) -> list[str]:
    """Write a user's seed with the columns of today; returns a sentence per column that differs."""
    with source.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = [row for row in csv.reader(file) if row] or [[]]
    renamed = RENAMED_COLUMNS.get(source.stem, {})
    names = [renamed.get(name.strip(), name.strip()) for name in header]
    absent = [name for name in LATER_COLUMNS.get(source.stem, ()) if name not in names]
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, *absent])
        writer.writerows([*row, *([""] * len(absent))] for row in rows)
    return [
        *(f"{source}: {old} is read as {new}." for old, new in renamed.items() if old in header),
        *(f"{source}: {name} is absent and read as empty." for name in absent),
    ]
