"""Replace the file that analysts open: copy the marts, write them to disk, rename.

The new file is built in a folder of its own beside the published one and takes its place by one
rename: whatever fails before leaves the previous file as it was, and who has that open keeps it.
"""

from __future__ import annotations

import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb

from models.errors import BadConfiguration, ChecksFailed, HypnomartError, WarehouseLocked
from models.quoting import literal, quoted
from pipelines.base.files import synchronise, take_place
from pipelines.base.private import SHARED_FILE, shared_folder
from pipelines.base.settings import Settings
from pipelines.publication.described import describe
from pipelines.publication.publications import (
    BUILDING,
    current,
    drop_oldest,
    keep_current,
    remove_leftovers,
)
from pipelines.publication.restatements import write_restatements
from pipelines.publication.sync_history import write_sync_history
from pipelines.transform.content import table_word
from pipelines.transform.marts import RESTATEMENTS, SYNC_HISTORY, Mart

Comments = dict[tuple[str, str], list[tuple[str, str]]]


@dataclass(frozen=True)
class Publication:
    """What was published: the file, its tables and rows in number, its size, how long it took, and
    what must be said of it."""

    path: str
    run_id: str
    tables: int
    rows: int
    size_bytes: int
    seconds: float
    note: str = ""


def publish(
    settings: Settings,
    *,
    run_id: str,
    marts: Sequence[Mart],
    contents: Mapping[str, str] = MappingProxyType({}),
    content_id: str = "",
    semantics: str = "",
) -> Publication:
    """Copy the marts of the working file to `settings.published`, and read them back.

    `contents`: the words of the marts' content as the gate approved them, by name; what is copied
    must be exactly that, else ChecksFailed. `content_id`: the word of the whole.

    Raises WarehouseLocked if another process writes the working file, BadConfiguration if a mart
    is missing, HypnomartError if the disk refuses; the previous file stands in each case.
    """
    started = time.monotonic()
    target = settings.published
    if not settings.warehouse.exists():
        raise BadConfiguration(f"{settings.warehouse} does not exist; run `hypnomart run` first.")
    try:
        if settings.published_dir:
            shared_folder(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(settings)
        with building_folder(target.parent, run_id) as folder:
            new = folder / target.name
            rows = copy_tables(settings.warehouse, new, marts=marts, contents=contents)
            carried, note = carry_on(settings, new, marts=marts, run_id=run_id)
            rows |= carried
            now = datetime.now(UTC).replace(tzinfo=None)
            publication = [run_id, now, content_id, erased_people(settings.warehouse)]
            describe(new, marts, publication=publication, semantics=semantics)
            size_bytes = new.stat().st_size
            if settings.published_dir:
                new.chmod(SHARED_FILE)
            synchronise(new)
            keep_current(settings)
            take_place(new, target)
        drop_oldest(settings)
    except (duckdb.Error, OSError) as error:
        raise explained(error, settings) from error
    if (found := published_run(target)) != run_id:
        raise HypnomartError(
            f"{target} holds run {found}, not {run_id} that was just published; is another program "
            "writing there? Run `hypnomart publish` again."
        )
    seconds = round(time.monotonic() - started, 3)
    count = sum(rows.values())
    return Publication(str(target), run_id, len(rows), count, size_bytes, seconds, note)


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


def published_run(path: Path) -> str | None:
    """The run whose marts a published file holds; none where the file cannot say so."""
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            found = con.execute("select run_id from meta.publication").fetchone()
    except duckdb.Error:
        return None
    return str(found[0]) if found else None


def copy_tables(
    warehouse: Path, new: Path, *, marts: Sequence[Mart], contents: Mapping[str, str]
) -> dict[str, int]:
    """Write every mart into the new file; rows by table name."""
    with duckdb.connect(str(new)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach {literal(str(warehouse))} as working (read_only)")
        refuse_missing(con, marts)
        rows = {}
        comments = read_comments(con)
        con.execute("begin")
        for mart in (mart for mart in marts if mart.schema):
            con.execute(copy_sql(mart))
            con.execute(comment_sql(mart, comments[mart.schema, mart.name]))
            if mart.name in contents:
                refuse_other(con, mart, approved=contents[mart.name])
            counted = con.execute(f"select count(*) from main.{quoted(mart.name)}").fetchone()
            rows[mart.name] = counted[0] if counted else 0
        con.execute("commit")
        con.execute("detach working")
        con.execute("checkpoint")
    return rows


def refuse_other(con: duckdb.DuckDBPyConnection, mart: Mart, *, approved: str) -> None:
    """Raise ChecksFailed where the copy of a mart does not hold what was approved."""
    if table_word(con, f"main.{quoted(mart.name)}") != approved:
        raise ChecksFailed(
            f"{mart.name} does not hold what was built and checked: something else wrote to the "
            "working file. Run `hypnomart build` and `hypnomart check`. Nothing was published, the "
            "previous publication stands."
        )


def carry_on(
    settings: Settings, new: Path, *, marts: Sequence[Mart], run_id: str
) -> tuple[dict[str, int], str]:
    """Write into the new file what it knows by the publication before: what changed since in
    complete periods, and how long ago users had synced. Rows by table, and what must be said."""
    note = ""
    before = current(settings)
    with duckdb.connect(str(new)) as con:
        if before:
            con.execute(f"attach {literal(str(before.path))} as previous (read_only)")
        previous = before.run_id if before else None
        rows = {RESTATEMENTS.name: write_restatements(con, marts, run_id=run_id, previous=previous)}
        if SYNC_HISTORY in marts:
            rows[SYNC_HISTORY.name], note = write_sync_history(con)
        if before:
            con.execute("detach previous")
    return rows, note


def erased_people(warehouse: Path) -> int:
    """How many people stand under random words in the working file."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        try:
            found = con.execute("select count(*) from meta.erased").fetchone()
        except duckdb.CatalogException:  # nobody was, before the first erasure
            return 0
    return int(found[0]) if found else 0


def refuse_missing(con: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    """Raise BadConfiguration where a mart was never built, or the checks never ran."""
    found = con.execute(
        """
        select schema_name, table_name from duckdb_tables() where database_name = 'working'
        union all
        select schema_name, view_name from duckdb_views() where database_name = 'working'
        """
    ).fetchall()
    missing = [mart for mart in marts if mart.schema and (mart.schema, mart.name) not in found]
    if not missing:
        return
    step = "check" if all(mart.schema == "quality" for mart in missing) else "build"
    names = ", ".join(mart.name for mart in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    raise BadConfiguration(
        f"The working file lacks {names}{more}; run `hypnomart {step}` first. "
        "Nothing was published."
    )


def copy_sql(mart: Mart) -> str:
    """`create table` sorted by time, ties by the key."""
    first = [mart.event_time] if mart.event_time else []
    order = ", ".join(quoted(name) for name in dict.fromkeys([*first, *mart.key]))
    return (
        f"create table main.{quoted(mart.name)} as "
        f"select * from working.{quoted(mart.schema)}.{quoted(mart.name)} order by {order or 'all'}"
    )


def read_comments(con: duckdb.DuckDBPyConnection) -> Comments:
    """The comments of each table and of its columns in the working file, that of the table under
    an empty name."""
    found = con.execute(
        """
        select schema_name, table_name, '', comment from duckdb_tables()
        where database_name = 'working' and comment <> ''
        union all
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = 'working' and comment <> ''
        """
    )
    comments: Comments = defaultdict(list)
    for schema, table, column, comment in found.fetchall():
        comments[schema, table].append((column, comment))
    return comments


def comment_sql(mart: Mart, comments: Sequence[tuple[str, str]]) -> str:
    """What carries the comments of a table and of its columns over."""
    name = f"main.{quoted(mart.name)}"
    return "".join(
        f"comment on {f'column {name}.{quoted(column)}' if column else f'table {name}'} "
        f"is {literal(text)};\n"
        for column, text in comments
    )


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
