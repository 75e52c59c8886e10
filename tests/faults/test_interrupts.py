"""Each step ends at once when it is told to, and leaves the lock free."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import date

import pytest

from models.simulation import simulate
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from tests.conftest import new_database
from tests.e2e.pipeline import quiet
from tests.faults.whole_runs import Command
from tests.warehouse import settings_at

# Two seconds on a machine of its own; more where others work beside.
AT_ONCE = 5.0


@pytest.fixture(scope="module")
def settings(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A simulated business that takes a moment to read."""
    folder = tmp_path_factory.mktemp("interrupts")
    with new_database(postgres_url, template=template_database) as url:
        settings = settings_at(folder, source_url=url)
        simulate(
            url, users=2_000, days=200, seed=5, until=date(2026, 10, 31), faults="typical",
            truth_dir=folder / "truth", progress=quiet,
        )  # fmt: skip
        yield settings


def interrupted(
    settings: Settings, command: str, sign: signal.Signals, *, after: str
) -> tuple[int, float, list[str]]:
    """Start a command, send it the signal when a line of output holds `after`; its exit code, the
    seconds it took to end, and what it said in them."""
    process = Command(settings, *command.split()).process
    assert process.stdout is not None
    for line in process.stdout:
        if after in line:
            break
    assert process.poll() is None, "it ended before it was told to"
    process.send_signal(sign)
    sent = time.monotonic()
    said, _ = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - sent, said.splitlines()


@pytest.mark.parametrize(
    ("ended", "sign"),
    [
        ("source", signal.SIGINT),  # while it extracts
        ("extract", signal.SIGINT),  # while it builds
        ("extract", signal.SIGTERM),
        ("build", signal.SIGINT),  # while it checks
        ("check", signal.SIGINT),  # while it publishes
        ("publish", signal.SIGTERM),  # while it writes reports
    ],
    ids=["extract", "build", "build-SIGTERM", "check", "publish", "report-SIGTERM"],
)
def test_a_step_ends_at_once_and_leaves_the_lock(
    settings: Settings, ended: str, sign: signal.Signals
) -> None:
    code, seconds, said = interrupted(settings, "run", sign, after=f"  {ended} ")
    assert code == 130 or (sign is signal.SIGTERM and code == 143)
    assert seconds < AT_ONCE
    assert said == ["Aborted."]
    with warehouse_lock(settings.home):
        pass
