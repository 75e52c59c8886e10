"""A published file, and what it says of itself, read also while another program has it open."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from models.errors import WarehouseLocked
from pipelines.base.file_faults import is_damaged, is_held, is_of_later_version

READING = ".reading-"  # what the folder of a copy begins with


@dataclass(frozen=True)
class Published:
    """A published file: its run, when it was published, the time of its snapshot, and how many
    people were erased by then, none of earlier versions. UTC, naive."""

    path: Path
    run_id: str
    published_at: datetime
    as_of_at: datetime | None
    erased: int | None = None


def read_published(path: Path) -> Published | None:
    """What a published file says of itself; none where there is none, or it cannot be read."""
    if not path.is_file():
        return None
    try:
        with readable(path) as copy, duckdb.connect(str(copy), read_only=True) as con:
            cursor = con.execute("select run_id, published_at, * from meta.publication")
            names = [name for name, *_ in cursor.description or ()]
            found = cursor.fetchone()
            has_runs = con.execute(
                "select 1 from duckdb_tables() where table_name = 'run_manifest'"
            ).fetchone()
            newest = "select max(as_of_at) from run_manifest" if has_runs else "select null"
            as_of = con.execute(newest).fetchone()
    except duckdb.Error:
        return None
    if found is None:
        return None
    erased = dict(zip(names, found, strict=True)).get("erased")
    return Published(path, found[0], found[1], as_of[0] if as_of else None, erased)


def is_later(path: Path) -> bool:
    """Whether a later version of DuckDB wrote a file, which this one cannot read."""
    fault = _fault(path)
    return fault is not None and is_of_later_version(fault)


def is_damaged_file(path: Path) -> bool:
    """Whether no DuckDB can read a file: not one that is away, held, another's or a later one's."""
    fault = _fault(path)
    return fault is not None and is_damaged(fault) and not is_of_later_version(fault)


def _fault(path: Path) -> duckdb.Error | None:
    try:
        with readable(path) as copy:
            duckdb.connect(str(copy), read_only=True).close()
    except duckdb.Error as error:
        return error
    return None


@contextmanager
def readable(path: Path) -> Iterator[Path]:
    """Where the file can be read: in its place, or as a copy beside it while another program has
    it open for writing, by which DuckDB shuts all others out. Raises duckdb.Error where it cannot
    be read at all, WarehouseLocked where no copy can be made."""
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        if not is_held(error):
            raise
    else:
        yield path
        return
    with _copied(path) as copy:
        yield copy


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """As it was published: what the other program wrote stands in a log beside it."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=READING, dir=path.parent))
        copy = Path(shutil.copyfile(path, folder / path.name))
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise WarehouseLocked(
            f"{path} is open for writing in another program; close it there, or open it for "
            "reading alone."
        ) from error
    try:
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
