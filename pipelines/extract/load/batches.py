"""Rows little enough to hold in memory, however wide they are."""

from __future__ import annotations

from pipelines.extract.load import questions
from pipelines.extract.load.table_load import TableLoad

CHUNK_ROWS = 2048
BATCH_BYTES = 64_000_000
ALONE_BYTES = 1_000_000  # a row so wide is a batch of its own


def batches(load: TableLoad, where: str = "") -> list[str]:
    """Conditions that together select the rows, each of them little enough to hold in memory.

    DuckDB takes rows in chunks of 2,048, whatever their width: so many documents of 10 MB would
    be 20 GB. Where the table holds enough for that to matter, rows too wide for a chunk of such
    are listed, and all others read at once. Of a chunk in raw.<table> DuckDB unpacks all rows
    between the least and the greatest key that is sought, so the widest go one by one.
    """
    names = [column.source for column in load.plan.columns if column.is_wide]
    if not names or load.plan.live.toast_bytes < BATCH_BYTES:
        return [where]
    length, limit = questions.remote_length(names), 4 * BATCH_BYTES // CHUNK_ROWS
    wide = f"{f'({where}) and ' if where else ''}{length} >= {limit}"
    groups: list[list[str]] = []
    filled = BATCH_BYTES + 1
    for row in load.ask(questions.remote_places(load.plan.table, length, where=wide)):
        width = BATCH_BYTES if row["length"] >= ALONE_BYTES else row["length"]
        if filled + width > BATCH_BYTES:
            groups.append([])
            filled = 0
        groups[-1].append(f"({row['place']})")
        filled += width
    if not groups:
        return [where]
    narrow = f"{f'({where}) and ' if where else ''}{length} < {limit}"
    listed = [",".join(f'"{place}"' for place in group) for group in groups]
    return [narrow, *("ctid = any('{" + places + "}'::tid[])" for places in listed)]
