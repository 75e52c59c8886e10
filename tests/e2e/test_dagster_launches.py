"""Runs as people launch and stop them in the web interface, each in a process of Dagster's."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from models.errors import WarehouseLocked
from models.tables import TABLES
from pipelines.base.lock import warehouse_lock
from pipelines.base.run_record import last_run
from pipelines.base.settings import Settings
from pipelines.definitions import build_definitions
from pipelines.publication.publish import published_run
from reports.deliver.channels import Channels
from tests.conftest import new_database
from tests.e2e.pipeline import Business, Pipeline
from tests.hook import listening
from tests.served import HYPNOMART, Served, environment_of, served, until

# Two seconds on a machine of its own; more where others work beside.
AT_ONCE = 10.0
Home = tuple[Settings, Served, str]
Hook = tuple[str, list[dict[str, Any]], list[int]]
RETRY = "ExecutionStepUpForRetryEvent"


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    """What is told to the webhook of the home."""
    with listening() as one:
        yield one


@pytest.fixture(scope="module")
def home(
    postgres_url: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    hook: Hook,
) -> Iterator[Home]:
    """A published home, its interface, and the run that published."""
    folder = tmp_path_factory.mktemp("launches")
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        user_id = business.user("2026-01-10")
        business.event(user_id, "created", "2026-01-10")
        pipeline = Pipeline(folder, url, channels=Channels(webhook=hook[0]))
        run_id = pipeline.run()
        with served(pipeline.settings, folder / "log") as interface:
            yield pipeline.settings, interface, run_id
            sent = time.monotonic()
            interface.process.send_signal(signal.SIGINT)
            assert interface.process.wait(60) == 0
            assert time.monotonic() - sent < AT_ONCE


@contextmanager
def closed(postgres_url: str, settings: Settings) -> Iterator[None]:
    """The source takes no new connections for a block."""
    name = sql.Identifier(urlsplit(str(settings.source_url)).path[1:])
    statement = "alter database {} allow_connections {}"
    with psycopg.connect(postgres_url, autocommit=True) as con:
        con.execute(sql.SQL(statement).format(name, sql.SQL("false")))
        try:
            yield
        finally:
            con.execute(sql.SQL(statement).format(name, sql.SQL("true")))


def steps_of(settings: Settings, run_id: str) -> Collection[str]:
    """The steps that a run began, where it is the last."""
    record = last_run(settings)
    return record["steps"] if record and record["run_id"] == run_id else ()


def is_locked(settings: Settings) -> bool:
    try:
        with warehouse_lock(settings.home):
            return False
    except WarehouseLocked:
        return True


def test_a_mart_with_its_checks_and_one_check_run_one_after_the_other(home: Home) -> None:
    """Both write: the pool lets the second wait in the queue."""
    settings, interface, _ = home
    graph = build_definitions(settings).resolve_asset_graph()
    checks = {k.name for k in graph.asset_check_keys if k.asset_key.path == ["marts", "dim_users"]}
    mart = interface.launch(["marts/dim_users"], [("marts/dim_users", name) for name in checks])
    check = interface.launch(checks=[("marts/dim_users", "users_conserved")])
    assert [interface.ended(mart), interface.ended(check)] == ["SUCCESS", "SUCCESS"]
    assert interface.told(mart) == ({"marts/dim_users"}, checks)
    assert interface.told(check) == (set(), {"users_conserved"})
    first, second = sorted(interface.ran(one)[:2] for one in (mart, check))
    assert first[1] <= second[0]
    until(lambda: interface.freshness("marts/dim_users") == "HEALTHY", "a fresh mart")


def test_a_source_that_is_closed_for_a_while_is_tried_again(home: Home, postgres_url: str) -> None:
    settings, interface, _ = home
    with closed(postgres_url, settings):
        run_id = interface.launch([f"operational/{table.name}" for table in TABLES])
        until(lambda: RETRY in interface.ran(run_id)[2], "a retry")
    assert interface.ended(run_id) == "SUCCESS"


def test_a_refresh_that_fails_at_once_is_told_to_the_webhook(home: Home, hook: Hook) -> None:
    """What cannot pass is not tried again."""
    settings, interface, _ = home
    _, got, _ = hook
    with psycopg.connect(str(settings.source_url), autocommit=True) as con:
        con.execute("alter table public.courses rename column title to heading")
        try:
            run_id = interface.launch(job="refresh")
            assert interface.ended(run_id) == "FAILURE"
        finally:
            con.execute("alter table public.courses rename column heading to title")
    assert RETRY not in interface.ran(run_id)[2]
    told = until(lambda: [one["text"] for one in got if run_id in one["text"]], "the webhook")
    assert len(told) == 1 and "courses" in told[0] and "title" in told[0]


def test_three_months_are_filled_back(home: Home) -> None:
    settings, interface, _ = home
    months = ("2026-02", "2026-03", "2026-04")
    assert interface.backfill("periods/monthly", months) == "COMPLETED_SUCCESS"
    for month in months:
        assert list((settings.reports_dir / month).glob("*.html")), month


def test_the_publication_and_one_report_alone_and_the_week_s_by_its_sensor(home: Home) -> None:
    settings, interface, run_id = home
    settings.published.unlink()
    assert interface.ended(interface.launch(["publication/hypnomart"])) == "SUCCESS"
    assert published_run(settings.published) == run_id
    interface.switch_on("weekly_reports")
    assert interface.ended(interface.launch(["reports/overview"])) == "SUCCESS"
    assert list(settings.reports_dir.glob("*/overview.html"))
    until(lambda: list(settings.reports_dir.glob("*-W*/index.html")), "the week's reports")


def test_a_run_that_is_stopped_ends_at_once_and_leaves_the_lock(home: Home) -> None:
    """While it runs, an extraction of the command line is refused."""
    settings, interface, published = home
    run_id = interface.launch(job="refresh")
    until(lambda: "build" in steps_of(settings, run_id), "a build")
    command = [str(HYPNOMART), "extract"]
    refused = subprocess.run(
        command, env=environment_of(settings), capture_output=True, text=True, check=False
    )
    assert refused.returncode == 4, refused.stderr
    assert "holds the warehouse" in refused.stderr
    interface.terminate(run_id)
    sent = time.monotonic()
    until(lambda: not is_locked(settings), "the lock")
    assert time.monotonic() - sent < AT_ONCE
    assert interface.ended(run_id) == "CANCELED"
    assert published_run(settings.published) == published
