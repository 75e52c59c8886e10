"""The extraction against a real PostgreSQL: exact values, rights, races, restored servers."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest

from models.apply import apply_schema
from models.errors import SourceChanged, SourceUnavailable
from models.tables import TABLES
from pipelines.base.cluster import server_user
from pipelines.base.settings import Settings
from pipelines.extract.load import all_tables, batches
from pipelines.extract.load import table as one_table
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.run import extract
from pipelines.extract.source.connection import connection_string
from pipelines.extract.source.probe import probe
from pipelines.extract.state.checksums import Checksum
from pipelines.extract.state.manifest import Extraction
from tests.source_oracle import Recorder
from tests.source_rows import document, fill, writer
from tests.warehouse import settings_at

A = "aaaaaaaa-0000-4000-8000-000000000001"
B = "bbbbbbbb-0000-4000-8000-000000000002"
C = "cccccccc-0000-4000-8000-000000000003"
D = "dddddddd-0000-4000-8000-000000000004"
KEY = "a key for tests"
CANARY = "canary.c7f1@example.org"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings_at(tmp_path, hash_key=KEY)


def run(home: Settings, url: str, **options: Any) -> Extraction:
    number = getattr(run, "number", 0) + 1
    run.number = number  # type: ignore[attr-defined]
    options = {"run_id": f"run-{number}", "progress": lambda _: None, **options}
    return extract(home, source_url=url, **options)


def raw(home: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return con.execute(sql).fetchall()


def counts(done: Extraction, name: str) -> tuple[int, int, str]:
    found = next(table for table in done.tables if table.table_name == name)
    return found.changed_rows, found.deleted_rows, found.why_all


def execute(url: str, *statements: str) -> None:
    with writer(url) as conn:
        for statement in statements:
            conn.execute(statement)


USAGE = (
    "insert into ai_usage (id, user_id, weekly_limit_credits, weekly_used_credits, updated_at) "
    "values ('{0}', '{0}', 10000, {1}, '2026-03-01')"
)


def test_values_arrive_without_loss(home: Settings, source_url: str) -> None:
    """Worked by hand, from PostgreSQL's text to DuckDB's value."""
    values = f"('{A}', '{A}', 'p', 'o', $t$ tok'en "  # the token keeps its leading blank
    execute(
        source_url,
        "insert into ai_credit_purchases (id, user_id, product_id, purchase_id, purchase_token, "
        "source, credits_amount, amount_paid, status, transaction_date, created_at, updated_at) "
        f"values {values}$t$, 's', 4000, 4.99, 'purchased', '1', "
        "'2026-03-29 03:30:00+02', 'infinity')",
        "insert into ai_credit_purchases (id, user_id, product_id, purchase_id, purchase_token, "
        "source, credits_amount, amount_paid, status, transaction_date, created_at, updated_at) "
        f"values ('{B}', '{B}', 'p', 'o', '  ', 's', 4000, 'NaN', 'purchased', '1', "
        "'2026-01-01', '294276-12-31')",
        "insert into master_manifests (id, file_name, content, checksum) values "
        f"""('{A}', 'a', '{{"b": 1, "a": 2, "a": "\\u0000"}}', 'x')""",
        "insert into custom_courses (id, user_id, course_code, title, description, data, "
        f"checksum, file_size_bytes) values ('{A}', '{A}', 'X99ENB', '', '', "
        """'{"n": "\\u0000 \\\\u0000 \\ud83d", "audio_files": {"1": "a", "2": "b"}}', '', 0)""",
    )
    done = run(home, source_url)
    inner = hashlib.sha256(b" tok'en ").hexdigest()
    assert raw(
        home,
        "select purchase_token_hash, amount_paid, created_at, updated_at, _unreadable, _loaded_at "
        "from raw.ai_credit_purchases order by id",
    ) == [
        (
            hashlib.sha256(f"{KEY}:{inner}".encode()).hexdigest(),
            Decimal("4.990000000"),
            datetime(2026, 3, 29, 1, 30),
            None,
            "updated_at=infinity",
            done.as_of_at,
        ),
        (
            None,
            None,
            datetime(2026, 1, 1),
            None,
            "amount_paid=NaN, updated_at=after the year 294246",
            done.as_of_at,
        ),
    ]
    assert raw(home, "select content from raw.master_manifests") == [
        ('{"b": 1, "a": 2, "a": "\\u0000"}',)
    ]
    assert raw(home, "select is_delivered, audio_files from raw.custom_courses") == [(True, 2)]
    assert raw(home, "from meta.source_totals where measure like 'sum%' and value <> 0") == [
        (done.run_id, "ai_credit_purchases", "sum_credits_amount", Decimal(8000)),
        (done.run_id, "ai_credit_purchases", "sum_amount_paid", Decimal("4.99")),
    ]


def test_a_second_run_reads_only_what_was_written(home: Settings, source_url: str) -> None:
    execute(source_url, USAGE.format(A, 0), USAGE.format(B, 7))
    assert counts(run(home, source_url), "ai_usage") == (2, 0, "first extraction")
    assert counts(run(home, source_url), "ai_usage") == (0, 0, "")
    execute(source_url, f"update ai_usage set weekly_used_credits = 9 where id = '{A}'")
    execute(source_url, f"delete from ai_usage where id = '{B}'", USAGE.format(C, 1))
    done = run(home, source_url)
    assert counts(done, "ai_usage") == (2, 1, "")
    assert done.notes == ()
    assert raw(
        home,
        "select id::VARCHAR, weekly_used_credits, _op from history.ai_usage order by _seen_at, 1",
    ) == [(A, 0, "insert"), (B, 7, "insert"), (A, 9, "update"), (B, 7, "delete"), (C, 1, "insert")]
    manifest = raw(home, "select count(*), count(distinct as_of_at) from meta.run_manifest")
    assert manifest == [(63, 3)]


def test_a_full_refresh_keeps_history_and_adds_nothing(home: Settings, source_url: str) -> None:
    fill(source_url, 5)
    run(home, source_url)
    before = raw(home, "select _op, _seen_at, id from history.courses order by all")
    done = run(home, source_url, full_refresh=True)
    assert done.notes == ("read in full: all tables (asked for)",)
    assert sum(table.changed_rows for table in done.tables) == 0
    assert raw(home, "select _op, _seen_at, id from history.courses order by all") == before


def test_a_transaction_in_flight_is_read_when_it_commits(home: Settings, source_url: str) -> None:
    with psycopg.connect(source_url) as open_one:
        open_one.execute("set session_replication_role = replica")
        open_one.execute(USAGE.format(A, 1))
        execute(source_url, USAGE.format(B, 2))
        assert counts(run(home, source_url), "ai_usage")[0] == 1
        execute(source_url, USAGE.format(C, 3))
        assert counts(run(home, source_url), "ai_usage")[0] == 1
        open_one.commit()
    assert counts(run(home, source_url), "ai_usage")[0] == 1
    assert len(raw(home, "from raw.ai_usage")) == 3


def test_the_newest_transaction_in_flight_is_read_when_it_commits(
    home: Settings, source_url: str
) -> None:
    """Nothing but its end tells the two snapshots apart."""
    with psycopg.connect(source_url) as open_one:
        open_one.execute("set session_replication_role = replica")
        open_one.execute(USAGE.format(A, 1))
        assert counts(run(home, source_url), "ai_usage")[0] == 0
        assert counts(run(home, source_url), "ai_usage")[0] == 0
        open_one.commit()
    assert counts(run(home, source_url), "ai_usage")[0] == 1


def tables_asked(monkeypatch: pytest.MonkeyPatch, function: str, *modules: ModuleType) -> list[str]:
    """The tables for whose load a function of modules is called from now on."""
    asked: list[str] = []
    original = getattr(one_table, function)

    def watched(load: TableLoad) -> object:
        asked.append(load.plan.table.name)
        return original(load)

    for module in modules:
        monkeypatch.setattr(module, function, watched)
    return asked


def test_a_source_in_which_nothing_was_written_is_not_counted(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any transaction that writes, on whatever, has all tables counted; none, not one of them."""
    asked = tables_asked(monkeypatch, "audit", one_table, all_tables)
    fill(source_url, 3)
    recorder = Recorder(source_url, hash_key=KEY)
    recorder.see(run(home, source_url).as_of_at)
    for _ in range(5):  # the server's own statistics may be written meanwhile
        asked.clear()
        done = run(home, source_url)
        if not asked:
            break
    assert not asked
    assert all(
        (t.source_rows, t.changed_rows, t.deleted_rows, t.why_all) == (3, 0, 0, "")
        and t.warehouse_rows == 3
        for t in done.tables
    )
    times = "select count(*) from meta.source_totals group by table_name, measure, value"
    runs = raw(home, "select count(distinct run_id) from meta.source_totals")
    assert set(raw(home, times)) == set(runs)  # each run has the same
    recorder.see(done.as_of_at)
    recorder.compare(home.warehouse)
    execute(source_url, "create table elsewhere (id integer)")
    run(home, source_url)
    assert len(asked) == len(TABLES)


def test_all_tables_come_from_one_snapshot(home: Settings, source_url: str) -> None:
    """A pair of rows is written in one transaction, again and again, while extractions run."""
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(source_url) as conn:
            conn.execute("set session_replication_role = replica")
            while not stop.is_set():
                conn.execute(
                    "insert into analytics (user_id, course_code) values (gen_random_uuid(), 'x')"
                )
                conn.execute(
                    "insert into user_cohorts (user_id, cohort_id) "
                    "values (gen_random_uuid(), gen_random_uuid())"
                )
                conn.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            run(home, source_url)
            ((pairs,),) = raw(
                home,
                "select (select count(*) from raw.analytics) - (select count(*) from "
                "raw.user_cohorts)",
            )
            assert pairs == 0
    finally:
        stop.set()
        thread.join()
    run(home, source_url)
    recorder = Recorder(source_url, KEY)
    recorder.see(datetime(2026, 1, 1))
    found = raw(home, "select id::VARCHAR from raw.analytics")
    assert set(found) == set(recorder.present["analytics"])


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("system_identifier", "'1'", "another server"),
        ("timeline", "99", "another timeline"),
        ("snapshot_xmax", "1000000000000", "put back"),
        ("server_started_at", "timestamp '2020-01-01'", "restarted"),
        ("snapshot_xmin", "-3000000000", "2^31"),
    ],
)
def test_a_void_mark_reads_all_and_finds_what_no_mark_could(
    home: Settings, source_url: str, column: str, value: str, why: str
) -> None:
    """A row with the same key and xmin but other values, as a restored backup may leave."""
    execute(source_url, USAGE.format(A, 1), USAGE.format(B, 2))
    run(home, source_url)
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(f"update meta.extraction_marks set {column} = {value}")
        con.execute("update raw.ai_usage set weekly_used_credits = 77 where id = ?", [A])
    done = run(home, source_url)
    assert why in done.notes[0] and "all tables" in done.notes[0]
    assert counts(done, "ai_usage")[:2] == (1, 0)
    assert raw(home, "select weekly_used_credits from raw.ai_usage order by id") == [(1,), (2,)]


def test_rows_that_the_mark_misses_are_found_by_the_audit(home: Settings, source_url: str) -> None:
    """Two rows lost, one stale and one too many in raw: reconciled by key and xmin."""
    execute(source_url, *(USAGE.format(user, 1) for user in (A, B, D)))
    run(home, source_url)
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(f"delete from raw.ai_usage where id in ('{A}', '{D}')")
        con.execute("update raw.ai_usage set _xmin = 5, weekly_used_credits = 8")
        con.execute(f"insert into raw.ai_usage (id, user_id, _xmin) values ('{C}', '{C}', 9)")
    done = run(home, source_url)
    assert counts(done, "ai_usage") == (3, 1, "")
    assert raw(home, "select id::VARCHAR, weekly_used_credits from raw.ai_usage order by 1") == [
        (A, 1),
        (B, 1),
        (D, 1),
    ]


def test_what_raw_holds_is_told_by_what_changed(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows put in, replaced by others and by the same; only a deletion has a table counted."""
    fill(source_url, 5)
    recorder = Recorder(source_url, hash_key=KEY)
    recorder.see(run(home, source_url).as_of_at)
    counted = tables_asked(monkeypatch, "counted", one_table)
    execute(
        source_url,
        USAGE.format(A, 1),
        "update subscriptions set plan_title = 'x' "
        "where id in (select id from subscriptions limit 2)",
        "update courses set title = title",
        "delete from app_logs where id in (select id from app_logs limit 1)",
    )
    done = run(home, source_url)
    assert counts(done, "subscriptions")[0] == 2 and counts(done, "courses")[0] == 0
    assert counts(done, "ai_usage")[0] == 1
    assert set(counted) == {"app_logs"}
    recorder.see(done.as_of_at)
    recorder.compare(home.warehouse)


def test_another_hash_key_reads_anew_only_tables_with_tokens(
    tmp_path: Path, source_url: str
) -> None:
    fill(source_url, 2)
    run(settings_at(tmp_path, hash_key="one"), source_url)
    done = run(settings_at(tmp_path, hash_key="two"), source_url)
    assert {table.table_name for table in done.tables if table.why_all} == {
        "ai_credit_purchases",
        "course_purchases",
        "custom_course_purchases",
        "subscriptions",
    }


def as_reader(url: str) -> str:
    """The URL with the reader role's login."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"hypnomart_reader@{parts.netloc.split('@')[-1]}"))


@pytest.mark.parametrize("what", ["first extraction", "refresh"])
def test_nobody_empties_or_rewrites_a_table_that_is_being_read(
    home: Settings, source_url: str, what: str
) -> None:
    """A table truncated after the snapshot looks empty to it: all rows would seem deleted."""
    execute(source_url, USAGE.format(A, 1))
    if what == "refresh":
        run(home, source_url)
    refused: list[str] = []

    def intrude(words: str) -> None:
        for statement in (
            "truncate ai_usage",
            "alter table ai_usage alter column weekly_used_credits type bigint",
        ):
            with writer(source_url) as conn:
                conn.execute("set lock_timeout = '20ms'")
                try:
                    conn.execute(statement)
                except psycopg.errors.LockNotAvailable:
                    conn.rollback()
                    refused.append(words)

    run(home, source_url, progress=intrude)
    assert len(refused) == 2 * 2 * len(TABLES)
    assert raw(home, "select count(*) from raw.ai_usage") == [(1,)]
    execute(source_url, "truncate ai_usage")
    assert counts(run(home, source_url), "ai_usage")[:2] == (0, 1)


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("first extraction", "source.readers.read_snapshot"),
        ("first extraction", "run.read_tables"),
        ("refresh", "source.readers.read_snapshot"),
        ("refresh", "run.read_tables"),
    ],
)
def test_a_migration_that_waits_for_the_extraction_stops_neither(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch, what: str, place: str
) -> None:
    """It queues behind the first connection's locks; the second must not queue behind it."""
    execute(source_url, USAGE.format(A, 1))
    if what == "refresh":
        run(home, source_url)
    module, _, name = place.rpartition(".")
    real = getattr(import_module(f"pipelines.extract.{module}"), name)
    migrations: list[threading.Thread] = []

    def migrate() -> None:
        execute(source_url, "alter table ai_usage add column tier text")

    def begin(*args: Any) -> Any:
        if not migrations:
            migrations.append(threading.Thread(target=migrate))
            migrations[0].start()
            wait_for_a_lock(source_url)
        return real(*args)

    monkeypatch.setattr(f"pipelines.extract.{place}", begin)
    run(home, source_url)
    migrations[0].join()
    assert raw(home, "select count(*) from raw.ai_usage") == [(1,)]
    assert "ai_usage.tier: new at the source, taken along" in run(home, source_url).notes


@pytest.mark.parametrize("order", [("user_profile", "ai_usage"), ("ai_usage", "user_profile")])
def test_a_migration_of_two_tables_is_waited_for_without_a_deadlock(
    home: Settings, source_url: str, order: tuple[str, str]
) -> None:
    """PostgreSQL breaks a deadlock by ending one of the two, the migration perhaps."""
    done: list[Extraction] = []
    extraction = threading.Thread(target=lambda: done.append(run(home, source_url)))
    with psycopg.connect(source_url) as conn:
        conn.execute(f"alter table {order[0]} add column tier text")
        extraction.start()
        wait_for_a_lock(source_url)
        conn.execute("set lock_timeout = '5s'")
        conn.execute(f"alter table {order[1]} add column tier text")
    extraction.join()
    assert {f"{name}.tier: new at the source, taken along" for name in order} <= set(done[0].notes)


def wait_for_a_lock(url: str) -> None:
    """Until somebody waits for a lock on a table of this database."""
    waiting = (
        "select count(*) from pg_locks where not granted and relation is not null and database = "
        "(select oid from pg_database where datname = current_database())"
    )
    with psycopg.connect(url, autocommit=True) as conn:
        for _ in range(500):
            if conn.execute(waiting).fetchone() != (0,):
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_settings_of_a_login_or_a_database_change_nothing(home: Settings, source_url: str) -> None:
    name = urlsplit(source_url).path.removeprefix("/")
    for setting in ("client_encoding = 'LATIN1'", "standard_conforming_strings = off"):
        execute(source_url, f"alter database {name} set {setting}")
    execute(
        source_url,
        "set client_encoding = 'UTF8'",
        "insert into courses (course_code, title) values ('zürich', 'Ünïcödé 🌙')",
        "insert into custom_courses (user_id, course_code, title, description, data, checksum, "
        "file_size_bytes) values (gen_random_uuid(), 'c', 't', 'd', "
        """E'{"audio_files": ["\\\\u0041"]}', 'x', 1)""",
    )
    run(home, source_url)
    assert raw(home, "select course_code, title from raw.courses") == [("zürich", "Ünïcödé 🌙")]
    assert raw(home, "select count(*) from raw.custom_courses") == [(1,)]


def test_the_reader_role_suffices_and_nothing_is_written(home: Settings, source_url: str) -> None:
    fill(source_url, 3)
    used = []
    for _ in range(3):  # autovacuum, which minds its own time, takes a transaction id too
        before = next_transaction(source_url)
        done = run(home, as_reader(source_url))
        used.append(next_transaction(source_url) - before)
        assert all(table.source_rows == 3 for table in done.tables)
    assert min(used) == 0, "each extraction has written something"


def next_transaction(url: str) -> int:
    with psycopg.connect(url) as conn:
        ((xmax,),) = conn.execute("select pg_snapshot_xmax(pg_current_snapshot())::text")
    return int(xmax)


def test_a_reader_without_rights_is_told_which(home: Settings, source_url: str) -> None:
    execute(source_url, "revoke select on courses, cohorts from hypnomart_reader")
    with pytest.raises(SourceUnavailable, match="SELECT on cohorts, courses"):
        run(home, as_reader(source_url))
    assert not home.warehouse.exists()


def test_rows_hidden_by_row_security_are_refused(home: Settings, source_url: str) -> None:
    execute(
        source_url,
        "drop role if exists half_reader",
        "create role half_reader login",
        "grant usage on schema public to half_reader",
        "grant select on all tables in schema public to half_reader",
    )
    url = as_reader(source_url).replace("hypnomart_reader", "half_reader")
    try:
        with pytest.raises(SourceUnavailable, match="Row-level security hides rows of ai_credit"):
            run(home, url)
        policies = [
            f"create policy all_to_half on {t.name} for select to half_reader using (true)"
            for t in TABLES
        ]
        execute(source_url, *policies)
        assert run(home, url).notes == ("read in full: all tables (first extraction)",)
    finally:
        execute(source_url, "drop owned by half_reader", "drop role half_reader")


def test_connections_name_themselves_and_are_two_at_most(home: Settings, source_url: str) -> None:
    ours = (
        "select application_name, count(*) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend' group by 1"
    )
    seen: set[tuple[Any, ...]] = set()

    def look(_: str) -> None:
        with psycopg.connect(source_url, autocommit=True) as conn:
            for _ in range(20):  # the one that tried the address may not have quite ended
                found = conn.execute(ours).fetchall()
                if found == [("hypnomart", 2)]:
                    break
                time.sleep(0.1)
            seen.update(found)

    for _ in range(2):
        run(home, source_url, progress=look)
        assert seen == {("hypnomart", 2)}


def test_one_connection_suffices(home: Settings, source_url: str) -> None:
    """A role that is granted one connection reads the same through it."""
    fill(source_url, 3)
    execute(source_url, "drop role if exists single", "create role single login connection limit 1",
            "grant hypnomart_reader to single", "alter role single bypassrls")  # fmt: skip
    url = as_reader(source_url).replace("hypnomart_reader", "single")
    try:
        run(home, url)
        execute(source_url, "update ai_usage set weekly_used_credits = 7")
        run(home, url)
    finally:
        execute(source_url, "drop role single")
    recorder = Recorder(source_url, KEY)
    recorder.see(datetime(2026, 1, 1))
    for table in TABLES:
        ((rows,),) = raw(home, f"select count(*) from raw.{table.name}")
        assert rows == len(recorder.present[table.name])
    assert raw(home, "select distinct weekly_used_credits from raw.ai_usage") == [(7,)]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_pooler_with_one_connection_is_not_waited_for(
    home: Settings, source_url: str, mode: str
) -> None:
    """Beside the extraction's own it would serve the second after minutes, if ever."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("no pgbouncer is installed")
    fill(source_url, 3)
    with pooled(source_url, mode=mode, connections=1) as url:
        begun = time.monotonic()
        assert run(home, url).notes == ("read in full: all tables (first extraction)",)
        execute(source_url, "update ai_usage set weekly_used_credits = 7")
        assert counts(run(home, url), "ai_usage") == (3, 0, "")
        assert time.monotonic() - begun < 60
    with pooled(source_url, mode=mode, connections=2) as url:
        assert probe(connection_string(url)).may_share
        assert counts(run(home, url), "ai_usage") == (0, 0, "")


@contextmanager
def pooled(url: str, *, mode: str, connections: int) -> Iterator[str]:
    """The URL of a pooler with so many connections to the server."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = server_user()
    password = f" password={parts['password']}" if parts.get("password") else ""
    with tempfile.TemporaryDirectory(prefix="hypnomart-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        ini = Path(name) / "pgbouncer.ini"
        ini.write_text(
            f"[databases]\n{parts['dbname']} = host={parts['host']} port={parts['port']} "
            f"user={parts['user']}{password}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
            f"default_pool_size = {connections}\nignore_startup_parameters = extra_float_digits\n"
        )
        program = ["pgbouncer", "-q", *(["-u", account] if account else []), str(ini)]
        pooler = subprocess.Popen(program, stderr=subprocess.DEVNULL)
        try:
            there = f"postgresql://{parts['user']}@127.0.0.1:{port}/{parts['dbname']}"
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield f"{there}?sslmode=disable"
        finally:
            pooler.terminate()
            pooler.wait()


def test_a_file_of_version_0_1_keeps_its_versions(home: Settings, source_url: str) -> None:
    """There history.* were tables that held every version, the present ones too."""
    fill(source_url, 3)
    first = run(home, source_url)
    execute(source_url, "update ai_usage set weekly_used_credits = weekly_used_credits + 1")
    run(home, source_url)
    versions = "select * from history.{} order by all"
    histories = [table.name for table in TABLES if table.has_history]
    before = {name: raw(home, versions.format(name)) for name in histories}
    with duckdb.connect(str(home.warehouse)) as con:
        for name in histories:
            con.execute(f"create table meta.{name} as from history.{name}")
            con.execute(f"drop view history.{name}")
            con.execute(f"create table history.{name} as from meta.{name}")
            con.execute(f"drop table meta.{name}")
        for table in TABLES:
            con.execute(f"alter table raw.{table.name} add column _run_id varchar")
            con.execute(f"alter table raw.{table.name} drop column _is_update")
        con.execute("drop table meta.snapshots")
        con.execute("drop schema past cascade")
    assert run(home, source_url).notes == ()
    assert {name: raw(home, versions.format(name)) for name in histories} == before
    execute(source_url, "update ai_usage set weekly_used_credits = 1", "delete from cohorts")
    last = run(home, source_url)
    found = raw(
        home, "select _seen_at, _op, count(*) from history.ai_usage group by all order by 1"
    )
    assert len(found) == 3 and {op for _, op, _ in found} == {"insert", "update"}
    assert found[0][0] == first.as_of_at and found[-1][0] == last.as_of_at
    ((tombstones,),) = raw(home, "select count(*) from history.cohorts where _op = 'delete'")
    assert tombstones == len(before["cohorts"])


def test_personal_data_is_found_nowhere(home: Settings, source_url: str) -> None:
    """A canary in every personal and secret column, sought in the bytes of all files."""
    fill(source_url, 3)
    with writer(source_url) as conn:
        for table in TABLES:
            for column in table.columns:
                if column.policy == "keep":
                    continue
                value = f"'\"{CANARY}\"'" if "json" in column.type else f"'{CANARY}'"
                conn.execute(f"update public.{table.name} set {column.name} = {value}")
    said: list[str] = []
    run(home, source_url, progress=said.append)
    execute(source_url, "update user_profile set role = 'tester'")
    run(home, source_url, progress=said.append)
    assert not any(CANARY in words for words in said)
    files = [path for path in home.home.rglob("*") if path.is_file()]
    assert home.warehouse in files
    for path in files:
        content = path.read_bytes()
        assert CANARY.encode() not in content and b"c7f1@" not in content, path
        assert hashlib.sha256(CANARY.encode()).hexdigest().encode() not in content, path


@pytest.mark.parametrize("kind", ["restored", "advanced"])
def test_the_audit_compares_signed_ages_far_from_the_first_transaction(
    home: Settings, source_url: str, kind: str
) -> None:
    """Many transactions between two runs, some rolled back: still only what changed is read."""
    execute(source_url, USAGE.format(A, 1))
    run(home, source_url)
    with psycopg.connect(source_url, autocommit=True) as conn:
        for _ in range(300):
            conn.execute("select pg_current_xact_id()")
    execute(source_url, f"update ai_usage set weekly_used_credits = 2 where id = '{A}'")
    assert counts(run(home, source_url, full_refresh=kind == "restored"), "ai_usage")[0] == 1


def test_a_second_major_version_gives_the_same(home: Settings, second_major_url: str) -> None:
    apply_schema(second_major_url)
    fill(second_major_url, 4)
    recorder = Recorder(second_major_url, KEY)
    recorder.see(run(home, second_major_url).as_of_at)
    recorder.compare(home.warehouse)
    execute(second_major_url, "update ai_usage set bank_used_credits = 3", "delete from cohorts")
    recorder.see(run(home, second_major_url).as_of_at)
    recorder.compare(home.warehouse)


def test_a_repeated_key_is_refused_where_the_source_allows_it(
    home: Settings, source_url: str
) -> None:
    execute(
        source_url,
        "alter table ai_usage drop constraint ai_usage_pkey",
        "alter table ai_usage drop constraint if exists ai_usage_user_id_key",
        USAGE.format(A, 1),
    )
    assert counts(run(home, source_url), "ai_usage")[0] == 1
    execute(source_url, USAGE.format(A, 2))
    with pytest.raises(SourceChanged, match=f"ai_usage: .* no unique key on id and holds {A}"):
        run(home, source_url)
    assert raw(home, "select weekly_used_credits from raw.ai_usage") == [(1,)]


def test_a_row_without_a_key_is_refused(home: Settings, source_url: str) -> None:
    execute(
        source_url,
        "alter table ai_usage drop constraint ai_usage_pkey",
        "alter table ai_usage alter column id drop not null",
        "create unique index on ai_usage (id)",
        "insert into ai_usage (id, user_id, weekly_limit_credits) "
        "values (null, gen_random_uuid(), 1)",
    )
    with pytest.raises(SourceChanged, match="on id and holds rows without one"):
        run(home, source_url)


@pytest.fixture
def merged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows were compared at once, each time."""
    numbers: list[int] = []
    original = one_table._merge

    def watched(load: TableLoad, read: int, *, checksum: Checksum | None) -> one_table.Taken:
        numbers.append(read)
        return original(load, read, checksum=checksum)

    monkeypatch.setattr(one_table, "_merge", watched)
    return numbers


def test_wide_rows_are_compared_one_by_one(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch, merged: list[int]
) -> None:
    """All kinds of change in batches of a row each, where any row counts as wide."""
    monkeypatch.setattr(batches, "BATCH_BYTES", 0)
    recorder = Recorder(source_url, hash_key=KEY)
    fill(source_url, 5)
    recorder.see(run(home, source_url).as_of_at)
    for options in ({}, {"full_refresh": True}):
        merged.clear()
        execute(
            source_url,
            "update custom_courses set checksum = checksum || '!'",
            "update courses set id = gen_random_uuid() where id in "
            "(select id from courses limit 2)",
            "delete from subscriptions where id in (select id from subscriptions limit 2)",
        )
        done = run(home, source_url, **options)
        assert counts(done, "custom_courses")[0] == 5
        assert counts(done, "courses")[:2] == (2, 2)
        assert counts(done, "subscriptions")[1] == 2
        assert options or set(merged) == {1}
        recorder.see(done.as_of_at)
        recorder.compare(home.warehouse)


def test_a_documents_fault_is_told_of_the_text_as_it_is_stored(
    home: Settings, source_url: str
) -> None:
    """An escaped emoji stays as it came; jsonb keeps no text to hold a digest against."""
    texts = {
        A: '{"title": "\\ud83d\\ude00", "audio_files":  []}',
        B: '{"audio_files": []}',
        C: '{"audio_files": [], "audio_files": [1]}',
        D: '["audio_files"]',
    }
    with writer(source_url) as conn:
        for key, text in texts.items():
            digest = hashlib.md5(("" if key == B else text).encode()).hexdigest().upper()
            conn.execute(
                "insert into custom_courses (id, user_id, course_code, title, description, data, "
                "checksum, file_size_bytes) values (%s, %s, 'X99ENB', '', '', %s, %s, 0)",
                (key, key, text, digest),
            )
    told = "select document_fault from raw.custom_courses order by id"
    run(home, source_url)
    assert raw(home, told) == [(None,), ("of another content",), ("a key repeats",), ("no object",)]
    execute(source_url, "alter table custom_courses alter column data type jsonb")
    run(home, source_url, full_refresh=True)
    assert raw(home, told) == [(None,), (None,), (None,), ("no object",)]


def test_narrow_rows_beside_wide_ones_are_read_at_once(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch, merged: list[int]
) -> None:
    """So that a table of any number of rows may hold a few wide ones: only those are listed."""
    monkeypatch.setattr(batches, "BATCH_BYTES", 200_000)
    manifest = "insert into master_manifests (file_name, content, checksum) values (%s, %s, 'x')"
    with writer(source_url) as conn:
        for number in range(10):
            size = 90_000 if number % 2 else 20
            conn.execute(manifest, [f"{number}.json", document(size)])
    run(home, source_url)
    rows = "select file_name, length(content) > 1000 from raw.master_manifests order by 1"
    assert raw(home, rows) == [(f"{number}.json", number % 2 == 1) for number in range(10)]
    execute(source_url, "update master_manifests set checksum = 'y' where file_name > '3'")
    run(home, source_url)
    assert merged == [3, 2, 2]  # 4, 6, 8 at once; of 3, 5, 7, 9 two fit into a batch
    assert raw(home, "select count(*) from raw.master_manifests where checksum = 'y'") == [(7,)]


@pytest.mark.slow
def test_documents_of_ten_megabytes_pass_in_two_gigabytes(
    home: Settings, source_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = document(10_000_000)
    with writer(source_url) as conn:
        for number in range(12):
            conn.execute(
                "insert into master_manifests (file_name, content, checksum) values (%s, %s, 'x')",
                [f"{number}.json", text],
            )
    staged: list[str] = []
    original: Callable[..., list[str]] = one_table.batches

    def watched(*args: Any) -> list[str]:
        found = original(*args)
        staged.extend(found)
        return found

    monkeypatch.setattr(one_table, "batches", watched)
    run(home, source_url)
    lengths = raw(home, "select length(content), count(*) from raw.master_manifests group by 1")
    assert lengths == [(len(text), 12)]
    assert sum("ctid" in condition for condition in staged) >= 2
    execute(source_url, "update master_manifests set checksum = 'y' where file_name < '5'")
    assert counts(run(home, source_url), "master_manifests")[:2] == (7, 0)
    execute(source_url, "delete from master_manifests where file_name = '0.json'")
    assert counts(run(home, source_url, full_refresh=True), "master_manifests")[:2] == (0, 1)
    assert raw(home, "select sum(length(content)) from raw.master_manifests") == [(len(text) * 11,)]


def test_an_extraction_says_when_it_was(home: Settings, source_url: str) -> None:
    done = run(home, source_url)
    assert done.started_at <= done.finished_at
    assert abs(done.as_of_at - done.started_at) < timedelta(minutes=1)
    assert raw(home, "select distinct as_of_at, source_fingerprint from meta.run_manifest") == [
        (done.as_of_at, done.source_fingerprint)
    ]
