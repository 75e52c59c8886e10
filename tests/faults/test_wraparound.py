"""The 32-bit transaction counter runs over while changes are extracted: none is missed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from models.apply import apply_schema
from pipelines.base import cluster, embedded
from pipelines.extract.run import extract
from tests.source_oracle import Recorder
from tests.source_rows import fill
from tests.warehouse import settings_at

SEGMENT = 2**20  # transactions in a file of pg_xact
WRAP = 2**32


@contextmanager
def server_about_to_wrap(folder: Path) -> Iterator[str]:
    """A server with rows, its counter put forward in steps that freezing must follow."""
    programs, data = embedded.wheel_programs(), folder / "data"
    url = embedded.start_server(folder, programs)
    apply_schema(url)
    fill(url, 10)
    try:
        for counter in (WRAP * 3 // 8, WRAP * 6 // 8, WRAP - 100):
            freeze(url)
            embedded.stop_server(folder, programs)
            cluster.run_program(
                programs, data, command=["pg_resetwal", "-f", "-x", str(counter), "."]
            )
            segment = data / "pg_xact" / f"{counter // SEGMENT:04X}"
            segment.write_bytes(bytes(SEGMENT // 4))
            owner = data.stat()
            os.chown(segment, owner.st_uid, owner.st_gid)
            url = embedded.start_server(folder, programs)
        yield url
    finally:
        embedded.stop_server(folder, programs)


def freeze(url: str) -> None:
    """All databases, those too that nobody may connect to: the oldest row of all counts."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("update pg_database set datallowconn = true")
        names = [name for (name,) in conn.execute("select datname from pg_database").fetchall()]
    for name in names:
        there = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        with psycopg.connect(there, autocommit=True) as conn:
            conn.execute("vacuum freeze")


def burn(url: str, transactions: int) -> None:
    """Use up so many transaction ids."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            f"do $$ begin for n in 1..{transactions} loop perform pg_current_xact_id(); commit; "
            "end loop; end $$"
        )


@pytest.mark.slow
def test_the_transaction_counter_runs_over(tmp_path: Path) -> None:
    """With changes before, at and after it, one held open across it, and rows frozen beyond it."""
    home = settings_at(tmp_path, hash_key="k")
    with (
        tempfile.TemporaryDirectory(prefix="hypnomart-", ignore_cleanup_errors=True) as folder,
        server_about_to_wrap(Path(folder)) as url,
    ):
        recorder = Recorder(url, hash_key="k")

        def changed(run: str) -> dict[str, tuple[int, int]]:
            done = extract(home, source_url=url, run_id=run, progress=lambda _: None)
            recorder.see(done.as_of_at)
            recorder.compare(home.warehouse)
            assert run == "first" or not any(table.why_all for table in done.tables)
            return {
                table.table_name: (table.changed_rows, table.deleted_rows)
                for table in done.tables
                if table.changed_rows or table.deleted_rows
            }

        changed("first")
        assert changed("nothing") == {}
        with psycopg.connect(url) as held, psycopg.connect(url, autocommit=True) as conn:
            held.execute(
                "update subscriptions set plan_title = 'held' where id in "
                "(select id from subscriptions limit 2)"
            )
            counters = []
            for number in range(6):
                burn(url, 25)
                conn.execute("update courses set title = %s", [f"title {number}"])
                conn.execute("delete from app_logs where id in (select id from app_logs limit 1)")
                (row,) = conn.execute("select pg_current_xact_id()::text::bigint").fetchall()
                counters.append(row[0])
                assert changed(f"run {number}") == {"courses": (10, 0), "app_logs": (0, 1)}
            assert counters[0] < WRAP < counters[-1]
            held.commit()
            assert changed("held") == {"subscriptions": (2, 0)}
            conn.execute("vacuum freeze")
            conn.execute("vacuum full courses")
        assert changed("frozen") == {}
