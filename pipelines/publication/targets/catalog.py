"""The lake's catalog, held for writing: a DuckDB file beside the Parquet files, or a schema of a
PostgreSQL server.

A file is changed in a copy that takes its place by one rename, so that no reader meets a lock; a
schema in one transaction. A catalog holds the least and the greatest value of every column: what
is deleted of it is overwritten.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, TargetUnavailable
from pipelines.base.files import take_place
from pipelines.base.lock import file_lock
from pipelines.base.private import SHARED_FILE, shared_folder
from pipelines.base.settings import Settings
from pipelines.base.target_settings import NEEDED
from pipelines.publication.erasure.files import rewrite
from pipelines.publication.targets.catalog_schema import (
    attached_there,
    catalog_server,
    changed_schema,
    overwrite,
    refuse_schema,
)
from pipelines.publication.targets.copies import opened
from pipelines.publication.targets.lake import attached, options_of, told
from pipelines.publication.targets.server import connected

FILE = "hypnomart.ducklake"
EXTENSIONS = ("postgres_scanner", "ducklake")


@dataclass(frozen=True)
class Held:
    """A lake that nobody else writes to. `change`: attaches it to `con` as catalog LAKE for one
    change, which readers see whole once the block ends. `overwrite`: what was deleted of the
    catalog; who keeps it from that, in words, where somebody does."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    change: Callable[[], AbstractContextManager[None]]
    overwrite: Callable[[], str | None]


@contextmanager
def held(settings: Settings) -> Iterator[Held]:
    """Hold the lake for a block. Raises BadConfiguration, TargetUnavailable or WarehouseLocked in
    a sentence where it cannot be written to, or is not ours."""
    folder = _writable(settings)
    with opened(settings, *EXTENSIONS) as con:
        if settings.lake_catalog is None:
            with file_lock(
                folder / f".{FILE}.lock", "Another publication", what=f"the lake {folder}"
            ):
                yield Held(con, folder, partial(_changed_file, con, folder), lambda: None)
            return
        server = catalog_server(settings, settings.lake_catalog)
        with connected(server, settings) as (conn, facts):
            refuse_schema(conn, server, facts=facts)
            change = partial(changed_schema, con, folder, server=server, conn=conn)
            yield Held(con, folder, change, partial(overwrite, conn, server.schema))


@contextmanager
def read(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The lake as catalog LAKE, for reading; none where there is none yet."""
    folder, options = _folder(settings), ["read_only"]
    with opened(settings, *EXTENSIONS) as con:
        if settings.lake_catalog is None:
            if not (folder / FILE).exists():
                yield None
                return
            _refuse_file(folder / FILE)
            with attached(con, folder, address=str(folder / FILE), options=options):
                yield con
            return
        server = catalog_server(settings, settings.lake_catalog)
        with connected(server, settings) as (conn, facts):
            if not refuse_schema(conn, server, facts=facts):
                yield None
                return
            with attached_there(con, folder, server=server, options=options):
                yield con


def _folder(settings: Settings) -> Path:
    if settings.lake is None:
        raise BadConfiguration(" ".join(NEEDED["ducklake"]))
    return settings.lake


def _writable(settings: Settings) -> Path:
    """The lake's folder, made where it is missing."""
    folder = _folder(settings)
    try:
        shared_folder(folder)
        why = "no right to write" if folder.is_dir() else "it is no folder"
    except OSError as error:
        why = error.strerror or "it cannot be made"
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise TargetUnavailable(
            f"The lake's folder {folder} cannot be written to: {why}; grant it, or name another in "
            "HYPNOMART_LAKE."
        )
    return folder


@contextmanager
def _changed_file(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[None]:
    """A copy of the catalog for a block, then in its place, without freed blocks."""
    catalog, copy = folder / FILE, folder / f".{FILE}.building"
    leftovers = (copy, copy.with_name(f"{copy.name}.wal"))
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    try:
        is_new = not catalog.exists()
        if not is_new:
            _refuse_file(catalog)
            shutil.copyfile(catalog, copy)
        with attached(con, folder, address=str(copy), options=options_of(folder, is_new=is_new)):
            yield
        rewrite(copy)
        copy.chmod(SHARED_FILE)
        take_place(copy, catalog)
    except OSError as error:
        raise told(error, folder) from None
    finally:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)


def _refuse_file(catalog: Path) -> None:
    """Raise where the file is no catalog of a lake."""
    query = "select 1 from duckdb_tables() where table_name = 'ducklake_metadata'"
    try:
        with duckdb.connect(str(catalog), read_only=True) as con:
            is_catalog = con.execute(query).fetchone() is not None
    except duckdb.Error:
        is_catalog = False
    if not is_catalog:
        raise BadConfiguration(
            f"{catalog} is no catalog of a DuckLake; it stays as it is. Name another folder in "
            "HYPNOMART_LAKE."
        )
