"""The checks cost a multiple of their set-up, however many rows stand behind them."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from pipelines.base.settings import Settings
from tests.checked_rows import AS_OF, check, clean_business
from tests.warehouse import settings_at, write_raw

ROWS = 1_000_000
# Rows in which nothing is found: what is found is written down, which costs by the finding.
SOUND = {
    "app_logs": "'billing' as log_type, created_at as updated_at",
    "audio_usage": "'H01ENB' as course_code, i::varchar as audio_number, 1 as no_of_plays, "
    "created_at as updated_at",
    "server_logs": "'handshake' as function_name, 'info' as level",
}


@pytest.mark.slow
def test_three_million_rows_cost_a_multiple_of_none(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    write_raw(settings, clean_business().raw, as_of=AS_OF)
    checked(settings)  # imports what the checks need
    few, found_few = checked(settings)
    with duckdb.connect(str(settings.warehouse)) as con:
        for table, columns in SOUND.items():
            con.execute(
                f"insert into raw.{table} by name select uuid() as id, "
                "timestamp '2026-10-01' as created_at, "
                f"(select min(user_id) from raw.user_profile) as user_id, {columns}, "
                f"timestamp '2026-11-01' as _loaded_at from range({ROWS}) as t (i)"
            )
    many, found_many = checked(settings)
    assert found_many - found_few < 100, "rows with findings measure how these are written"
    assert many < 4 * few


def checked(settings: Settings) -> tuple[float, int]:
    """Processor seconds of all checks, and the rows that they found."""
    started = time.process_time()
    results = check(settings.warehouse)
    return time.process_time() - started, sum(result.failing_rows for result in results)
