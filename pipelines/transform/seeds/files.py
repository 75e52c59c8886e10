"""The shipped seeds and the user's own, as they are read: columns of today, one row a line."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"

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


@dataclass(frozen=True)
class SeedFile:
    """A CSV file: its column names in their order, and its rows by column with their line."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The seed's name, that of its table."""
        return self.path.stem


@functools.cache
def described_seeds() -> dict[str, dict[str, Any]]:
    """Each seed's entry in dbt_project/seeds/_seeds.yml: description, column types, columns."""
    entries = yaml.safe_load((SEEDS / "_seeds.yml").read_text("utf-8"))["seeds"]
    return {entry["name"]: entry for entry in entries}


def column_types(seed: str) -> dict[str, str]:
    """The seed's columns in their order, each with its type."""
    types: dict[str, str] = described_seeds()[seed]["config"]["column_types"]
    return types


def read_seed(path: Path) -> SeedFile:
    """A seed file with the columns of today. Raises BadConfiguration with file, line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadConfiguration(f"{path} is not UTF-8 text; save it as CSV UTF-8.") from error
    reader = csv.reader(text.splitlines())
    lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    if not lines:
        raise BadConfiguration(f"{path} is empty; its first line names the columns.")
    (_, header), *body = lines
    renamed = RENAMED_COLUMNS.get(path.stem, {})
    names = [renamed.get(name.strip().lower(), name.strip().lower()) for name in header]
    absent = _absent_columns(path, names)
    for line, row in body:
        if len(row) != len(names):
            raise BadConfiguration(
                f"{path}, line {line}: {counted(len(row), 'value')} for "
                f"{counted(len(names), 'column')}; "
                "a value that holds a comma stands in double quotes."
            )
    rows = tuple(
        (line, dict(zip(names, map(str.strip, row), strict=True)) | dict.fromkeys(absent, ""))
        for line, row in body
    )
    warnings = (
        *(f"{path}: {old} is read as {new}." for old, new in renamed.items() if old in header),
        *(f"{path}: {name} is absent and read as empty." for name in absent),
    )
    return SeedFile(path, tuple(column_types(path.stem)), rows, warnings)


def write_seed(path: Path, columns: tuple[str, ...], *, rows: list[dict[str, str]]) -> None:
    """Write a CSV file in one rename."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    unfinished.replace(path)


def lay_over(source: Path, target: Path) -> None:
    """Write a user's seed where dbt reads it, with the columns of today."""
    seed = read_seed(source)
    write_seed(target, seed.columns, rows=[row for _, row in seed.rows])


def _absent_columns(path: Path, names: list[str]) -> list[str]:
    """Later columns that the header lacks. Raises BadConfiguration for any other difference."""
    known = column_types(path.stem)
    later = LATER_COLUMNS.get(path.stem, ())
    lacking = [name for name in known if name not in names and name not in later]
    if lacking:
        hint = " The values are separated by commas." if len(names) == 1 else ""
        raise BadConfiguration(
            f"{path}, line 1: the column {lacking[0]} is missing; "
            f"the columns are {', '.join(known)}.{hint}"
        )
    if unknown := [name for name in names if name not in known]:
        raise BadConfiguration(
            f"{path}, line 1: nothing reads the column {unknown[0]!r}; "
            f"the columns are {', '.join(known)}."
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadConfiguration(f"{path}, line 1: the column {twice[0]} stands there twice.")
    return [name for name in later if name not in names]
