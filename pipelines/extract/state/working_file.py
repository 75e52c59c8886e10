"""The working file opened for writing, and a new one that takes its place when it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.errors import HypnomartError
from models.quoting import literal
from pipelines.base.file_faults import file_fault, is_damaged
from pipelines.base.files import take_place
from pipelines.extract.source.connection import MEMORY_LIMIT, without_secrets_of_others
from pipelines.extract.source.faults import faults_told, translated
from pipelines.extract.state.earlier_versions import bring_up_to_date
from pipelines.extract.state.layout import drop_macros


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """The working file, opened for writing, in UTC, its layout today's, without macros.

    Raises WarehouseLocked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(path))
        drop_macros(con)
        bring_up_to_date(con)
    except duckdb.Error as error:
        told = file_fault(error) if is_damaged(error) else translated(error, f"opening {path}")
        raise told from None
    return _configured(con)


def open_beside(path: Path) -> duckdb.DuckDBPyConnection:
    """A new file as catalog `warehouse`, not in use yet: a cursor's transaction begins to see it
    with `use warehouse`, so that it may first read a source, and then see what was created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con = _configured(duckdb.connect(":memory:"))
    con.execute(f"set temp_directory = {literal(f'{path}.tmp')}")  # never where the caller stands
    try:
        con.execute(f"attach {literal(str(path))} as warehouse")
    except duckdb.Error as error:
        raise translated(error, f"opening {path}") from None
    return con


def _configured(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    without_secrets_of_others(con)
    con.execute("set enable_progress_bar = false")
    con.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
    con.execute("set preserve_insertion_order = false")
    # trying the methods of compression took about half of the work of a first extraction (5.1 to
    # 5.7 s of processor time against 2.9 s for 693,000 rows; a file of 69 MB against 182 MB)
    con.execute("set force_compression = 'uncompressed'")
    # five groups of each table waited for the commit, where one thread writes (3.0 s of 18 s for 15
    # million rows through one reader); so they are written while the source is still read
    con.execute("set write_buffer_row_group_count = 1")
    con.execute("set global timezone = 'UTC'")
    return con


@contextmanager
def working_file(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working file, for a block that commits what it wrote."""
    con = open_warehouse(path)
    try:
        yield con
        with faults_told("writing the warehouse"):
            con.close()
    finally:
        con.close()


@contextmanager
def new_file(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A file beside the working file, as catalog `warehouse`, that takes its place at the end of
    the block: a kill at any instant leaves no file, or the whole one. Raises HypnomartError."""
    fresh = path.with_name(f"{path.name}.first")
    try:
        _remove(fresh)
        con = open_beside(fresh)
        try:
            yield con
            with faults_told("writing the warehouse"):
                con.execute("detach warehouse")
                con.close()
            take_place(fresh, path)
        finally:
            con.close()
            _remove(fresh)
    except OSError as error:
        raise HypnomartError(
            f"The disk refuses {path}: {error.strerror}; nothing was written."
        ) from None


def _remove(fresh: Path) -> None:
    for path in (fresh, Path(f"{fresh}.wal")):
        path.unlink(missing_ok=True)
