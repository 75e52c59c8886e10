"""Two who want the same at once: both come to an end, and what they leave is whole."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from models.simulation import advance, simulate
from models.simulation.engine.marker import read_marker
from models.tables import TABLES
from pipelines.base.files import take_place
from pipelines.base.lock import warehouse_lock
from reports.manifest import read_manifest
from tests.e2e.pipeline import quiet
from tests.faults.whole_runs import Command
from tests.published_sample import write_published
from tests.served import HYPNOMART
from tests.warehouse import settings_at


def test_two_reports_while_a_publication_takes_place_are_whole(tmp_path: Path) -> None:
    """The second writer waits for the first; each reads the publication that it opened."""
    settings = settings_at(tmp_path)
    settings.published.parent.mkdir(parents=True)
    write_published(settings.published)
    ready = write_published(tmp_path / "ready.duckdb")
    environment = {
        **os.environ,
        "HYPNOMART_HOME": str(settings.home),
        "HYPNOMART_REPORTS": str(settings.reports_dir),
    }
    writers = [
        subprocess.Popen(
            [str(HYPNOMART), "report", name, "--format", "html,csv"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in ("revenue", "quality")
    ]
    number = 0
    while any(writer.poll() is None for writer in writers):
        number += 1
        # A copy takes milliseconds and a report seconds: many publications fall into each.
        take_place(Path(shutil.copy(ready, tmp_path / f"{number}.duckdb")), settings.published)
    for writer in writers:
        said, _ = writer.communicate()
        assert writer.returncode == 0, said
    assert number > 1
    (day,) = settings.reports_dir.glob("????-??-??")
    entries = read_manifest(day)
    assert {"revenue", "quality"} <= {entry.report for entry in entries}
    for entry in entries:
        content = (day / entry.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.sha256, entry.file
    assert not list(settings.reports_dir.glob(".*"))


def test_two_simulations_go_on_one_after_the_other(source_url: str, tmp_path: Path) -> None:
    until = date(2026, 3, 31)
    simulate(
        source_url, users=5, days=60, seed=3, until=until, faults="none",
        truth_dir=tmp_path, progress=quiet,
    )  # fmt: skip
    with ThreadPoolExecutor() as pool:
        for done in [
            pool.submit(advance, source_url, days=3, truth_dir=tmp_path / name, progress=quiet)
            for name in ("a", "b")
        ]:
            done.result()
    with psycopg.connect(source_url) as con:
        mark = read_marker(con)
    assert mark and mark.until == until + timedelta(days=6)


def source_rows(url: str) -> dict[str, int]:
    """How many rows each table holds, all at one moment."""
    counts = sql.SQL(" union all ").join(
        sql.SQL("select {}, count(*) from public.{}").format(
            sql.Literal(table.name), sql.Identifier(table.name)
        )
        for table in TABLES
    )
    with psycopg.connect(url) as con:
        return dict(con.execute(counts).fetchall())


def test_who_comes_while_a_run_is_at_work_waits_or_is_told(source_url: str, tmp_path: Path) -> None:
    """Erasing, publishing and a second run are told who holds the warehouse, and write nothing;
    the business lives on, and what was extracted is of one moment."""
    settings = settings_at(tmp_path, source_url=source_url)
    simulate(
        source_url, users=300, days=200, seed=4, until=date(2026, 3, 31), faults="typical",
        truth_dir=settings.truth_dir, progress=quiet,
    )  # fmt: skip
    with psycopg.connect(source_url) as con:
        ((person,),) = con.execute("select user_id::text from user_profile limit 1").fetchall()
    before = source_rows(source_url)
    run = Command(settings, "run", "--no-reports")
    run.wait_for("extract")
    advancing = Command(settings, "simulate", "--advance", "3")
    for arguments in (("erase", person), ("publish",), ("publish", "--rollback"), ("run",)):
        code, said = Command(settings, *arguments).end()
        assert (code, f"process {run.process.pid}" in said) == (4, True), (arguments, said)
        assert run.process.poll() is None, "the run had ended before all had come"
    assert advancing.end()[0] == 0
    code, said = run.end()
    assert code == 0, said
    with duckdb.connect(str(settings.published), read_only=True) as published:
        manifest = "select table_name, warehouse_rows from run_manifest"
        extracted = dict(published.execute(manifest).fetchall())
        held = published.execute("select count(*) from dim_users where user_id = ?", [person])
        assert held.fetchall() == [(1,)]
    assert extracted in (before, source_rows(source_url))


def test_a_run_that_is_refused_is_told_at_once(tmp_path: Path) -> None:
    """Within a second of processor time: Dagster's definitions alone take five."""
    settings = settings_at(tmp_path, source_url="postgresql://nobody@127.0.0.1:9/nowhere")
    settings.home.mkdir(mode=0o700)
    with warehouse_lock(settings.home):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code, said = Command(settings, "run").end()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (code, "holds the warehouse" in said) == (4, True), said
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1
