"""Fill an empty embedded server with a small simulated business, so that a newcomer sees marts.

Consumption and listening exist only as differences between extractions, so the business is
extracted on four weekly looks rather than once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from models.apply import apply_schema
from models.counting import counted
from models.simulation import advance, simulate
from pipelines.progress import within_a_step
from pipelines.settings import Settings
from pipelines.steps import Progress, extract_step, source_url

USERS, DAYS, SEED = 5_000, 540, 2026
LOOKS, LOOK_DAYS = 3, 7


def fill_if_empty(settings: Settings, run_id: str, *, progress: Progress) -> bool:
    """Create the schema on the embedded server and simulate a business if it holds no account.

    Returns whether it did. A server named by HYPNOMART_SOURCE_URL is never touched.
    """
    if settings.source_url is not None:
        return False
    url = source_url(settings)
    if created := apply_schema(url):
        progress(f"created {counted(len(created), 'object')} of the schema")
    if not _is_empty(url):
        return False
    until = datetime.now(UTC).date()
    first = until - timedelta(days=LOOKS * LOOK_DAYS)
    progress(f"simulating {USERS:,} users over {DAYS} days")
    simulate(
        url,
        users=USERS,
        days=DAYS - LOOKS * LOOK_DAYS,
        seed=SEED,
        until=first,
        faults="typical",
        truth_dir=settings.truth_dir,
        progress=progress,
    )
    for look in range(1, LOOKS + 1):
        with within_a_step():
            extract_step(settings, f"{run_id}-look-{look}", full_refresh=False, progress=progress)
        advance(url, days=LOOK_DAYS, truth_dir=settings.truth_dir, progress=progress)
    return True


def _is_empty(url: str) -> bool:
    with psycopg.connect(url) as con:
        found = con.execute("select exists (select from public.user_profile)").fetchone()
    return found is not None and not found[0]
