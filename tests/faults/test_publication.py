"""Publication: what analysts open is replaced whole or not at all, and explains itself."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import duckdb
import pytest

from checks import store
from models.errors import BadConfiguration, HypnomartError, WarehouseLocked
from pipelines.base import lock
from pipelines.base.settings import Settings
from pipelines.publication import places, publications
from pipelines.publication.publish import Publication, published_run
from pipelines.publication.publish import publish as publish_marts
from pipelines.publication.readable import is_later
from pipelines.transform.marts import RESTATEMENTS, SYNC_HISTORY, Mart
from tests.later_version import as_of_later_version

MARTS = """
create schema marts;
create table marts.fct_events as
    select
        'k' || lpad(cast(i as varchar), 7, '0') as event_id,
        timestamp '2026-01-01' + to_minutes(cast(hash(i) % 500000 as bigint)) as happened_at,
        cast(i / 100 as decimal(18, 4)) as amount_usd
    from range({rows}) t (i);
comment on table marts.fct_events is 'One row per event, and nobody''s business.';
comment on column marts.fct_events.amount_usd is 'What it cost, "US dollars".';
create table marts.fct_credit_consumption as
    select * from (values
        (1, timestamp '2026-01-03', timestamp '2026-01-04'),
        (2, null, timestamp '2026-01-02')
    ) v (user_id, observed_from_at, observed_to_at);
create table marts.dim_words as select * from (values ('b', 2), ('a', 1)) v (word, rank);
create view marts.still_a_view as select 1 as one;
create table marts.fct_events__dbt_backup as select 1 as one;
create schema intermediate;
create table intermediate.int_secret as select 1 as one;
"""


def mart(name: str, event_time: str | None, *key: str) -> Mart:
    """A mart as the dbt project would describe it."""
    schema = "quality" if name.startswith("quality_") else "marts"
    return Mart(name, schema, "area", "row", "question", "at once", event_time, key, (), ())


PUBLISHED = [
    mart("dim_words", None, "word"),
    mart("fct_credit_consumption", "observed_to_at", "user_id"),
    mart("fct_events", "happened_at", "event_id"),
    mart("quality_findings", None, "run_id"),
    mart("quality_results", None, "run_id"),
    mart("still_a_view", None, "one"),
]


def publish(settings: Settings, *, run_id: str) -> Publication:
    """Publish the marts of this file's working file."""
    return publish_marts(settings, run_id=run_id, marts=PUBLISHED)


def settings_below(folder: Path) -> Settings:
    """Settings for a home below a test's own folder."""
    return Settings(home=folder / "home", reports_dir=folder / "reports")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose working file holds marts and quality tables."""
    settings = settings_below(tmp_path)
    fill(settings, rows=1000)
    return settings


def fill(settings: Settings, *, rows: int) -> None:
    """Write the working file anew."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    settings.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(MARTS.format(rows=rows))
        store.create_tables(con)


def files_beside(settings: Settings) -> list[str]:
    """What lies beside the published file, but for the folder of earlier ones."""
    names = {path.name for path in settings.published.parent.iterdir()}
    return sorted(names - {"earlier"})


def count(path: Path) -> int:
    """Rows of the published fct_events."""
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute("select count(*) from fct_events").fetchone()
    return int(row[0]) if row else -1


def test_every_mart_and_the_quality_tables_stand_as_tables_in_main(settings: Settings) -> None:
    published = publish(settings, run_id="run 1/a")
    with duckdb.connect(str(settings.published), read_only=True) as con:
        relations = con.execute(
            "select table_schema, table_name, table_type from information_schema.tables "
            "where table_schema <> 'meta' order by 2"
        ).fetchall()
        schemas = con.execute(
            "select schema_name from duckdb_schemas() where not internal and schema_name <> 'main'"
        ).fetchall()
    names = ["dim_words", "fct_credit_consumption", "fct_events", "quality_findings",
             "quality_results", "restatements", "still_a_view"]  # fmt: skip
    assert relations == [("main", name, "BASE TABLE") for name in names]
    assert schemas == [("meta",)]
    assert published_run(settings.published) == "run 1/a"
    assert (published.tables, published.rows) == (7, 1005)
    assert published.size_bytes == settings.published.stat().st_size


def test_tables_and_columns_keep_their_comments_and_types(settings: Settings) -> None:
    publish(settings, run_id="run-1")
    with duckdb.connect(str(settings.published), read_only=True) as con:
        table = con.execute(
            "select comment from duckdb_tables() where table_name = 'fct_events'"
        ).fetchone()
        column = con.execute(
            "select comment, data_type from duckdb_columns() where column_name = 'amount_usd'"
        ).fetchone()
        uncommented = con.execute(
            "select column_name from duckdb_columns() "
            "where table_name like 'quality%' and comment is null"
        ).fetchall()
    assert table == ("One row per event, and nobody's business.",)
    assert column == ('What it cost, "US dollars".', "DECIMAL(18,4)")
    assert uncommented == []


def test_rows_are_sorted_by_time_then_key(settings: Settings) -> None:
    publish(settings, run_id="run-1")
    with duckdb.connect(str(settings.published), read_only=True) as con:
        for table, order in (
            ("fct_events", "happened_at, event_id"),
            ("fct_credit_consumption", "observed_to_at, user_id"),
            ("dim_words", "word"),
        ):
            stored = con.execute(f"select * from {table} order by rowid").fetchall()
            assert stored == con.execute(f"select * from {table} order by {order}").fetchall()


def in_another_process(code: str, path: Path) -> tuple[subprocess.Popen[str], str]:
    """Python that is given a path and waits for a line, and the first line that it says."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().rstrip("\n")


def test_a_reader_keeps_the_old_file_and_does_not_stop_the_new_one(settings: Settings) -> None:
    publish(settings, run_id="run-1")
    reading = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); "
        "print(con.execute('select count(*) from fct_events').fetchone()[0], flush=True); "
        "sys.stdin.readline(); "
        "print(con.execute('select count(*) from fct_events').fetchone()[0])"
    )
    reader, said = in_another_process(reading, settings.published)
    assert said == "1000"
    fill(settings, rows=2000)
    publish(settings, run_id="run-2")
    assert count(settings.published) == 2000
    output, _ = reader.communicate("go\n", timeout=30)
    assert output == "1000\n"


def test_a_kill_at_any_instant_leaves_the_old_file_or_the_new_one(settings: Settings) -> None:
    publish(settings, run_id="run-1")
    fill(settings, rows=400_000)
    publishing = (
        "import sys; from pathlib import Path; from tests.faults.test_publication import publish; "
        "from pipelines.base.settings import Settings; print('ready', flush=True); "
        "publish(Settings(Path(sys.argv[1]), Path(sys.argv[1])), run_id='run-' + sys.argv[2])"
    )
    root = Path(__file__).resolve().parents[2]
    seen = set()
    for attempt, delay in enumerate((0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 3.0)):
        process = subprocess.Popen(
            [sys.executable, "-c", publishing, str(settings.home), str(attempt)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        seen.add(count(settings.published))
    assert seen <= {1000, 400_000}
    assert 1000 in seen
    publish(settings, run_id="run-last")
    assert count(settings.published) == 400_000
    assert files_beside(settings) == [settings.published.name]


def test_a_failure_leaves_the_previous_file_and_no_leftover(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings, run_id="run-1")
    before = settings.published.read_bytes()
    fill(settings, rows=2000)

    def full_disk(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("pipelines.base.files.synchronise", full_disk)
    with pytest.raises(HypnomartError, match=r"No space left.*previous publication stands"):
        publish(settings, run_id="run-2")
    assert settings.published.read_bytes() == before
    assert files_beside(settings) == [settings.published.name]


def test_a_full_disk_is_one_sentence(settings: Settings) -> None:
    """A file that may not grow past 1 MB stands for a disk without room."""
    fill(settings, rows=400_000)
    limited = (
        "import resource, signal, sys; from pathlib import Path; "
        "from models.errors import HypnomartError; "
        "from tests.faults.test_publication import publish; "
        "from pipelines.base.settings import Settings; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try:\n    publish(Settings(Path(sys.argv[1]), Path(sys.argv[1])), run_id='run-1')\n"
        "except HypnomartError as error:\n    print(str(error))\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", limited, str(settings.home)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "could not be written" in done.stdout, done.stderr
    assert "previous publication stands" in done.stdout
    assert not settings.published.exists()
    assert list(settings.published.parent.iterdir()) == []


HOLD = """
import sys, time
import duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def open_for_writing(*paths: Path) -> Iterator[None]:
    """Files that a session of each, such as DuckDB's own shell opens, keeps from all others."""
    sessions = [
        subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
        for path in paths
    ]
    try:
        for session in sessions:
            assert session.stdout is not None and session.stdout.readline() == b"held\n"
        yield
    finally:
        for session in sessions:
            session.kill()
            session.wait()


def publish_month(settings: Settings, run_id: str, amount: str) -> None:
    """August is complete."""
    fill_months(settings, month(8, "course", amount, True))
    marts = [*PUBLISHED, mart("money_monthly", "month", "month", "kind"), RESTATEMENTS]
    publish_marts(settings, run_id=run_id, marts=marts)


def restatement(run_id: str, old: float, *, new: float, before: str) -> tuple[object, ...]:
    key = "2026-08-01, course"
    return (run_id, "money_monthly", key, "amount_usd", old, new, before)


def test_who_has_publications_open_for_writing_loses_none_and_stops_none(
    settings: Settings,
) -> None:
    """The current one was taken for none, and what had been restated for nothing; a kept one for
    damaged, and deleted."""
    publish_month(settings, "run-1", "10.00")
    publish_month(settings, "run-2", "12.00")
    with open_for_writing(settings.published, *publications.kept_files(settings)):
        publish_month(settings, "run-3", "13.00")
        assert [one.run_id for one in publications.earlier(settings)] == ["run-2", "run-1"]
    assert restated(settings) == [
        restatement("run-2", 10.0, new=12.0, before="run-1"),
        restatement("run-3", 12.0, new=13.0, before="run-2"),
    ]
    assert [one.run_id for one in publications.earlier(settings)] == ["run-2", "run-1"]
    assert files_beside(settings) == [settings.published.name]


@pytest.mark.parametrize("fault", ["gone", "damaged", "another folder named"])
def test_a_publication_goes_on_from_the_newest_that_can_be_read(
    settings: Settings, tmp_path: Path, fault: str
) -> None:
    publish_month(settings, "run-1", "10.00")
    publish_month(settings, "run-2", "12.00")
    if fault == "gone":
        settings.published.unlink()
    elif fault == "damaged":
        settings.published.write_bytes(b"noise" * 800)
    else:
        settings = replace(settings, published_dir=tmp_path / "shared")
    publish_month(settings, "run-3", "13.00")
    old, before = (12.0, "run-2") if settings.published_dir else (10.0, "run-1")
    assert restatement("run-3", old, new=13.0, before=before) in restated(settings)


def test_what_a_later_version_wrote_is_kept(settings: Settings) -> None:
    for number in range(2):
        publish(settings, run_id=f"run-{number}")
    (kept,) = publications.kept_files(settings)
    as_of_later_version(kept)
    publish(settings, run_id="run-2")
    assert is_later(kept) and not is_later(settings.published)
    as_of_later_version(settings.published)
    before = settings.published.read_bytes()
    with pytest.raises(BadConfiguration, match="later version of DuckDB"):
        publications.roll_back(settings, "run-1")
    assert settings.published.read_bytes() == before


def test_what_is_away_is_not_damaged(settings: Settings, tmp_path: Path) -> None:
    """One moved to a drive that is not there was deleted as damaged; noise is."""
    for number in range(3):
        publish(settings, run_id=f"run-{number}")
    moved, noise = publications.kept_files(settings)
    moved.unlink()
    moved.symlink_to(tmp_path / "drive" / moved.name)
    noise.write_bytes(b"noise" * 800)
    publish(settings, run_id="run-3")
    assert moved.is_symlink() and not noise.exists()


def test_publications_keep_their_order_while_the_clock_is_put_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A return led to the one before the last, and the newest were dropped as the oldest."""
    settings = replace(settings, keep=2)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Behind:
            return cls.fromtimestamp(super().now(tz).timestamp() - 86_400, tz)

    for number in range(5):
        if number == 2:
            monkeypatch.setattr("pipelines.publication.publish.datetime", Behind)
        publish(settings, run_id=f"run-{number}")
    assert [one.run_id for one in publications.earlier(settings)] == ["run-3", "run-2"]
    assert publications.roll_back(settings).run_id == "run-3"
    publish(settings, run_id="run-5")
    assert [one.run_id for one in publications.earlier(settings)] == ["run-4", "run-3"]


def test_homes_publish_to_one_folder_one_after_the_other(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One swept the other's unfinished file away, and could replace what the other just wrote."""
    monkeypatch.setattr(lock, "PUBLISHES", 0.3)
    settings = replace(settings, published_dir=tmp_path / "shared")
    publish(settings, run_id="run-1")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD_FOLDER, str(settings.published.parent)], stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(WarehouseLocked, match=r"Another home is publishing to .*/shared"):
            publish(settings, run_id="run-2")
        with pytest.raises(WarehouseLocked, match=r"Another home is publishing to .*/shared"):
            publications.roll_back(settings)
    finally:
        other.kill()
        other.wait()
    publish(settings, run_id="run-2")
    assert [one.run_id for one in publications.earlier(settings)] == ["run-1"]


HOLD_FOLDER = """
import sys, time
from pathlib import Path
from pipelines.base.lock import folder_lock
with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_log_left_beside_the_old_file_does_not_spoil_the_new_one(settings: Settings) -> None:
    publish(settings, run_id="run-1")
    settings.published.with_name("hypnomart.duckdb.wal").write_bytes(b"left by a writing session")
    publish(settings, run_id="run-2")
    assert count(settings.published) == 1000


def test_a_working_file_in_other_hands_is_said_to_be_locked(settings: Settings) -> None:
    holding = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); "
        "sys.stdin.readline()"
    )
    holder, said = in_another_process(holding, settings.warehouse)
    try:
        assert said == "held"
        with pytest.raises(WarehouseLocked, match=str(settings.warehouse)):
            publish(settings, run_id="run-1")
    finally:
        holder.communicate("go\n", timeout=30)
    assert not settings.published.exists()


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("drop schema marts cascade", "hypnomart build"),
        ("drop schema quality cascade", "hypnomart check"),
    ],
)
def test_what_is_not_there_cannot_be_published(
    statement: str, advice: str, settings: Settings
) -> None:
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(statement)
    with pytest.raises(BadConfiguration, match=advice):
        publish(settings, run_id="run-1")


def test_without_a_working_file_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="hypnomart run"):
        publish(settings_below(tmp_path), run_id="run-1")


def test_the_last_publications_are_kept_and_one_can_return_to_each(settings: Settings) -> None:
    settings = replace(settings, keep=3)
    for number in range(1, 6):
        fill(settings, rows=number * 100)
        publish(settings, run_id=f"run-{number}")
    assert [one.run_id for one in publications.earlier(settings)] == ["run-4", "run-3", "run-2"]

    back = publications.roll_back(settings)
    assert (back.run_id, count(settings.published)) == ("run-4", 400)
    assert published_run(settings.published) == "run-4"
    assert [one.run_id for one in publications.earlier(settings)] == ["run-5", "run-3", "run-2"]
    publications.roll_back(settings, "run-2")
    assert count(settings.published) == 200
    publications.roll_back(settings, "run-5")
    assert count(settings.published) == 500
    with pytest.raises(BadConfiguration, match=r"of run run-1 is kept; there are: run-4, run-3"):
        publications.roll_back(settings, "run-1")
    with pytest.raises(BadConfiguration, match="run begins several run ids"):
        publications.roll_back(settings, "run")
    assert len(publications.kept_files(settings)) == 3


def test_what_is_kept_beside_a_shared_file_is_shared_as_well(tmp_path: Path) -> None:
    """Whatever the umask; at home all are their owner's alone."""
    before = os.umask(0o077)
    try:
        for shared, file_mode, folder_mode in ((True, 0o644, 0o755), (False, 0o600, 0o700)):
            below = tmp_path / str(shared)
            settings = replace(
                settings_below(below), published_dir=below / "shared" if shared else None
            )
            fill(settings, rows=10)
            for number in range(3):
                publish(settings, run_id=f"run-{number}")
            publications.roll_back(settings, "run-0")
            kept = publications.kept_files(settings)
            assert len(kept) == 2
            for path in (settings.published, *kept):
                assert stat.S_IMODE(path.stat().st_mode) == file_mode, path
            for folder in (settings.published.parent, places.kept_folder(settings)):
                assert stat.S_IMODE(folder.stat().st_mode) == folder_mode, folder
    finally:
        os.umask(before)


def test_none_is_kept_where_none_is_wanted(settings: Settings) -> None:
    settings = replace(settings, keep=0)
    publish(settings, run_id="run-1")
    publish(settings, run_id="run-2")
    assert publications.earlier(settings) == []
    with pytest.raises(BadConfiguration, match="before the current one is kept; there are: none"):
        publications.roll_back(settings)


def month(number: int, kind: str, amount: str, is_complete: bool, rate: str = "0.5") -> str:
    return f"(date '2026-{number:02}-01', '{kind}', {amount}, {rate}::double, 3, {is_complete})"


def fill_months(settings: Settings, *rows: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(
            "create or replace table marts.money_monthly as "
            f"select * from (values {', '.join(rows)}) "
            "as v (month, kind, amount_usd, refund_rate, charges, is_complete)"
        )


def restated(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        return con.execute(
            "select run_id, mart, row_key, measure, old_value::double, new_value::double, "
            "previous_run_id from restatements order by all"
        ).fetchall()


def test_how_long_ago_users_had_synced_is_known_of_each_published_snapshot(
    settings: Settings,
) -> None:
    """Snapshots 1 and 2; 2 again, which replaces itself; a clock that was put back to 1; then
    another database, of which nothing is known before, and which is said."""
    marts = [*PUBLISHED, mart("sync_freshness", None, "age_band"), SYNC_HISTORY]
    marts += [mart("run_manifest", None, "run_id"), RESTATEMENTS]
    found = []
    notes = []
    snapshots = ((1, 10, "a"), (2, 20, "a"), (2, 30, "a"), (1, 40, "a"), (3, 50, "b"))
    for number, (day, users, source) in enumerate(snapshots):
        with duckdb.connect(str(settings.warehouse)) as con:
            con.execute(
                "create or replace table marts.run_manifest as select 'r' as run_id, "
                f"timestamp '2026-10-0{day} 06:00' as as_of_at, '{source}' as source_fingerprint"
            )
            con.execute(
                "create or replace table marts.sync_freshness as select '0-1 d' as age_band, "
                f"{users} as users, 1.0 as share_rate, 1 as band_number"
            )
        notes.append(publish_marts(settings, run_id=f"run-{number}", marts=marts).note)
        with duckdb.connect(str(settings.published), read_only=True) as con:
            rows = con.execute("select day(as_of_at), users from sync_freshness_history").fetchall()
        found.append(rows)
    assert found == [[(1, 10)], [(1, 10), (2, 20)], [(1, 10), (2, 30)], [(1, 40)], [(3, 50)]]
    assert notes[:4] == [""] * 4 and "another database (a, now b)" in notes[4]


def test_what_changed_in_a_complete_period_is_restated(settings: Settings) -> None:
    """August is complete: a number changes, a row is new, a row goes. September was open."""
    marts = [*PUBLISHED, mart("money_monthly", "month", "month", "kind"), RESTATEMENTS]
    fill_months(
        settings,
        month(8, "course", "10.00", True),
        month(8, "pack", "20.00", True),
        month(8, "audio", "7.00", True, rate="null"),
        month(9, "course", "1.00", False),
    )
    publish_marts(settings, run_id="run-1", marts=marts)
    assert restated(settings) == []

    fill_months(
        settings,
        month(8, "course", "12.50", True),
        month(8, "audio", "7.00", True, rate="0.25"),
        month(8, "gift", "4.00", True),
        month(9, "course", "2.00", True),
        month(9, "gift", "3.00", True),
    )
    publish_marts(settings, run_id="run-2", marts=marts)
    place, before = ("run-2", "money_monthly"), "run-1"
    second = [
        (*place, "2026-08-01, audio", "refund_rate", None, 0.25, before),
        (*place, "2026-08-01, course", "amount_usd", 10.0, 12.5, before),
        (*place, "2026-08-01, gift", "amount_usd", None, 4.0, before),
        (*place, "2026-08-01, gift", "charges", None, 3.0, before),
        (*place, "2026-08-01, gift", "refund_rate", None, 0.5, before),
        (*place, "2026-08-01, pack", "amount_usd", 20.0, None, before),
        (*place, "2026-08-01, pack", "charges", 3.0, None, before),
        (*place, "2026-08-01, pack", "refund_rate", 0.5, None, before),
    ]
    assert restated(settings) == second

    publish_marts(settings, run_id="run-3", marts=marts)
    assert restated(settings) == second, "carried on, and nothing new"


def test_a_run_that_publishes_twice_restates_what_the_one_before_it_said(
    settings: Settings,
) -> None:
    marts = [*PUBLISHED, mart("money_monthly", "month", "month", "kind"), RESTATEMENTS]
    for run_id, amount in (("run-1", "10.00"), ("run-2", "12.00"), ("run-2", "13.00")):
        fill_months(settings, month(8, "course", amount, True))
        publish_marts(settings, run_id=run_id, marts=marts)
    key = ("run-2", "money_monthly", "2026-08-01, course", "amount_usd")
    assert restated(settings) == [(*key, 10.0, 13.0, "run-1")]
    fill_months(settings, month(8, "course", "10.00", True))
    publish_marts(settings, run_id="run-2", marts=marts)
    assert restated(settings) == []


def fill_ages(settings: Settings, *rows: tuple[int, int, str]) -> None:
    """(month, age, amount) of cohorts; everything is complete, and the forecast always another."""
    values = ", ".join(
        f"(date '2026-{month:02}-01', {age}, {amount}, random(), true)"
        for month, age, amount in rows
    )
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(
            f"create or replace table marts.cohorts as select * from (values {values}) "
            "as v (month, age, amount_usd, predicted_usd, is_complete)"
        )


def test_what_goes_on_is_no_restatement(settings: Settings) -> None:
    """A cohort grows older and forecasts change as time passes; a new cohort of a time that younger
    ones had passed does not."""
    cohorts = mart("cohorts", "month", "month", "age")
    marts = [*PUBLISHED, replace(cohorts, moving=("predicted_usd",), age="age"), RESTATEMENTS]
    fill_ages(settings, (3, 0, "1"), (3, 1, "1"), (3, 2, "1"), (5, 0, "1"))
    publish_marts(settings, run_id="run-1", marts=marts)
    older = [(3, 3, "1"), (4, 0, "7"), (4, 1, "7"), (5, 0, "1"), (5, 1, "1")]
    fill_ages(settings, (3, 0, "2"), (3, 1, "1"), (3, 2, "1"), *older)
    publish_marts(settings, run_id="run-2", marts=marts)
    place, before = ("run-2", "cohorts"), "run-1"
    assert restated(settings) == [
        (*place, "2026-03-01, 0", "amount_usd", 1.0, 2.0, before),
        (*place, "2026-04-01, 0", "amount_usd", None, 7.0, before),
    ]
