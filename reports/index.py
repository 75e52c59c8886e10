"""The pages that lead to the others: one for each day's reports, one over all days, `latest`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.counting import counted
from reports.manifest import NAME, Entry, read_manifest
from reports.pages import PAGES
from reports.render.html import render

INDEX, LATEST = "index.html", "latest"
# Documents of the tools themselves, below this folder beside the days.
DOCUMENTATION, DBT_PAGE, GX_PAGE = "documentation", "dbt.html", "great_expectations/index.html"
DOCUMENTS = {
    DBT_PAGE: ("dbt", "Models, lineage and tests, as dbt tells them."),
    GX_PAGE: ("Great Expectations", "Suites and what they held, as Data Docs tell it."),
}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH, WEEK = re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-W\d{2}")
Folder = tuple[str, Sequence[Entry]]  # the name of a day or a period, and its files
# What a person calls a page, and what it answers, by its report and in the order of importance;
# its first file is what opens.
TITLES = {
    "overview": ("Overview", "The business at a glance: what moved, what needs attention."),
    **{page.name: (page.title, page.question) for page in PAGES},
    "dictionary": ("Data dictionary", "What each table, each mart and each column means."),
}


@dataclass(frozen=True)
class Link:
    """One line of an index: what it is called, where it leads, and what is there."""

    label: str
    href: str
    note: str


def folder_page(name: str, entries: Sequence[Entry], *, as_of_at: datetime) -> str:
    """The index of one day or period: its pages, then the files to print, and to reckon with."""
    written = {entry.report for entry in entries if entry.format == "html"}
    pages = [
        Link(title, _first(entries, report).file, question)
        for report, (title, question) in TITLES.items()
        if report in written
    ]
    files = [
        Link(entry.file, entry.file, f"{entry.bytes / 1000:,.1f} kB")
        for entry in sorted(
            entries, key=lambda entry: (entry.format != "pdf", "/" in entry.file, entry.file)
        )
        if entry.format != "html"
    ]
    return render(
        "index.html",
        {
            "heading": f"Reports of {name}",
            "trail": [("All days", f"../{INDEX}")],
            "sections": [("Pages", pages), ("Files", files)],
            "as_of_at": as_of_at,
            "run_id": "",
        },
    )


def write_entry_points(out_dir: Path) -> None:
    """Point `latest` at the newest day, if there is one, and write the index over all folders."""
    folders = [(path.name, read_manifest(path)) for path in written_folders(out_dir)]
    days = [name for name, _ in folders if DAY.fullmatch(name)]
    there = [name for name in DOCUMENTS if (out_dir / DOCUMENTATION / name).is_file()]
    text = all_page(folders, latest=LATEST if days else "", documents=there)
    _replaced(out_dir / INDEX, lambda path: path.write_text(text, encoding="utf-8"))
    if days:
        _replaced(out_dir / LATEST, lambda path: path.symlink_to(days[-1]))


def all_page(folders: Sequence[Folder], *, latest: str, documents: Sequence[str] = ()) -> str:
    """The index over days, months and weeks, given by name; `latest` is the newest day's folder,
    `documents` name those of the tools that are there."""
    newest = max((entry.as_of for _, entries in folders for entry in entries), default=None)
    links = {
        title: [
            Link(name, f"{name}/{INDEX}", _contents(entries))
            for name, entries in folders[::-1]
            if shape.fullmatch(name)
        ]
        for title, shape in (("Days", DAY), ("Months", MONTH), ("Weeks", WEEK))
    }
    if latest:
        links["Days"].insert(0, Link("Newest", f"{latest}/{INDEX}", ""))
    links["Documentation of the tools"] = [
        Link(DOCUMENTS[name][0], f"{DOCUMENTATION}/{name}", DOCUMENTS[name][1])
        for name in documents
    ]
    return render(
        "index.html",
        {
            "heading": "Reports",
            "trail": [],
            "sections": list(links.items()),
            "as_of_at": datetime.fromisoformat(newest).replace(tzinfo=None) if newest else None,
            "run_id": "",
        },
    )


def forget_days(out_dir: Path, keep: int | None) -> list[str]:
    """Delete the oldest days beyond `keep`, none where it is None; returns their names."""
    days = [path for path in written_folders(out_dir) if DAY.fullmatch(path.name)]
    old = days[:-keep] if keep else []
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def is_folder_of_ours(name: str) -> bool:
    """Whether a folder is named as a day, a month or a week."""
    return any(shape.fullmatch(name) for shape in (DAY, MONTH, WEEK))


def written_folders(out_dir: Path) -> list[Path]:
    """The folders of days and periods that have a manifest, by name."""
    return sorted(
        path
        for path in out_dir.glob("*")
        if is_folder_of_ours(path.name) and (path / NAME).exists()
    )


def _contents(entries: Sequence[Entry]) -> str:
    return f"{counted(len(entries), 'file')}, {sum(entry.bytes for entry in entries) / 1e6:,.1f} MB"


def _first(entries: Iterable[Entry], report: str) -> Entry:
    return next(entry for entry in entries if entry.report == report and entry.format == "html")


def _replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside and rename, so that nobody meets half of it."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    write(unfinished)
    unfinished.replace(path)
