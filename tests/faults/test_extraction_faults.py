"""Killed, cut off, locked out, out of space: the file is as before or as after."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

import pipelines.extract.run as run_module
from models.errors import HypnomartError, SourceUnavailable, WarehouseLocked
from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.extract.source import probe
from tests.source_oracle import Recorder
from tests.source_rows import fill, writer
from tests.warehouse import settings_at

KEY = "a key for tests"
# Imports once, then forks a process for each extraction asked for, and tells its id, what it
# said, and that it ended.
NURSERY = """
import os, resource, sys
from pathlib import Path
from models.errors import HypnomartError
from pipelines.extract.run import extract
from tests.warehouse import settings_at
for line in sys.stdin:
    folder, url, key, limit = line.rstrip("\\n").split("\\t")
    process = os.fork()
    if not process:
        if int(limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit),) * 2)
        settings = settings_at(Path(folder), hash_key=key)
        try:
            extract(settings, source_url=url, run_id="killed", progress=lambda _: None)
            print("done", flush=True)
        except HypnomartError as error:
            print(error, flush=True)
        os._exit(0)
    print(process, flush=True)
    os.waitpid(process, 0)
    print("ended", flush=True)
"""


class Nursery:
    """Extractions in processes of their own, which may be killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def start(self, folder: Path, url: str, *, limit: int = 0) -> int:
        """The id of the process that has begun to extract."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{folder}\t{url}\t{KEY}\t{limit}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> str:
        """Wait for it; what it said."""
        assert self.process.stdout is not None
        said = ""
        while (line := self.process.stdout.readline()) != "ended\n":
            said += line
        return said


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    started = Nursery()
    yield started
    started.process.kill()
    started.process.wait()


def digest(path: Path) -> str:
    """What raw, history and meta hold, without times of this run."""
    with duckdb.connect(str(path)) as con:
        parts = []
        for schema, table in con.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall():
            columns = [
                row[0]
                for row in con.execute(
                    "select column_name from duckdb_columns() where schema_name = ? and "
                    "table_name = ? and column_name not in ('_loaded_at', '_seen_at', 'as_of_at', "
                    "'started_at', 'finished_at', 'snapshot_xmin', 'snapshot_xmax', "
                    "'first_seen_at', 'salt') order by column_index",
                    [schema, table],
                ).fetchall()
            ]
            names = ", ".join(f'"{name}"' for name in columns) or "count(*)"
            found = con.execute(f"select {names} from {schema}.{table} order by all").fetchall()
            parts.append(f"{schema}.{table} {found}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@pytest.mark.slow
def test_a_kill_at_any_instant_leaves_the_file_as_before_or_as_after(
    tmp_path: Path, source_url: str, nursery: Nursery
) -> None:
    """Fifty instants over the length of a refresh that changes every table."""
    home = settings_at(tmp_path / "first", hash_key=KEY)
    fill(source_url, 30)
    extract(home, source_url=source_url, run_id="first", progress=lambda _: None)
    with writer(source_url) as conn:
        for table in TABLES:
            (key,) = table.key
            conn.execute(f"update public.{table.name} set {key} = {key}")
            conn.execute(f"delete from public.{table.name} where {key}::text < '4'")
    fill(source_url, 30, seed=2)
    before = digest(home.warehouse)
    lengths = []
    for name in ("warm", "after"):
        shutil.copytree(tmp_path / "first", tmp_path / name)
        clock = time.monotonic()
        nursery.start(tmp_path / name, source_url)
        assert nursery.end() == "done\n"
        lengths.append(time.monotonic() - clock)
    after = digest(settings_at(tmp_path / "after").warehouse)
    assert before != after
    outcomes = {before: 0, after: 0}
    chance = random.Random(4)
    for number in range(50):
        folder = tmp_path / f"kill-{number}"
        shutil.copytree(tmp_path / "first", folder)
        process = nursery.start(folder, source_url)
        time.sleep(min(lengths) * chance.random() * 1.2)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        nursery.end()
        outcomes[digest(settings_at(folder).warehouse)] += 1  # KeyError: neither of the two
        shutil.rmtree(folder)
    print(f"{outcomes[before]} as before, {outcomes[after]} as after")
    assert sum(outcomes.values()) == 50
    assert outcomes[before] >= 5


@pytest.mark.slow
def test_a_kill_during_the_first_extraction_leaves_no_file_or_the_whole_one(
    tmp_path: Path, source_url: str, nursery: Nursery
) -> None:
    """Twenty instants; afterwards the next extraction leaves nothing of what was begun."""
    fill(source_url, 30)
    lengths = []
    for name in ("warm", "whole"):
        clock = time.monotonic()
        nursery.start(tmp_path / name, source_url)
        assert nursery.end() == "done\n"
        lengths.append(time.monotonic() - clock)
    whole = digest(settings_at(tmp_path / "whole").warehouse)
    chance, begun, absent = random.Random(7), 0, 0
    for number in range(20):
        home = settings_at(tmp_path / f"kill-{number}", hash_key=KEY)
        process = nursery.start(tmp_path / f"kill-{number}", source_url)
        time.sleep(min(lengths) * chance.random() * 1.1)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        nursery.end()
        begun += home.warehouse.with_name("warehouse.duckdb.first").exists()
        if home.warehouse.exists():
            assert digest(home.warehouse) == whole
        else:
            absent += 1
    assert absent >= 5 and begun >= 1
    extract(home, source_url=source_url, run_id="killed", progress=lambda _: None)
    assert digest(home.warehouse) == whole
    names = {path.name for path in home.warehouse.parent.iterdir()} - {"hash_key"}
    assert names == {"warehouse.duckdb", "warehouse.lock"}


def test_a_full_disk_is_told_by_the_first_extraction_too(
    tmp_path: Path, source_url: str, nursery: Nursery
) -> None:
    fill(source_url, 3)
    with writer(source_url) as conn:
        conn.execute(
            "insert into analytics (user_id, course_code, voice) select gen_random_uuid(), 'x', "
            "repeat(md5(g::text), 9) from generate_series(1, 60000) g"
        )
    nursery.start(tmp_path, source_url, limit=4_000_000)
    said = nursery.end()
    assert "disk is full" in said and "nothing was written" in said
    names = {path.name for path in settings_at(tmp_path).home.iterdir()} - {"hash_key"}
    assert names == {"warehouse.lock"}


def test_a_full_disk_is_told_and_leaves_the_file_readable(
    tmp_path: Path, source_url: str, nursery: Nursery
) -> None:
    """A file size limit stands in for the disk: writes fail alike."""
    home = settings_at(tmp_path, hash_key=KEY)
    fill(source_url, 3)
    extract(home, source_url=source_url, run_id="first", progress=lambda _: None)
    before = digest(home.warehouse)
    with writer(source_url) as conn:
        conn.execute(
            "insert into analytics (user_id, course_code, voice) select gen_random_uuid(), 'x', "
            "repeat(md5(g::text), 9) from generate_series(1, 60000) g"
        )
    nursery.start(tmp_path, source_url, limit=home.warehouse.stat().st_size + 4_000_000)
    said = nursery.end()
    assert "disk is full" in said and "nothing was written" in said
    assert digest(home.warehouse) == before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:hunter2@127.0.0.1:1/none", "127.0.0.1:1, database none"),
        ("postgresql://me:hunter2@/none?host=/nowhere", "/nowhere, database none"),
        ("postgresql://me:hunter2@no-such-host.invalid/none", "no-such-host.invalid"),
    ],
)
def test_an_unreachable_source_is_one_sentence(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        extract(settings_at(tmp_path), source_url=url, run_id="r", progress=lambda _: None)
    assert words in str(caught.value) and "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 3
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert not settings_at(tmp_path).warehouse.exists()


def test_a_certificate_that_is_missing_is_named(tmp_path: Path) -> None:
    """libpq tells it in the first of several lines, once a server has agreed to TLS."""

    def agree() -> None:
        with suppress(OSError):
            while True:
                met, _ = listener.accept()
                met.recv(8)
                met.sendall(b"S")
                met.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=agree, daemon=True).start()
        url = (
            f"postgresql://me:hunter2@127.0.0.1:{listener.getsockname()[1]}/none"
            f"?sslmode=verify-full&sslrootcert={tmp_path}/no-such.crt"
        )
        with pytest.raises(SourceUnavailable) as caught:
            extract(settings_at(tmp_path), source_url=url, run_id="r", progress=lambda _: None)
    assert f"{tmp_path}/no-such.crt" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_login_that_does_not_exist_is_named(tmp_path: Path, source_url: str) -> None:
    url = source_url.replace("postgres@", "nobody:hunter2@", 1)
    with pytest.raises(SourceUnavailable, match="nobody") as caught:
        extract(settings_at(tmp_path), source_url=url, run_id="r", progress=lambda _: None)
    assert "hunter2" not in str(caught.value)


def test_a_warehouse_open_elsewhere_is_locked(tmp_path: Path, source_url: str) -> None:
    home = settings_at(tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
            "sys.stdin.readline()",
            str(home.warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseLocked) as caught:
            extract(home, source_url=source_url, run_id="r", progress=lambda _: None)
        assert caught.value.exit_code == 4
    finally:
        holder.kill()
        holder.wait()


def cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'hypnomart' and datname = current_database()"
        )


def test_a_dropped_connection_is_tried_anew_as_a_whole(
    tmp_path: Path, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.1, 0.1, 0.1))
    fill(source_url, 3)
    home = settings_at(tmp_path, hash_key=KEY)
    said: list[str] = []

    def progress(words: str) -> None:
        said.append(words)
        if words.startswith("courses: reading") and sum("Trying again" in w for w in said) < 2:
            cut(source_url)

    done = extract(home, source_url=source_url, run_id="r", progress=progress)
    recorder = Recorder(source_url, KEY)
    recorder.see(done.as_of_at)
    recorder.compare(home.warehouse)
    assert sum("Trying again" in words for words in said) == 2


def test_a_connection_that_never_holds_is_given_up(
    tmp_path: Path, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAUSES", (0.0,))

    def progress(words: str) -> None:
        if words.startswith("courses: reading"):
            cut(source_url)

    home: Settings = settings_at(tmp_path)
    with pytest.raises(SourceUnavailable, match="dropped the connection"):
        extract(home, source_url=source_url, run_id="r", progress=progress)
    assert {path.name for path in home.home.iterdir()} == {"warehouse.lock", "hash_key"}


def test_a_table_locked_by_a_migration_is_waited_for_only_so_long(
    tmp_path: Path, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "TIMEOUTS", "set local lock_timeout = '200ms'")
    with psycopg.connect(source_url) as conn:
        conn.execute("lock table courses in access exclusive mode")
        with pytest.raises(SourceUnavailable, match="A table is locked at the source"):
            extract(
                settings_at(tmp_path), source_url=source_url, run_id="r", progress=lambda _: None
            )


@pytest.mark.parametrize("state", ["first extraction", "refresh"])
def test_ctrl_c_ends_at_once_and_leaves_nothing(
    tmp_path: Path, source_url: str, state: str
) -> None:
    """While it waits for a lock, and at instants chosen at random while it works."""
    fill(source_url, 200)
    home = settings_at(tmp_path)
    if state == "refresh":
        extract(home, source_url=source_url, run_id="r", progress=lambda _: None)
    environment = {
        **os.environ,
        "HYPNOMART_HOME": str(home.home),
        "HYPNOMART_SOURCE_URL": source_url,
        "HYPNOMART_HASH_KEY": home.hash_key,
    }
    chance = random.Random(state)
    with psycopg.connect(source_url) as conn:
        for number in range(9):
            if number == 0:
                conn.execute("lock table courses in access exclusive mode")
            process = subprocess.Popen(
                [sys.executable, "-c", "from pipelines.cli import main; main()", "extract"],
                env=environment, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE, text=True,
                # a shell lets what it starts in the background, these tests too, ignore Ctrl-C
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )  # fmt: skip
            time.sleep(4 if number == 0 else chance.uniform(0.8, 2.0))
            asked = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
            assert time.monotonic() - asked < 10
            # one that had not begun or had ended already is none of ours
            if process.returncode not in (0, -signal.SIGINT):
                assert process.returncode == 130, said
                assert "Traceback" not in said or "KeyboardInterrupt" in said
            names = {path.name for path in home.home.iterdir()} if home.home.exists() else set()
            # what DuckDB committed and has not moved into its file is moved by who opens it next
            journal = home.warehouse.with_name(f"{home.warehouse.name}.wal")
            own = {home.warehouse, journal, home.last_run, home.source_catalogue}
            assert names <= {path.name for path in own} | {"warehouse.lock", "hash_key"}
            if number == 0:
                assert process.returncode == 130
                conn.rollback()
    extract(home, source_url=source_url, run_id="after", progress=lambda _: None)


def test_no_fault_shows_a_traceback_of_the_engine(tmp_path: Path, source_url: str) -> None:
    """Whatever the engine says is translated: here a file that is no database."""
    home = settings_at(tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    home.warehouse.write_bytes(os.urandom(20_000))
    options: dict[str, Any] = {"run_id": "r", "progress": lambda _: None}
    with pytest.raises(HypnomartError, match=r"warehouse\.duckdb"):
        extract(home, source_url=source_url, **options)
