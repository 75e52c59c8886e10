"""The DuckDB file, made of a publication in Parquet."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from models.errors import BadConfiguration, HypnomartError, WarehouseLocked
from models.quoting import literal, quoted
from pipelines.base.environment import mode_of_files
from pipelines.base.files import take_place
from pipelines.publication.described import create_macros
from pipelines.publication.targets.store import FILE, Store, opened_store, signed
from pipelines.transform.content import table_word

TYPE = re.compile(
    r"[A-Z][A-Z0-9]*( [A-Z]+)*(\(\d+,\d+\))?(\[\])*"
    r"|ENUM\('([^']|'')*'(, '([^']|'')*')*\)"
)

ANEW = ": something else wrote there. Bring it anew by `hypnomart publish --to spark`."


def fetch(place: str, file: Path) -> dict[str, Any]:
    """Make the file of what stands in a folder or store; its manifest.

    Each table is compared with what was published. Raises BadConfiguration, TargetUnavailable or
    HypnomartError in a sentence; a file of that name is then as before. Who may open one that is
    replaced may open the new one; of a new one the umask says who may.
    """
    fresh = unfinished(file)
    with opened_store(place) as store:
        manifest = store.manifest()
        if manifest is None:
            raise BadConfiguration(
                f"{store.place} holds no publication; bring one there by `hypnomart publish --to "
                "spark`."
            )
        if signed(manifest) != manifest:
            raise HypnomartError(f"The manifest in {store.place} is not what was published{ANEW}")
        try:
            with _alone(file):
                _make(store, manifest, fresh=fresh)
                fresh.chmod(stat.S_IMODE(file.stat().st_mode) if file.exists() else mode_of_files())
                take_place(fresh, file)
        except (OSError, duckdb.IOException) as error:
            words = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise BadConfiguration(
                f"{file} cannot be written: {words}; name another file."
            ) from None
    return manifest


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold the file's folder for a block, without a file of a lock that stays. Raises
    WarehouseLocked while another one makes a file there."""
    folder = os.open(file.parent, os.O_RDONLY)
    fresh = unfinished(file)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WarehouseLocked(
                f"Another `hypnomart fetch` makes a file in {file.parent}; wait for it to end. "
                f"{file.name} is as before."
            ) from None
        try:
            yield
        finally:
            fresh.unlink(missing_ok=True)
    finally:
        os.close(folder)


def unfinished(file: Path) -> Path:
    """Where a file is made before it takes its place."""
    return file.with_name(f".{file.name}.unfinished")


def _make(store: Store, manifest: dict[str, Any], *, fresh: Path) -> None:
    fresh.unlink(missing_ok=True)
    with duckdb.connect(str(fresh)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute("create schema meta")
        for table in manifest["tables"]:
            _fill(con, store, table=table)
        main = {table["name"] for table in manifest["tables"] if table["schema"] == "main"}
        create_macros(con, main)
        con.execute("checkpoint")


def _fill(con: duckdb.DuckDBPyConnection, store: Store, *, table: dict[str, Any]) -> None:
    name = f"{quoted(table['schema'])}.{quoted(table['name'])}"
    if odd := [one["kind"] for one in table["columns"] if not TYPE.fullmatch(one["kind"])]:
        raise HypnomartError(f"{table['name']} in {store.place} has a column of no type: {odd[0]}")
    columns = ", ".join(
        f"{quoted(column['name'])}::{column['kind']} as {quoted(column['name'])}"
        for column in table["columns"]
    )
    paths = [one["path"] for one in table["files"]]
    if not paths or not all(map(FILE.fullmatch, paths)):
        raise HypnomartError(
            f"{table['name']} has no files of ours in the manifest in {store.place}{ANEW}"
        )
    source = store.in_duckdb(con, paths)
    try:
        con.execute(f"create table {name} as select {columns} from {source}")
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise HypnomartError(f"{table['name']} in {store.place} cannot be read: {said}") from error
    if table_word(con, name) != table["word"]:
        raise HypnomartError(
            f"{table['name']} in {store.place} does not hold what was published{ANEW}"
        )
    if table["comment"]:
        con.execute(f"comment on table {name} is {literal(table['comment'])}")
    for column in table["columns"]:
        if column["comment"]:
            target = f"{name}.{quoted(column['name'])}"
            con.execute(f"comment on column {target} is {literal(column['comment'])}")
