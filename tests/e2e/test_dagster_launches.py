"""Runs as people launch and stop them in the web interface, each in a process of Dagster's."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from models.errors import WarehouseLocked
from pipelines.definitions import build_definitions
from pipelines.lock import warehouse_lock
from pipelines.publish import published_run
from pipelines.settings import Settings
from tests.conftest import new_database
from tests.e2e.pipeline import Business, Pipeline
from tests.served import HYPNOMART, Served, environment_of, served, until

# Two seconds on a machine of its own; more where others work beside.
AT_ONCE = 10.0
Home = tuple[Settings, Served, str]


@pytest.fixture(scope="module")
def home(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """A published home, its interface, and the run that published."""
    folder = tmp_path_factory.mktemp("launches")
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        user_id = business.user("2026-01-10")
        business.event(user_id, "created", "2026-01-10")
        pipeline = Pipeline(folder, url)
        run_id = pipeline.run()
        with served(pipeline.settings, folder / "log") as interface:
            yield pipeline.settings, interface, run_id
            sent = time.monotonic()
            interface.process.send_signal(signal.SIGINT)
            assert interface.process.wait(60) == 0
            assert time.monotonic() - sent < AT_ONCE


def is_locked(settings: Settings) -> bool:
    try:
        with warehouse_lock(settings.home):
            return False
    except WarehouseLocked:
        return True


def test_one_check_runs_alone(home: Home) -> None:
    _, interface, _ = home
    run_id = interface.launch(checks=[("marts/dim_users", "users_conserved")])
    assert interface.ended(run_id) == "SUCCESS"
    assert interface.told(run_id) == (set(), {"users_conserved"})


def test_one_mart_is_built_with_its_checks(home: Home) -> None:
    settings, interface, _ = home
    graph = build_definitions(settings).resolve_asset_graph()
    checks = {k.name for k in graph.asset_check_keys if k.asset_key.path == ["marts", "dim_users"]}
    run_id = interface.launch(["marts/dim_users"], [("marts/dim_users", name) for name in checks])
    assert interface.ended(run_id) == "SUCCESS"
    assert interface.told(run_id) == ({"marts/dim_users"}, checks)


def test_the_publication_and_one_report_alone(home: Home) -> None:
    settings, interface, run_id = home
    settings.published.unlink()
    assert interface.ended(interface.launch(["publication/hypnomart"])) == "SUCCESS"
    assert published_run(settings.published) == run_id
    assert interface.ended(interface.launch(["reports/overview"])) == "SUCCESS"
    assert list(settings.reports_dir.glob("*/overview.html"))


def test_a_run_that_is_stopped_ends_at_once_and_leaves_the_lock(home: Home) -> None:
    """While it runs, an extraction of the command line is refused."""
    settings, interface, published = home
    run_id = interface.launch(job="refresh")
    record = settings.runs_dir / f"{run_id}.json"
    until(lambda: record.exists() and "build" in json.loads(record.read_text())["steps"], "a build")
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
