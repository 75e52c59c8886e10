"""A copy of the reports in any store that fsspec knows: a folder, SFTP, S3 and its like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from models.counting import counted
from reports.index import DAY, INDEX, LATEST, all_page, is_folder_of_ours
from reports.manifest import NAME, Entry, read_manifest


def copy_day(day: Path, url: str, *, keep: int | None = None) -> str:
    """Bring a day's or a period's folder to the store, and the index over all that it holds.

    A file that is there already, by its SHA-256, is left; the manifest comes last, so that a copy
    that broke off is seen by it. `keep`: older days beyond so many are deleted there. Returns how
    it went.
    """
    store, root = url_to_fs(url)
    target = f"{root.rstrip('/')}/{day.name}"
    entries = read_manifest(day)
    there = _there(store, target)
    changed = [entry for entry in entries if there.get(entry.file) != entry.sha256]
    for folder in sorted({f"{target}/{entry.file}".rpartition("/")[0] for entry in entries}):
        store.makedirs(folder, exist_ok=True)
    for entry in changed:
        store.put_file(str(day / entry.file), f"{target}/{entry.file}")
    store.put_file(str(day / NAME), f"{target}/{NAME}")
    for file in sorted(there.keys() - {entry.file for entry in entries}):
        if store.exists(f"{target}/{file}"):
            store.rm_file(f"{target}/{file}")
    folders = _kept_folders(store, root, keep=keep)
    days = [name for name, _ in folders if DAY.fullmatch(name)]
    if days[-1:] == [day.name]:
        _copy_dictionary(store, root, day=day, entries=changed)
    text = all_page(folders, latest=days[-1] if days else "")
    with store.open(f"{root.rstrip('/')}/{INDEX}", "wb") as stream:
        stream.write(text.encode())
    copied = f"{len(changed)} of {counted(len(entries), 'file')} copied"
    return f"{copied}, {counted(len(days), 'day')} there"


def _copy_dictionary(store: Any, root: str, *, day: Path, entries: list[Entry]) -> None:
    """Put the newest day's dictionary where months and weeks look for it: a store has no links."""
    files = [entry.file for entry in entries if entry.report == "dictionary"]
    for folder in sorted({f"{LATEST}/{file}".rpartition("/")[0] for file in files}):
        store.makedirs(f"{root.rstrip('/')}/{folder}", exist_ok=True)
    for file in files:
        store.put_file(str(day / file), f"{root.rstrip('/')}/{LATEST}/{file}")


def _there(store: Any, folder: str) -> dict[str, str]:
    """The SHA-256 of the files in a day's folder of the store, as its manifest says."""
    return {entry.file: entry.sha256 for entry in _manifest(store, folder)}


def _manifest(store: Any, folder: str) -> list[Entry]:
    try:
        with store.open(f"{folder}/{NAME}", "rb") as stream:
            return [Entry(**entry) for entry in json.load(stream)["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _kept_folders(store: Any, root: str, *, keep: int | None) -> list[tuple[str, list[Entry]]]:
    """The folders in the store by name, after the oldest days beyond `keep` are deleted."""
    store.invalidate_cache()
    names = sorted(
        name
        for path in store.ls(root, detail=False)
        if is_folder_of_ours(name := path.rstrip("/").rpartition("/")[2])
    )
    days = [name for name in names if DAY.fullmatch(name)]
    old = days[:-keep] if keep else []
    for name in old:
        store.rm(f"{root.rstrip('/')}/{name}", recursive=True)
    kept = [name for name in names if name not in old]
    return [(name, _manifest(store, f"{root.rstrip('/')}/{name}")) for name in kept]
