"""The source stops, starts, cuts connections, and its clock is wrong: what is extracted is what it
held, or nothing, and the next extraction makes up for it."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

import pipelines.extract.run as run_module
from models.apply import apply_schema
from models.errors import SourceUnavailable
from models.tables import TABLES
from pipelines.base import cluster, embedded
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.publication.gate import extracted_run
from tests.clock import set_clock
from tests.e2e.pipeline import quiet
from tests.faults.counted import tries
from tests.source_oracle import Recorder
from tests.source_rows import fill, insert, random_row, writer
from tests.warehouse import read, settings_at

KEY = "a key for tests"
PROGRAMS = embedded.wheel_programs()


def extraction(settings: Settings, url: str, run_id: str = "r") -> Any:
    return extract(settings, source_url=url, run_id=run_id, progress=quiet)


def live_on(url: str, chance: random.Random) -> None:
    """Some rows come, some change, some go."""
    with writer(url) as conn:
        for table in TABLES:
            (key,) = table.key
            insert(conn, table, random_row(table, chance))
            drawn = f"md5({key}::text || '{chance.random()}')"
            conn.execute(f"update public.{table.name} set {key} = {key} where {drawn} < '4'")
            conn.execute(f"delete from public.{table.name} where {drawn} > 'f'")


def unsteady(settings: Settings, url: str, disturb: Any, settle: Any, chance: random.Random) -> str:
    """Extract while another thread disturbs the source at a random instant and lets it settle;
    `done` or `refused`. A refused extraction has written nothing."""
    before = content(settings)
    fault = threading.Thread(target=lambda: (time.sleep(chance.uniform(0, 0.6)), disturb()))
    fault.start()
    try:
        extraction(settings, url)
        return "done"
    except SourceUnavailable:
        assert content(settings) == before
        return "refused"
    finally:
        fault.join()
        settle()


def content(settings: Settings) -> Any:
    """What the working file says of its extractions; None where there is none."""
    if not settings.warehouse.exists():
        return None
    return read(settings, "from meta.run_manifest order by all"), read(
        settings, " union all ".join(f"select count(*) as n from raw.{t.name}" for t in TABLES)
    )


def compare(settings: Settings, url: str, recorder: Recorder) -> None:
    """After a last extraction that nobody disturbs: raw equals the source."""
    recorder.see(extraction(settings, url).as_of_at)
    recorder.compare(settings.warehouse)


class Server:
    """A PostgreSQL of its own, which a test may stop hard or softly, and start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = embedded.start_server(folder, PROGRAMS)
        apply_schema(self.url)

    def stop(self, mode: str) -> None:
        cluster.run_program(
            PROGRAMS, self.folder / "data", command=["pg_ctl", "-m", mode, "-w", "stop"]
        )

    def start(self) -> None:
        embedded.start_server(self.folder, PROGRAMS)


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hypnomart-", ignore_cleanup_errors=True) as name:
        yield Server(Path(name))
        embedded.stop_server(Path(name), PROGRAMS)


def stops_and_starts(server: Server, folder: Path, count: int) -> Counter[str]:
    """So many stops at random instants of an extraction, the server back after a moment."""
    chance, outcomes = random.Random(), Counter[str]()
    fill(server.url, 20)
    for number in range(count):
        settings = settings_at(folder / str(number // 5), hash_key=KEY)  # the first, then refreshes

        def restart(mode: str = chance.choice(["fast", "immediate"])) -> None:
            server.stop(mode)
            time.sleep(chance.uniform(0, 0.5))
            server.start()

        outcomes[unsteady(settings, server.url, restart, lambda: None, chance)] += 1
        live_on(server.url, chance)
        extraction(settings, server.url, "after")
    recorder = Recorder(server.url, KEY)
    compare(settings_at(folder / "last", hash_key=KEY), server.url, recorder)
    for place in sorted({str(number // 5) for number in range(count)}):
        settings = settings_at(folder / place, hash_key=KEY)
        extraction(settings, server.url, "last")
        assert rows_of(settings) == rows_of(settings_at(folder / "last")), place
    return outcomes


def rows_of(settings: Settings) -> dict[str, list[Any]]:
    """The rows of raw.*, without when they were seen."""
    return {
        t.name: read(
            settings,
            f"select * exclude (_is_update, _loaded_at) from raw.{t.name} order by all",
        )
        for t in TABLES
    }


def test_the_server_stops_and_starts_while_it_is_read(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.5, 1.0, 2.0))
    assert sum(stops_and_starts(server, tmp_path, 2).values()) == 2


@pytest.mark.faults
def test_the_server_stops_and_starts_many_times(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.5, 1.0, 2.0))
    print(f"server: {dict(stops_and_starts(server, tmp_path, tries(100)))}")


def cuts(url: str, folder: Path, count: int) -> Counter[str]:
    """So many extractions whose connections are cut again and again for a moment."""
    chance, outcomes = random.Random(), Counter[str]()
    fill(url, 20)
    settings = settings_at(folder, hash_key=KEY)
    for number in range(count):
        until = time.monotonic() + chance.uniform(0.3, 3.0)

        def cut(until: float = until) -> None:
            with psycopg.connect(url, autocommit=True) as conn:
                while time.monotonic() < until:
                    conn.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where application_name = 'hypnomart' and datname = current_database()"
                    )
                    time.sleep(chance.uniform(0, 0.2))

        outcomes[unsteady(settings, url, cut, lambda: None, chance)] += 1
        live_on(url, chance)
        if number % 5 == 4 and chance.random() < 0.5:
            settings = settings_at(folder / str(number), hash_key=KEY)
    extraction(settings, url, "last")
    fresh = settings_at(folder / "fresh", hash_key=KEY)
    compare(fresh, url, Recorder(url, KEY))
    assert rows_of(settings) == rows_of(fresh)
    return outcomes


def test_connections_are_cut_in_a_loop(
    source_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.3, 0.5, 1.0))
    assert sum(cuts(source_url, tmp_path, 3).values()) == 3


@pytest.mark.faults
def test_connections_are_cut_many_times(
    source_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.3, 0.5, 1.0))
    print(f"connections: {dict(cuts(source_url, tmp_path, tries(200)))}")


def test_a_clock_that_was_put_back_turns_no_version_around(source_url: str, tmp_path: Path) -> None:
    """A day ahead, right, a day behind: snapshots keep their order, and the last one is the
    newest. The note says by how much."""
    fill(source_url, 5)
    settings, notes = settings_at(tmp_path, hash_key=KEY), []
    recorder = Recorder(source_url, KEY)
    for number, ahead in enumerate(("1 day", "0", "-1 day", "2 days", "3 days -1 second")):
        set_clock(source_url, ahead=ahead)
        with psycopg.connect(source_url) as conn:
            conn.execute("update ai_usage set weekly_used_credits = %s", [number])
        done = extraction(settings, source_url, f"run-{number}")
        recorder.see(done.as_of_at)
        recorder.compare(settings.warehouse)
        notes.append(any("clock" in note for note in done.notes))
        assert extracted_run(settings, "none") == f"run-{number}"
    assert notes == [False, True, True, False, False]
    seen = read(settings, "select id, weekly_used_credits as used from history.ai_usage "
                "where _op <> 'delete' order by id, _seen_at")  # fmt: skip
    assert [row["used"] for row in seen] == [*range(5)] * 5
    assert read(settings, "select count(*) as n from meta.snapshots") == [{"n": 5}]


def test_of_two_runs_at_the_same_instant_the_later_is_the_newest(
    source_url: str, tmp_path: Path
) -> None:
    fill(source_url, 1)
    settings = settings_at(tmp_path, hash_key=KEY)
    set_clock(source_url, "2026-11-01 06:30+00")
    for run_id in ("b", "c", "a"):
        extraction(settings, source_url, run_id)
        assert extracted_run(settings, "none") == run_id
    assert read(settings, "select distinct run_id from meta.run_manifest") == [{"run_id": "a"}]
    assert read(settings, "select distinct _run_id from history.ai_usage") == [{"_run_id": "a"}]


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Chatham"])
def test_zones_of_process_and_server_change_nothing(
    source_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """The clock stands in the hour that New York has twice; the server's zone is another one."""
    fill(source_url, 5)
    set_clock(source_url, "2026-11-01 06:30+00")
    at_home = settings_at(tmp_path / "utc", hash_key=KEY)
    extraction(at_home, source_url)
    with psycopg.connect(source_url, autocommit=True) as conn:
        ((database,),) = conn.execute("select current_database()").fetchall()
        conn.execute(f"alter database {database} set timezone = 'Australia/Lord_Howe'")
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    time.tzset()
    try:
        elsewhere = settings_at(tmp_path / "elsewhere", hash_key=KEY)
        done = extraction(elsewhere, source_url)
        assert f"{done.as_of_at}" == "2026-11-01 06:30:00"
        assert rows_of(elsewhere) == rows_of(at_home)
    finally:
        monkeypatch.undo()
        time.tzset()
    with suppress(KeyError):
        assert os.environ["TZ"] != zone
