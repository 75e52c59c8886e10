"""Replace the file that analysts open: copy the marts, write them to disk, rename.

The new file is built in a folder of its own beside the published one and takes its place by one
rename: whatever fails before leaves the previous file as it was, and who has that open keeps it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, HypnomartError, WarehouseLocked
from pipelines.files import take_place
from pipelines.settings import Settings

BUILDING = ".building-"
QUALITY = ("quality_results", "quality_findings")
# Where the first date or timestamp of a mart is not the one its rows are read by.
TIME_COLUMNS = {"fct_credit_consumption": "observed_to_at"}
# No mart's key is longer, and the key's columns come first: this many break ties of time.
KEY_COLUMNS = 4


@dataclass(frozen=True)
class Publication:
    """What was published: the file, its tables and rows in number, its size, how long it took."""

    path: str
    run_id: str
    tables: int
    rows: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True)
class SourceTable:
    """A table of the working file that is to be published, with what explains it."""

    schema: str
    name: str
    comment: str | None
    columns: tuple[tuple[str, str, str | None], ...]  # name, type, comment


def publish(settings: Settings, *, run_id: str) -> Publication:
    """Copy schema marts and the quality tables of the working file to `settings.published`.

    Raises WarehouseLocked if another process writes the working file, BadConfiguration if there is
    nothing to publish, HypnomartError if the disk refuses; the previous file stands in each case.
    """
    started = time.monotonic()
    target = settings.published
    if not settings.warehouse.exists():
        raise BadConfiguration(f"{settings.warehouse} does not exist; run `hypnomart run` first.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        with building_folder(target.parent, run_id) as folder:
            new = folder / target.name
            rows = copy_tables(settings.warehouse, new)
            size_bytes = new.stat().st_size
            take_place(new, target)
    except (duckdb.Error, OSError) as error:
        raise explained(error, settings) from error
    seconds = round(time.monotonic() - started, 3)
    return Publication(str(target), run_id, len(rows), sum(rows.values()), size_bytes, seconds)


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed publication left behind; the run lock keeps a living one away."""
    for leftover in folder.glob(f"{BUILDING}*"):
        shutil.rmtree(leftover)


@contextmanager
def building_folder(parent: Path, run_id: str) -> Iterator[Path]:
    """A folder on the target's file system, gone when the block ends."""
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in run_id)
    folder = parent / f"{BUILDING}{safe[:64]}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_tables(warehouse: Path, new: Path) -> dict[str, int]:
    """Write every table to be published into the new file; rows by table name."""
    with duckdb.connect(str(new)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach {literal(str(warehouse))} as working (read_only)")
        tables = published_tables(con)
        rows = {}
        for table in tables:
            con.execute(copy_sql(table))
            for statement in comment_statements(table):
                con.execute(statement)
            counted = con.execute(f"select count(*) from main.{quoted(table.name)}").fetchone()
            rows[table.name] = counted[0] if counted else 0
        con.execute("detach working")
        con.execute("checkpoint")
    return rows


def published_tables(con: duckdb.DuckDBPyConnection) -> list[SourceTable]:
    """The dbt marts present in the working file, and the two quality tables.

    Raises BadConfiguration if the marts were never built or never checked.
    """
    found = con.execute(
        """
        select schema_name, table_name, comment from (
            select database_name, schema_name, table_name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment from duckdb_views()
        )
        where
            database_name = 'working'
            and (
                (schema_name = 'marts' and table_name not like '%\\_\\_dbt\\_%' escape '\\')
                or (schema_name = 'quality' and list_contains(?, table_name))
            )
        order by table_name
        """,
        [list(QUALITY)],
    ).fetchall()
    if not any(schema == "marts" for schema, _, _ in found):
        raise BadConfiguration("The working file holds no marts; run `hypnomart build` first.")
    names = {name for _, name, _ in found}
    if missing := [name for name in QUALITY if name not in names]:
        raise BadConfiguration(
            f"The working file lacks {', '.join(missing)}; run `hypnomart check` first."
        )
    return [
        SourceTable(schema, name, comment, columns_of(con, schema, name))
        for schema, name, comment in found
    ]


def columns_of(
    con: duckdb.DuckDBPyConnection, schema: str, name: str
) -> tuple[tuple[str, str, str | None], ...]:
    """Name, type and comment of a working table's columns, in their order."""
    columns = con.execute(
        """
        select column_name, data_type, comment from duckdb_columns()
        where database_name = 'working' and schema_name = ? and table_name = ?
        order by column_index
        """,
        [schema, name],
    ).fetchall()
    return tuple(columns)


def time_column(table: SourceTable) -> str | None:
    """The column that a table's rows are read by: the first date or timestamp, if any."""
    if table.name in TIME_COLUMNS:
        return TIME_COLUMNS[table.name]
    times = (name for name, kind, _ in table.columns if kind in ("DATE", "TIMESTAMP"))
    return next(times, None)


def copy_sql(table: SourceTable) -> str:
    """`create table` sorted by time, ties by the first columns, which hold the key."""
    first = time_column(table)
    keys = [name for name, _, _ in table.columns if name != first][:KEY_COLUMNS]
    order = ", ".join(quoted(name) for name in ([first] if first else []) + keys)
    return (
        f"create table main.{quoted(table.name)} as "
        f"select * from working.{quoted(table.schema)}.{quoted(table.name)} order by {order}"
    )


def comment_statements(table: SourceTable) -> list[str]:
    """What carries the comments of a table and of its columns over."""
    name = f"main.{quoted(table.name)}"
    comments = [(f"table {name}", table.comment)]
    comments += [(f"column {name}.{quoted(column)}", text) for column, _, text in table.columns]
    return [f"comment on {what} is {literal(text)}" for what, text in comments if text]


def explained(error: Exception, settings: Settings) -> HypnomartError:
    """The error in a sentence that names the object and the way out."""
    text = str(error).strip().split("\n")[0]
    if "Could not set lock" in text or "Conflicting lock" in text:
        return WarehouseLocked(
            f"{settings.warehouse} is held by another process; nothing was published. "
            "Wait for it to end, or close the program that has the file open."
        )
    return HypnomartError(
        f"{settings.published} could not be written: {text}. The previous publication stands; "
        "make room or grant the right to write there, then run `hypnomart publish`."
    )


def quoted(name: str) -> str:
    """An identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string of DuckDB, for statements that take no bound values."""
    return "'" + text.replace("'", "''") + "'"
