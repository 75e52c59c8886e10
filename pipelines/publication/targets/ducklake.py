"""Bring the current publication to a DuckLake: Parquet files, and a catalog of their versions.

All marts are one transaction and one snapshot, to which readers can return by its version. A file
belongs to a snapshot before a reader finds it, and is deleted after no reader can.
"""

from __future__ import annotations

import json
import time
from typing import Any

import duckdb

from models.errors import HypnomartError
from models.quoting import literal, quoted
from pipelines.base.files import hand_over
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.publication.readable import Published
from pipelines.publication.targets.catalog import Held, held, read
from pipelines.publication.targets.copies import Brought, attach_published, read_back, standing
from pipelines.publication.targets.lake import AUTHOR, LAKE, files_of
from pipelines.publication.targets.owner import refuse_another_home
from pipelines.publication.targets.tables import Table, read_tables

SNAPSHOTS = f"""
    select snapshot_id, commit_extra_info from ducklake_snapshots({literal(LAKE)}) order by 1 desc
"""


def bring(settings: Settings) -> Brought:
    """Put what is published into the lake as its newest snapshot.

    Of earlier ones as many stay as the home keeps publications; none from before a person was
    erased. Raises BadConfiguration or TargetUnavailable, in a sentence, where that cannot be done;
    the lake is then as before.
    """
    started = time.monotonic()
    with warehouse_lock(settings.home):
        published = standing(settings)
        with held(settings) as lake:
            attach_published(lake.con, settings)
            tables = read_tables(lake.con)
            with lake.change():
                _refuse_other_home(lake.con, settings)
                _clean(lake.con)
            with lake.change():
                count = _publish(lake.con, tables, published=published)
                version = lake.con.execute(SNAPSHOTS).fetchall()[0][0]
            note = _forgotten(lake, settings.keep)
    seconds = round(time.monotonic() - started, 3)
    place = f"the lake {lake.folder}, version {version}"
    return Brought(published.run_id, place, len(tables), count, seconds, note)


def brought_run(settings: Settings) -> str | None:
    """The run whose marts the lake holds; none before the first."""
    with read(settings) as con:
        snapshots = con.execute(SNAPSHOTS).fetchall() if con else []
    return next((_told(facts)["run_id"] for _, facts in snapshots if facts), None)


def _refuse_other_home(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Raise BadConfiguration where the newest snapshot is of a run that this home never saw: what
    one home erases would end the versions of another, and their tables would take turns."""
    told = [
        (version, _told(facts)) for version, facts in con.execute(SNAPSHOTS).fetchall() if facts
    ]
    for version, facts in told[:1]:
        refuse_another_home(
            settings,
            facts["run_id"],
            what=f"Version {version} of the lake in {settings.lake} is of",
            variable="HYPNOMART_LAKE",
        )


def _publish(con: duckdb.DuckDBPyConnection, tables: list[Table], *, published: Published) -> int:
    """Every table and comment in one snapshot, read back before it stands; rows in number."""
    con.execute(f"call {LAKE}.set_option('parquet_compression', 'zstd')")
    con.begin()
    found = con.execute("select table_name from duckdb_tables() where database_name = ?", [LAKE])
    for name in {name for (name,) in found.fetchall()} - {table.name for table in tables}:
        con.execute(f"drop table {LAKE}.{quoted(name)}")
    for table in tables:
        place = _place(table)
        con.execute(f"create or replace table {place} as {table.select}")
        if table.comment:
            con.execute(f"comment on table {place} is {literal(table.comment)}")
        for column in table.columns:
            if column.comment:
                name = f"{place}.{quoted(column.name)}"
                con.execute(f"comment on column {name} is {literal(column.comment)}")
    count = read_back(con, tables, places=[_place(table) for table in tables])
    facts = json.dumps({"run_id": published.run_id, "erased": published.erased})
    con.execute(
        f"call {LAKE}.set_commit_message(?, ?, extra_info => ?)",
        [AUTHOR, f"run {published.run_id}", facts],
    )
    hand_over(files_of(con))
    con.commit()
    return count


def _place(table: Table) -> str:
    return f"{LAKE}.{quoted(table.name)}"


def _forgotten(lake: Held, keep: int) -> str | None:
    """Let go of old snapshots, and of people erased since; the newest stands, whatever comes of
    this. What keeps something, in words."""
    try:
        with lake.change():
            is_erased = _expire(lake.con, keep)
        if is_erased:
            with lake.change():
                _clean(lake.con)
        return lake.overwrite()
    except HypnomartError as error:
        return f"earlier versions are still there: {error} The next publication clears them away."


def _expire(con: duckdb.DuckDBPyConnection, keep: int) -> bool:
    """Let go of all snapshots but the newest and `keep` before it, and of those that name people
    who are erased in the newest; whether there were such."""
    (_, now), *before = con.execute(SNAPSHOTS).fetchall()
    erased = _told(now)["erased"]
    ours = [(version, _told(facts)["erased"]) for version, facts in before if facts]
    kept = [version for version, then in ours if then == erased][:keep]
    if gone := [str(version) for version, _ in before if version not in kept]:
        listed = ", ".join(gone)
        con.execute(f"call ducklake_expire_snapshots({literal(LAKE)}, versions => [{listed}])")
    return any(then != erased for _, then in ours)


def _told(facts: str) -> dict[str, Any]:
    """What a snapshot says of its publication; the one with which a lake begins says nothing."""
    found: dict[str, Any] = json.loads(facts)
    return found


def _clean(con: duckdb.DuckDBPyConnection) -> None:
    """Delete the files of snapshots that are gone, and what killed publications left."""
    for function in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files"):
        con.execute(f"call {function}({literal(LAKE)}, cleanup_all => true)")
