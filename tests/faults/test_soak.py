"""Day after day: what a run leaves behind does not add up, save what the business itself adds."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.simulation import advance, simulate
from pipelines.base.settings import Settings
from pipelines.orchestration import ended_runs
from pipelines.orchestration.job import run_job
from tests.clock import set_clock
from tests.e2e.pipeline import quiet
from tests.faults.counted import tries
from tests.warehouse import settings_at

FIRST = date(2026, 6, 1)
KEPT = 3  # runs and publications, in place of 30 and 7: from then on nothing may add up
WARM = 2 * KEPT


@dataclass(frozen=True)
class Measured:
    """After a day: memory of the process and processor time so far, files and bytes below home."""

    megabytes: float
    seconds: float
    files: int
    dagster_bytes: int
    home_bytes: int


def measured(settings: Settings) -> Measured:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    dagster = sum(path.stat().st_size for path in files if "dagster" in path.parts)
    return Measured(
        pages * resource.getpagesize() / 1e6,
        usage.ru_utime + usage.ru_stime,
        len(files),
        dagster,
        sum(path.stat().st_size for path in files),
    )


@pytest.mark.faults
def test_days_do_not_add_up(
    source_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended_runs, "KEPT_RUNS", KEPT)
    settings = settings_at(tmp_path, source_url=source_url, keep=KEPT)
    simulate(
        source_url, users=20, days=100, seed=6, until=FIRST, faults="typical",
        truth_dir=settings.truth_dir, progress=quiet,
    )  # fmt: skip
    days: list[Measured] = []
    for number in range(max(tries(300), WARM + 2)):
        if number:
            advance(source_url, days=1, truth_dir=settings.truth_dir, progress=quiet)
        set_clock(source_url, f"{FIRST + timedelta(days=number + 1)} 03:00+00")
        run_job(settings, full_refresh=False, with_reports=number % 10 == 0)
        days.append(measured(settings))
        print(f"day {number + 1}: {days[-1]}", flush=True)
    warm, last = days[WARM], days[-1]
    assert last.files <= warm.files + 2, "files"
    assert last.dagster_bytes <= warm.dagster_bytes * 1.1, "Dagster's store"
    assert last.megabytes <= warm.megabytes * 1.2 + 50, "memory"
    passed = len(days) - WARM - 1
    assert last.home_bytes - warm.home_bytes <= passed * 1_000_000, "home"
    each = (last.seconds - warm.seconds) / passed
    assert each <= 1.5 * (days[2].seconds - days[1].seconds), "processor time of a day"
