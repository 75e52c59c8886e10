"""A read replica as the source: it is extracted as the primary is, and where it cancels what it is
asked, since the primary has cleaned up rows that are still being read, nothing is half-written."""

from __future__ import annotations

import os
import pwd
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import pipelines.extract.run as run_module
from models.apply import apply_schema
from models.tables import TABLES
from pipelines.base import cluster, embedded
from tests.faults.test_unsteady_source import (
    KEY,
    PROGRAMS,
    compare,
    extraction,
    live_on,
    rows_of,
    unsteady,
)
from tests.source_oracle import Recorder
from tests.source_rows import fill
from tests.warehouse import settings_at

# It waits for no reader: what a reader still sees is cleaned up, and the reader is cancelled.
IMPATIENT = "max_standby_streaming_delay = 0"
REPLICATED = ("wal_level = replica", "max_wal_senders = 4", "wal_receiver_status_interval = 1")


@dataclass(frozen=True)
class Pair:
    """URLs of a primary server and of its replica."""

    primary: str
    replica: str

    def caught_up(self) -> None:
        """Wait until the replica holds what the primary does."""
        with (
            psycopg.connect(self.primary, autocommit=True) as primary,
            psycopg.connect(self.replica, autocommit=True) as replica,
        ):
            (place,) = primary.execute("select pg_current_wal_flush_lsn()").fetchone() or (None,)
            behind = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
            while replica.execute(behind, [place]).fetchone() != (True,):
                time.sleep(0.02)

    def conflicts(self) -> int:
        """How often the replica has cancelled a reader of its database."""
        with psycopg.connect(self.replica) as conn:
            rows = conn.execute(
                "select sum(confl_snapshot + confl_lock + confl_bufferpin)"
                " from pg_stat_database_conflicts where datname = current_database()"
            ).fetchall()
        return int(rows[0][0])


def configure(folder: Path, *lines: str) -> None:
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\n".join(["", *lines, ""]))


def owned(folder: Path) -> None:
    """Make a folder that the server's user may write in."""
    folder.mkdir(mode=0o700, parents=True)
    if user := cluster.server_user():
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="hypnomart-", ignore_cleanup_errors=True) as name:
        first, second = Path(name, "primary"), Path(name, "replica")
        embedded.start_server(first, PROGRAMS)
        cluster.run_program(
            PROGRAMS, first / "data", command=["pg_ctl", "-m", "fast", "-w", "stop"]
        )
        configure(first, *REPLICATED)
        primary = embedded.start_server(first, PROGRAMS)
        apply_schema(primary)
        owned(second / "data")
        cluster.run_program(PROGRAMS, second / "data", command=["pg_basebackup",
            "-d", primary, "-D", ".", "--write-recovery-conf", "--checkpoint=fast"])  # fmt: skip
        for socket in (second / "data").glob(".s.*"):  # the primary's, which lay beside its data
            socket.unlink()
        configure(second, IMPATIENT)
        try:
            yield Pair(primary, embedded.start_server(second, PROGRAMS))
        finally:
            embedded.stop_server(second, PROGRAMS)
            embedded.stop_server(first, PROGRAMS)


def test_a_replica_that_cancels_its_readers_is_extracted_whole_or_not_at_all(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are deleted and cleaned up on the primary while the replica is read, until it has
    cancelled a reader; then once more in peace."""
    monkeypatch.setattr(run_module, "PAUSES", (0.2, 0.5))
    chance, settings = random.Random(), settings_at(tmp_path / "kept", hash_key=KEY)
    fill(pair.primary, 20)
    pair.caught_up()
    outcomes: set[str] = set()
    while not pair.conflicts():
        until = time.monotonic() + chance.uniform(0.5, 2.0)

        def clean_up(until: float = until) -> None:
            while time.monotonic() < until:
                live_on(pair.primary, chance)
                with psycopg.connect(pair.primary, autocommit=True) as conn:
                    for table in TABLES:
                        conn.execute(f"vacuum public.{table.name}")

        outcomes.add(unsteady(settings, pair.replica, clean_up, lambda: None, chance))
    assert outcomes <= {"done", "refused"}
    pair.caught_up()
    extraction(settings, pair.replica, "last")
    fresh = settings_at(tmp_path / "fresh", hash_key=KEY)
    compare(fresh, pair.primary, Recorder(pair.primary, KEY))
    assert rows_of(settings) == rows_of(fresh)
