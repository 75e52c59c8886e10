"""Write the reports from the published file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

REPORTS = {
    "overview": "One page that opens offline: the business at a glance, with charts.",
    "exports": "Every mart as CSV and Parquet, the monthly ones as a workbook, with a manifest.",
}


def available_reports() -> dict[str, str]:
    """Names of the reports, each with what it is."""
    return dict(REPORTS)


def write_reports(
    published: Path,
    out_dir: Path,
    *,
    names: Sequence[str] = (),
    period: str | None = None,
    formats: Sequence[str] = (),
    progress: Callable[[str], None] = print,
) -> list[Path]:
    """Write the named reports, or all."""
    return []
