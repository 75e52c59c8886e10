"""manifest.json: what each file of a day's reports holds, and how to know it unchanged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

NAME = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One file. `rows` and `mart` are null where a file holds several marts; `period` where all."""

    file: str
    report: str
    format: str
    mart: str | None
    rows: int | None
    bytes: int
    sha256: str
    as_of: str
    period: str | None


def entry_of(
    path: Path,
    folder: Path,
    *,
    report: str,
    format: str,
    as_of_at: datetime,
    mart: str | None = None,
    rows: int | None = None,
    period: str | None = None,
) -> Entry:
    """The entry of a file that has just been written below the folder."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Entry(
        file=path.relative_to(folder).as_posix(),
        report=report,
        format=format,
        mart=mart,
        rows=rows,
        bytes=path.stat().st_size,
        sha256=digest,
        as_of=f"{as_of_at.isoformat()}Z",
        period=period,
    )


def read_manifest(folder: Path) -> list[Entry]:
    """The entries of a folder, none where it has no manifest that can be read."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return [Entry(**entry) for entry in found["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_manifest(folder: Path, entries: Iterable[Entry], *, run_id: str, checks: str) -> Path:
    """Write the manifest of a folder, ordered by file: the run that published, how its checks
    ended, and the version of this code."""
    files = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.file)]
    head = {"run_id": run_id, "checks": checks, "version": version("hypnomart")}
    path = folder / NAME
    path.write_text(json.dumps(head | {"files": files}, indent=2) + "\n", encoding="utf-8")
    return path
