"""What stands published is later than what this home holds."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.base.settings import Settings
from pipelines.publication.publications import current, later_version
from pipelines.publication.readable import is_later


def later_publication(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """What stands is of a later snapshot, and of a run that this home never made: another home
    publishes there, or this one was put back from a copy. Or a later version wrote it."""
    if (standing := current(settings)) is None:
        if is_later(settings.published):
            yield later_version(settings)
        return
    newest, is_ours = con.execute(
        "select max(as_of_at), coalesce(bool_or(run_id = ?), false) from meta.run_manifest",
        [standing.run_id],
    ).fetchall()[0]
    if not is_ours and newest and standing.as_of_at and newest < standing.as_of_at:
        yield (
            f"{settings.published} is as of {standing.as_of_at:%Y-%m-%d %H:%M:%S} UTC, later than "
            f"what this home holds, and of run {standing.run_id}, which it never made; "
            "`hypnomart run` reads the source anew"
        )
