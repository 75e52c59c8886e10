"""A run that is killed leaves the old publication or the new one, and the next run goes well: to
the very content that a run which nobody disturbed comes to.

The source is odd in many of its cells and its clock stands, so that two runs read the same. The
clock stands in an hour that New York has twice, where the last run of each test is at home; it has
no network either.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest

from models.simulation import simulate
from pipelines.base.settings import Settings
from pipelines.publication.publish import published_run
from tests.clock import set_clock
from tests.conftest import new_database
from tests.e2e.pipeline import quiet
from tests.faults.counted import tries
from tests.faults.test_secrecy import leaks, plant_canaries
from tests.faults.whole_runs import Command, published_words
from tests.odd_databases import make_odd
from tests.warehouse import settings_at

STEPS = ("start", "extract", "build", "check", "publish", "report")
ELSEWHERE = {"TZ": "America/New_York", "PGTZ": "Pacific/Chatham"}
# In a network of its own without any route: what would leave the machine is refused and counted.
CLOSED_OFF = ("unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--net")
COUNTED = ("sh", "-c", '"$0" "$@"; code=$?; grep ^Ip: /proc/net/snmp; exit $code')
can_close_off = shutil.which("unshare") is not None and (
    subprocess.run([*CLOSED_OFF, "true"], capture_output=True, check=False).returncode == 0
)
pytestmark = pytest.mark.skipif(
    "HYPNOMART_TEST_DSN" in os.environ, reason="the server must be reached without a network"
)


@dataclass(frozen=True)
class Home:
    """A home with a publication: its run and the words of its content."""

    settings: Settings
    run_id: str
    words: dict[str, str]


@pytest.fixture(scope="module")
def published(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """An odd business, published with its reports by a run of its own."""
    folder = tmp_path_factory.mktemp("killed")
    with new_database(postgres_url, template=template_database) as url:
        simulate(
            url, users=40, days=200, seed=8, until=date(2026, 10, 31), faults="typical",
            truth_dir=folder / "truth", progress=quiet,
        )  # fmt: skip
        make_odd(url, 1)
        plant_canaries(url)
        set_clock(url, "2026-11-01 06:30+00")
        settings = settings_at(folder, source_url=url)
        code, output = Command(settings, "run").end()
        assert code == 0, output
        yield home_of(settings)


def home_of(settings: Settings) -> Home:
    run_id = published_run(settings.published)
    assert run_id is not None
    return Home(settings, run_id, published_words(settings))


def copied(home: Home, folder: Path) -> Settings:
    """A home with the same content and the same source."""
    shutil.copytree(home.settings.home, folder / "home")
    shutil.copytree(home.settings.reports_dir, folder / "reports", symlinks=True)
    return settings_at(folder, source_url=home.settings.source_url)


def rewrite_rows(url: str) -> None:
    """Give every row a new version of the same content: all of them are read again."""
    with psycopg.connect(url) as conn:
        conn.execute("update user_profile set created_at = created_at")
        conn.execute("update subscription_events set created_at = created_at")


def killed(settings: Settings, arguments: tuple[str, ...], step: str, delay: float) -> str | None:
    """Kill a command some seconds after a step began; the step that it died in, None where it had
    ended before."""
    command = Command(settings, *arguments)
    command.wait_for(step)
    try:
        command.process.wait(delay)
    except subprocess.TimeoutExpired:
        found = command.running()
        return found if command.kill() else None
    return None


def is_whole(settings: Settings, known: dict[str, dict[str, str]]) -> str:
    """The published file opens and holds the old content or the new one; its run."""
    run_id = str(published_run(settings.published))
    words = published_words(settings)
    assert words == known.get(run_id, known["new"]), run_id
    return run_id


def recovers(settings: Settings, expected: dict[str, str]) -> str:
    """The next run completes, elsewhere and closed off, and its content is the expected one. What
    it said."""
    within = [*CLOSED_OFF, *COUNTED] if can_close_off else []
    code, output = Command(settings, "run", within=within, environment=ELSEWHERE).end()
    assert code == 0, output
    words = published_words(settings)
    assert [table for table in expected if words[table] != expected[table]] == []
    assert set(words) == set(expected)
    latest = settings.reports_dir / "latest"
    assert (latest / "index.html").is_file()
    leftovers = [p.name for p in settings.reports_dir.iterdir() if p.name.startswith(".")]
    assert leftovers == []
    return output


def test_killed_once_in_each_step(published: Home, tmp_path: Path) -> None:
    """One after another on the same home; then a run completes that tries to reach nothing. None
    leaves anything personal or secret."""
    settings = copied(published, tmp_path)
    known = {published.run_id: published.words, "new": published.words}
    rewrite_rows(str(settings.source_url))
    chance = random.Random()
    runs = (("run", step) for step in ("extract", "build", "report"))
    plan = (("publish",), ("check",), *runs)
    for command, *step in plan:
        within = step[0] if step else command
        died = []
        while within not in died:  # a step may end before the signal comes, and the next one begin
            assert len(died) < 5, died
            delay = chance.uniform(0, 1.0) / 2 ** len(died)
            died.append(killed(settings, (command,), within, delay))
            is_whole(settings, known)
    assert leaks(tmp_path) == []
    output = recovers(settings, published.words)
    assert leaks(tmp_path) == []
    if can_close_off:
        assert refused_packets(output) == 0
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        held = con.execute("select count(*) from raw.user_profile").fetchone()
    with psycopg.connect(str(settings.source_url)) as conn:
        assert conn.execute("select count(*) from user_profile").fetchone() == held


def refused_packets(output: str) -> int:
    """What the kernel counted as having no route (`OutNoRoutes`), from the counters printed."""
    names, values = (line.split() for line in output.splitlines() if line.startswith("Ip:"))
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])


@pytest.mark.skipif(not can_close_off, reason="no unshare, or it may not make a network")
def test_an_attempt_to_leave_would_be_counted() -> None:
    attempt = "import socket; socket.socket().connect_ex(('192.0.2.1', 80))"
    python = ["python3", "-c", attempt]
    done = subprocess.run(
        [*CLOSED_OFF, *COUNTED, *python], capture_output=True, text=True, check=True
    )
    assert refused_packets(done.stdout) == 1


def step_lengths(command: Command) -> dict[str, float]:
    """Let a run complete; how many seconds each step took, the time before the first included."""
    marks = [time.monotonic()]
    for step in STEPS[1:]:
        command.wait_for(step)
        marks.append(time.monotonic())
    code, output = command.end()
    assert code == 0, output
    marks.append(time.monotonic())
    return {step: end - start for step, start, end in zip(STEPS, marks, marks[1:], strict=False)}


@pytest.mark.faults
def test_killed_at_random_instants(published: Home, tmp_path: Path) -> None:
    """Instants over the whole length of a run, up to five kills before a run is left to complete.
    The business has lived on since the publication."""
    url = str(published.settings.source_url)
    make_odd(url, 2, share=0.05)
    set_clock(url, "2026-11-02 06:30+00")
    undisturbed = copied(published, tmp_path / "undisturbed")
    lengths = step_lengths(Command(undisturbed, "run"))
    expected = published_words(undisturbed)
    assert expected != published.words
    known = {published.run_id: published.words, "new": expected}
    chance, died, outcomes, recoveries = random.Random(), Counter[str](), Counter[str](), 0
    wanted = tries(200)
    while sum(died.values()) < wanted:
        folder = tmp_path / f"try-{recoveries}"
        settings = copied(published, folder)
        for _ in range(min(chance.randint(1, 5), wanted - sum(died.values()))):
            (step,) = chance.choices(STEPS, [lengths[step] for step in STEPS])
            found = killed(settings, ("run",), step, chance.uniform(0, lengths[step]))
            run_id = is_whole(settings, known)
            if found:
                died[found] += 1
                outcomes["old" if run_id == published.run_id else "new"] += 1
        recovers(settings, expected)
        recoveries += 1
        shutil.rmtree(folder)
        print(
            f"{dict(died)} kills, {dict(outcomes)} published, {recoveries} recoveries", flush=True
        )
