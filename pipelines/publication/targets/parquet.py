"""Bring the current publication to a folder or an object store as Parquet, with a manifest.

Spark reads it as it lies, and so does whatever else reads Parquet. Each publication has a folder of
its own; the manifest names the one that stands, and is replaced last.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import duckdb

from models.errors import BadConfiguration
from models.quoting import literal, quoted
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.base.target_settings import NEEDED
from pipelines.publication.readable import Published
from pipelines.publication.targets.copies import (
    Brought,
    attach_published,
    come_back,
    opened,
    standing,
    temporary_folder,
)
from pipelines.publication.targets.owner import refuse_another_home
from pipelines.publication.targets.store import (
    FORMAT,
    Store,
    folder_name,
    opened_store,
)
from pipelines.publication.targets.tables import ABOUT, Column, Table, read_tables
from pipelines.transform.content import table_word

FILE_BYTES = "128MB"
COME_ALONG = (*ABOUT, "semantic_manifest")


def place_of(settings: Settings) -> str:
    """The folder or URL that gets the marts. Raises BadConfiguration where none is set."""
    if settings.parquet is None:
        raise BadConfiguration(f"HYPNOMART_PARQUET {NEEDED['spark'][1]}")
    return settings.parquet


def refuse(settings: Settings) -> None:
    """Raise where a publication would be refused, before anything is written."""
    with opened_store(place_of(settings), for_writing=True) as store:
        _standing_there(store, settings)


def bring(settings: Settings) -> Brought:
    """Put what is published there; the publication before it stays for who is reading it, unless
    somebody was erased since.

    Raises BadConfiguration or TargetUnavailable, in a sentence, where that cannot be done; what
    stands there is then as before.
    """
    started = time.monotonic()
    with (
        warehouse_lock(settings.home),
        opened_store(place_of(settings), for_writing=True) as store,
    ):
        published = standing(settings)
        before = _standing_there(store, settings)
        folder = folder_name()
        try:
            tables, count = _write(store, settings, folder=folder)
            store.share(folder)
            store.replace_manifest(_manifest(settings, published, folder=folder, tables=tables))
        except BaseException:
            _forget(store, [folder])
            raise
        kept = [folder]
        if before and before["erased"] == published.erased:
            kept.append(before["folder"])
        note = _forget(store, [one for one in store.publications() if one not in kept])
    seconds = round(time.monotonic() - started, 3)
    return Brought(published.run_id, store.place, len(tables), count, seconds, note)


def brought_run(settings: Settings) -> str | None:
    """The run whose marts stand there; none before the first."""
    with opened_store(place_of(settings)) as store:
        manifest = store.manifest()
    return manifest["run_id"] if manifest else None


def _standing_there(store: Store, settings: Settings) -> dict[str, Any] | None:
    """The manifest that stands. Raises BadConfiguration where another home's does: their
    publications would take turns."""
    manifest = store.manifest()
    if manifest:
        refuse_another_home(
            settings,
            manifest["run_id"],
            what=f"{store.place} holds",
            variable="HYPNOMART_PARQUET",
        )
    return manifest


def _write(store: Store, settings: Settings, *, folder: str) -> tuple[list[dict[str, Any]], int]:
    """Every table, read back: what the manifest says of each, and rows in number."""
    written, count = [], 0
    with opened(settings) as con:
        attach_published(con, settings)
        with temporary_folder(settings) as local:
            for table in read_tables(con, COME_ALONG):
                files = _sent(con, store, local=local, name=f"{folder}/{table.name}", table=table)
                place = store.in_duckdb(con, [one["path"] for one in files])
                rows = come_back(con, table.name, sent=_select(table), place=place)
                written.append(_described(con, table, rows=rows, files=files))
                count += rows
    return written, count


def _sent(
    con: duckdb.DuckDBPyConnection, store: Store, *, local: Path, name: str, table: Table
) -> list[dict[str, Any]]:
    """Write a table's files there; the path and size of each. One table lies here at a time."""
    made = local / table.name
    con.execute(
        f"copy ({_select(table)}) to {literal(str(made))} "
        f"(format parquet, compression zstd, file_size_bytes '{FILE_BYTES}')"
    )
    files = []
    for path in sorted(made.iterdir()):
        store.put(path, f"{name}/{path.name}")
        files.append({"path": f"{name}/{path.name}", "bytes": path.stat().st_size})
    shutil.rmtree(made)
    return files


def _select(table: Table) -> str:
    """DuckDB: a table's rows as they are written."""
    return f"select {', '.join(map(written, table.columns))} from {table.place}"


def written(column: Column) -> str:
    """DuckDB: a column as it is written. Spark refuses UUIDs, and Parquet has no integer of 128
    bits."""
    kind = "varchar" if column.kind == "UUID" or column.is_text else column.kind
    name = quoted(column.name)
    return f"{name}::{'decimal(38,0)' if kind == 'HUGEINT' else kind} as {name}"


def _described(
    con: duckdb.DuckDBPyConnection, table: Table, *, rows: int, files: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the manifest says of a table. `word`: what its rows and types are in DuckDB."""
    return {
        "name": table.name,
        "schema": table.schema,
        "comment": table.comment,
        "rows": rows,
        "word": table_word(con, table.place),
        "columns": [vars(column) for column in table.columns],
        "files": files,
    }


def _manifest(
    settings: Settings, published: Published, *, folder: str, tables: list[dict[str, Any]]
) -> dict[str, Any]:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        ((content_id,),) = con.execute("select content_id from meta.publication").fetchall()
    return {
        "format": FORMAT,
        "run_id": published.run_id,
        "as_of_at": published.as_of_at.isoformat() if published.as_of_at else None,
        "published_at": published.published_at.isoformat(),
        "content_id": content_id,
        "erased": published.erased,
        "duckdb": duckdb.__version__,
        "folder": folder,
        "tables": tables,
    }


def _forget(store: Store, publications: list[str]) -> str | None:
    """Delete publications that nobody reads any more; what keeps one, in words."""
    for publication in publications:
        try:
            store.remove(publication)
        except FileNotFoundError:
            continue
        except Exception as error:  # a store's driver raises what it likes
            return (
                f"an earlier publication is still in {store.place}: {type(error).__name__}. The "
                "next publication clears it away."
            )
    return None
