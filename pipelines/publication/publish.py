"""Replace the file that analysts open: copy the marts, write them to disk, rename.

The new file is built in a folder of its own beside the published one and takes its place by one
rename: whatever fails before leaves the previous file as it was, and who has that open keeps it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb

from models.errors import BadConfiguration, HypnomartError, WarehouseLocked
from models.quoting import literal
from pipelines.base.files import synchronise, take_place
from pipelines.base.private import SHARED_FILE
from pipelines.base.settings import Settings
from pipelines.publication.copying import copy_tables
from pipelines.publication.described import describe
from pipelines.publication.places import publishing, remember
from pipelines.publication.publications import (
    BUILDING,
    before_the_next,
    drop_oldest,
    keep_current,
    moment_after,
    remove_leftovers,
)
from pipelines.publication.readable import readable
from pipelines.publication.restatements import write_restatements
from pipelines.publication.sync_history import write_sync_history
from pipelines.transform.marts import RESTATEMENTS, SYNC_HISTORY, Mart


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
        with publishing(settings), building_folder(settings, run_id) as folder:
            new = folder / target.name
            rows = copy_tables(settings.warehouse, new, marts=marts, contents=contents)
            carried, note = carry_on(settings, new, marts=marts, run_id=run_id)
            rows |= carried
            now = moment_after(settings, datetime.now(UTC).replace(tzinfo=None))
            publication = [run_id, now, content_id, erased_people(settings.warehouse)]
            describe(new, marts, publication=publication, semantics=semantics)
            size_bytes = new.stat().st_size
            if settings.published_dir:
                new.chmod(SHARED_FILE)
            synchronise(new)
            keep_current(settings)
            remember(settings)
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
def building_folder(settings: Settings, run_id: str) -> Iterator[Path]:
    """A folder on the target's file system, gone when the block ends, as is what killed ones left
    there."""
    with suppress(OSError):  # another login's, in a folder that several publish to
        remove_leftovers(settings)
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in run_id)
    folder = settings.published.parent / f"{BUILDING}{safe[:64]}"
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


def carry_on(
    settings: Settings, new: Path, *, marts: Sequence[Mart], run_id: str
) -> tuple[dict[str, int], str]:
    """Write into the new file what it knows by the publication before: what changed since in
    complete periods, and how long ago users had synced. Rows by table, and what must be said."""
    note, before = "", before_the_next(settings)
    with ExitStack() as reading, duckdb.connect(str(new)) as con:
        if before:
            path = reading.enter_context(readable(before.path))
            con.execute(f"attach {literal(str(path))} as previous (read_only)")
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
