"""What lies beside the pages of a day, so that they may link to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reports.dictionary.site import FOLDER, HOME
from reports.exports import CSV_FOR_EXCEL
from reports.index import DAY, DOCUMENTATION, GX_PAGE, LATEST
from reports.manifest import read_manifest
from reports.published import Published


def with_what_lies_beside(
    source: Published, day: Path, *, plan: Mapping[str, Sequence[str]]
) -> Published:
    """What pages may link to once the plan is done: CSV, each other, the dictionary, Data Docs."""
    kept = read_manifest(day)
    pages = {entry.report for entry in kept if entry.format == "html"}
    pages |= {name for name, formats in plan.items() if "html" in formats}
    exported = {entry.mart for entry in kept if entry.format == "csv" and entry.mart}
    if {"csv", CSV_FOR_EXCEL} & {*plan.get("exports", ())}:
        exported = {*source.marts}
    docs = Path(DOCUMENTATION, GX_PAGE)
    dictionary = FOLDER if "dictionary" in pages else _dictionary_of_latest(day)
    return replace(
        source,
        exported=frozenset(exported),
        described=source.described if dictionary else frozenset(),
        dictionary=dictionary,
        pages=frozenset(pages),
        data_docs=f"../{docs.as_posix()}" if (day.parent / docs).is_file() else "",
    )


def _dictionary_of_latest(day: Path) -> str:
    """The newest day's dictionary, seen from a month or a week, which has none of its own: it says
    what stands, and would be the same in each of a hundred periods."""
    is_there = (day.parent / LATEST / FOLDER / HOME).is_file()
    return f"../{LATEST}/{FOLDER}" if is_there and not DAY.fullmatch(day.name) else ""
