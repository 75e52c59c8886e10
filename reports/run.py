"""Write the reports from the published file, complete or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from models.counting import counted
from models.errors import BadConfiguration
from reports.beside import with_what_lies_beside
from reports.dictionary.report import write_dictionary
from reports.exports import CSV_FOR_EXCEL, write_exports
from reports.folders import as_its_folder, keep_others, only_writer, replace_folder, sweep
from reports.index import (
    INDEX,
    folder_page,
    forget_days,
    write_entry_points,
)
from reports.manifest import NAME, Entry, entry_of, write_manifest
from reports.overview import write_overview
from reports.pages import PAGES, page_report
from reports.payouts import write_payouts
from reports.published import Documents, Period, Published, open_published, period_of
from reports.state import state_of


@dataclass(frozen=True)
class Report:
    """A report: what it is, the formats it comes in, and how it is written into a folder."""

    description: str
    formats: tuple[str, ...]
    write: Callable[..., list[Entry]]
    needs_documents: bool = False
    on_demand: tuple[str, ...] = ()  # formats that are written only where somebody names them


REPORTS = {
    "overview": Report(
        "One page that opens offline: the business at a glance, with charts.",
        ("html", "pdf"),
        write_overview,
    ),
    **{
        page.name: Report(f"{page.title}: {page.question}", page.formats, page_report(page))
        for page in PAGES
    },
    "payouts": Report(
        "What partners are owed for the last complete month, as a list to pay from.",
        ("csv",),
        write_payouts,
    ),
    "dictionary": Report(
        "The data dictionary: a page for each table of the source and for each mart.",
        ("html", "md"),
        write_dictionary,
        needs_documents=True,
    ),
    "exports": Report(
        "Every mart as CSV and Parquet, the monthly ones as a workbook, with a manifest.",
        ("csv", "parquet", "xlsx"),
        write_exports,
        on_demand=(CSV_FOR_EXCEL,),
    ),
}


def available_reports() -> dict[str, str]:
    """Names of the reports, each with what it is."""
    return {name: report.description for name, report in REPORTS.items()}


def available_formats() -> list[str]:
    """Every format that some report comes in."""
    reports = REPORTS.values()
    return sorted({one for report in reports for one in (*report.formats, *report.on_demand)})


def write_reports(
    published: Path,
    out_dir: Path,
    *,
    names: Sequence[str] = (),
    period: str | None = None,
    formats: Sequence[str] = (),
    documents: Documents | None = None,
    keep: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write the named reports, or all, below `out_dir`/<day of the extraction>.

    The folder is replaced as a whole once everything is written; files of that day's reports that
    were not asked for stay. `period` is a month, as 2026-10, or a week, as 2026-W44, whose reports
    have a folder of that name beside the days, without the dictionary unless it is named.
    `keep`: how many days stay. Returns the files written, the manifest last. Raises
    BadConfiguration with what exists.
    """
    plan = plan_reports(names, formats)
    if documents is None or not documents.are_complete or (period and not names):
        plan = _without_documents(plan, named=names)
    try:
        # the folder first: who erases a person waits for it, then names what was written by then
        with (
            only_writer(out_dir),
            open_published(published, documents) as source,
            ExitStack() as stack,
        ):
            asked = period_of(period, source)
            day = out_dir / (str(asked) if asked else source.as_of.isoformat())
            unfinished = out_dir / f".{day.name}.new"
            stack.callback(shutil.rmtree, unfinished, ignore_errors=True)
            sweep(out_dir)
            unfinished.mkdir()
            source = with_what_lies_beside(source, day, plan=plan)
            entries = _filled(unfinished, source, plan=plan, day=day, period=asked)
            as_its_folder(out_dir, unfinished)
            replace_folder(unfinished, day)
            forget_days(out_dir, keep)
            write_entry_points(out_dir)
            as_its_folder(out_dir, out_dir / INDEX)
    except (OSError, duckdb.IOException) as error:
        reason = getattr(error, "strerror", None) or str(error).split("\n")[0]
        raise BadConfiguration(
            f"The reports cannot be written to {out_dir}: {reason}; "
            "set HYPNOMART_REPORTS to a folder with room."
        ) from error
    for name, wanted in plan.items():
        mine = [entry for entry in entries if entry.report == name]
        size = sum(entry.bytes for entry in mine)
        files = f"{counted(len(mine), 'file')} ({', '.join(wanted)})"
        progress(f"{name}: {files}, {size / 1e6:.1f} MB in {day}")
    return [day / entry.file for entry in entries] + [day / INDEX, day / NAME]


def _filled(
    unfinished: Path,
    source: Published,
    *,
    plan: Mapping[str, Sequence[str]],
    day: Path,
    period: Period | None,
) -> list[Entry]:
    """Write reports into a folder, beside what the day holds of others, with its index and its
    manifest; the files of these reports."""
    entries = [
        entry
        for name, wanted in plan.items()
        for entry in REPORTS[name].write(source, unfinished, formats=wanted, period=period)
    ]
    kept = keep_others(day, unfinished, entries=entries)
    index = _write_index(unfinished, day.name, entries=[*kept, *entries], as_of_at=source.as_of_at)
    checks = state_of(source, source.until(period)).quality.sentence
    listed = [*kept, *entries, index]
    write_manifest(unfinished, listed, run_id=source.run_id, checks=checks)
    return entries


def plan_reports(names: Sequence[str], formats: Sequence[str]) -> dict[str, list[str]]:
    """The formats to write of each report. Raises BadConfiguration for what does not exist."""
    for name in names:
        if name not in REPORTS:
            raise BadConfiguration(
                f"There is no report {name!r}; there are {', '.join(available_reports())}."
            )
    for format in formats:
        if format not in available_formats():
            raise BadConfiguration(
                f"There is no format {format!r}; there are {', '.join(available_formats())}."
            )
    plan = {}
    for name in dict.fromkeys(names) or REPORTS:
        report = REPORTS[name]
        possible = (*report.formats, *report.on_demand) if formats else report.formats
        wanted = [format for format in possible if format in formats or not formats]
        if names and not wanted:
            raise BadConfiguration(
                f"The report {name} comes as {', '.join(REPORTS[name].formats)}, "
                f"not as {', '.join(formats)}."
            )
        if wanted:
            plan[name] = wanted
    return plan


def _without_documents(plan: dict[str, list[str]], *, named: Sequence[str]) -> dict[str, list[str]]:
    """The plan without reports that no run has left the documents for. Raises for one by name."""
    missing = [name for name in plan if REPORTS[name].needs_documents]
    if wanted := [name for name in missing if name in named]:
        raise BadConfiguration(
            f"The report {wanted[0]} needs the source's catalogue and dbt's manifest, which the "
            "next `hypnomart run` keeps."
        )
    return {name: formats for name, formats in plan.items() if name not in missing}


def _write_index(folder: Path, name: str, *, entries: Sequence[Entry], as_of_at: datetime) -> Entry:
    path = folder / INDEX
    text = folder_page(name, entries, as_of_at=as_of_at)
    path.write_text(text, encoding="utf-8")
    return entry_of(path, folder, report="index", format="html", as_of_at=as_of_at)
