"""sync_freshness_history: how long ago users had synced at each snapshot that was published.

The source keeps the last sync of a user alone, so that yesterday's figure is gone tomorrow. It is
carried from publication to publication, so that each published file knows all of them.
"""

from __future__ import annotations

import duckdb

from models.quoting import literal
from pipelines.transform.marts import SYNC_HISTORY

COMMENT = (
    "One row per snapshot that was published and age band of the users' last sync, as "
    "sync_freshness said it then; nothing is known of before the first."
)
COLUMNS = (
    ("as_of_at", "TIMESTAMP", "The snapshot, UTC."),
    ("age_band", "VARCHAR", "Age of the last sync at that time, as in sync_freshness."),
    ("users", "BIGINT", "Users in the band, those of that time."),
    ("share_rate", "DOUBLE", "Share of all users of that time; null without any."),
    ("band_number", "BIGINT", "Order of the bands, 1 to 6."),
)
# A snapshot that is published again replaces itself. One that lies ahead was taken by a clock that
# has been put back.
WRITTEN = """
insert into main.sync_freshness_history by name
with snapshot as (
    select max(as_of_at) as as_of_at from main.run_manifest
),

earlier as (
    select * from {carried}
    where as_of_at < (select as_of_at from snapshot)
)

select as_of_at, age_band, users, share_rate, band_number
from earlier
union all by name
select snapshot.as_of_at, now.age_band, now.users, now.share_rate, now.band_number
from main.sync_freshness as now
cross join snapshot
order by as_of_at, band_number
"""


def write_sync_history(con: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """Create main.sync_freshness_history in the file that `con` writes, from its own marts and from
    the publication before, where that is attached as `previous` and of the same source. How many
    rows it holds, and a sentence where the publication before is of another source."""
    name = f"main.{SYNC_HISTORY.name}"
    con.execute(f"create table {name} ({', '.join(f'{c} {kind}' for c, kind, _ in COLUMNS)})")
    con.execute(f"comment on table {name} is {literal(COMMENT)}")
    for column, _, text in COLUMNS:
        con.execute(f"comment on column {name}.{column} is {literal(text)}")
    found = con.execute(
        "select 1 from duckdb_tables() where database_name = 'previous' and table_name = $name",
        {"name": SYNC_HISTORY.name},
    ).fetchone()
    others = _source(con, "previous.main") if found else ""
    note = ""
    if found and others != (ours := _source(con, "main")):
        note = (
            f"{SYNC_HISTORY.name} begins anew: the publication before is of another database "
            f"({others}, now {ours})."
        )
    con.execute(WRITTEN.format(carried=f"previous.{name}" if found and not note else name))
    counted = con.execute(f"select count(*) from {name}").fetchone()
    return int(counted[0]) if counted else 0, note


def _source(con: duckdb.DuckDBPyConnection, place: str) -> str:
    """The database that a published file is of, as its newest extraction names it."""
    found = con.execute(
        f"select source_fingerprint from {place}.run_manifest "
        "order by as_of_at desc, run_id limit 1"
    ).fetchone()
    return str(found[0]) if found else "unknown"
