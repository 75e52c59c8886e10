"""Fill an empty embedded server with a small simulated business, so that a newcomer sees marts.

Consumption and listening exist only as differences between extractions, so the business is
extracted in four weekly snapshots rather than once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from models.apply import apply_schema
from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.progress import Progress, within_a_step
from pipelines.base.settings import Settings
from pipelines.run.steps import extract_step, source_url

USERS, DAYS, SEED = 5_000, 540, 2026
WEEKS, WEEK_DAYS = 3, 7


def create_tables(settings: Settings, *, progress: Progress) -> None:
    """Create what the schema lacks on the embedded server. A server named by HYPNOMART_SOURCE_URL
    is never touched."""
    if settings.source_url is None and (created := apply_schema(source_url(settings))):
        progress(f"created {counted(len(created), 'object')} of the schema")


def is_wanted(settings: Settings) -> bool:
    """Whether the source is the embedded server and holds no account."""
    if settings.source_url is not None:
        return False
    with psycopg.connect(source_url(settings)) as con:
        (found,) = con.execute("select to_regclass('public.user_profile')").fetchone() or (None,)
        query = "select from public.user_profile limit 1"
        return found is None or con.execute(query).fetchone() is None


def refuse_empty(settings: Settings) -> None:
    """Raise BadConfiguration where only a demo could fill the source."""
    if is_wanted(settings):
        raise BadConfiguration(
            "The embedded server holds no account; launch the job `demo`, which simulates a "
            "business, or name your own database in HYPNOMART_SOURCE_URL."
        )


def fill(settings: Settings, run_id: str, *, progress: Progress) -> None:
    """Simulate a business on the embedded server. Raises BadConfiguration where that is not the
    source, or holds an account."""
    if not is_wanted(settings):
        raise BadConfiguration(
            "The source is not the embedded server, or holds accounts; nothing was simulated."
        )
    from models.simulation import advance, simulate  # half a second, and a run simulates once

    url = source_url(settings)
    create_tables(settings, progress=progress)
    until = datetime.now(UTC).date()
    first = until - timedelta(days=WEEKS * WEEK_DAYS)
    progress(f"simulating {USERS:,} users over {DAYS} days")
    simulate(
        url,
        users=USERS,
        days=DAYS - WEEKS * WEEK_DAYS,
        seed=SEED,
        until=first,
        faults="typical",
        truth_dir=settings.truth_dir,
        progress=progress,
    )
    for week in range(1, WEEKS + 1):
        with within_a_step():
            extract_step(settings, f"{run_id}-week-{week}", full_refresh=False, progress=progress)
        advance(url, days=WEEK_DAYS, truth_dir=settings.truth_dir, progress=progress)
    progress(f"a simulated business: {USERS:,} users, {DAYS} days")
