"""Dagster's event log with kept connections tells what the default one tells."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.orchestration import ended_runs
from pipelines.orchestration.event_log import OPEN_FILES, EventLog
from pipelines.orchestration.instance import storage_config

ODD = 'o\'d "q" \\b ü {x}'  # Dagster finds no dagster.yaml in a folder named with [ or *
CRITICAL = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
Instance = Callable[[str], dg.DagsterInstance]


@dg.multi_asset(
    specs=[dg.AssetSpec("receipts"), dg.AssetSpec("revenue")],
    check_specs=[dg.AssetCheckSpec("adds_up", asset="revenue")],
)
def marts() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult("receipts", metadata={"dagster/row_count": 3})
    yield dg.MaterializeResult("revenue")
    yield dg.AssetCheckResult(passed=False, asset_key="revenue", check_name="adds_up")


def run(instance: dg.DagsterInstance) -> str:
    job = dg.define_asset_job("job", executor_def=dg.in_process_executor)
    resolved = dg.Definitions(assets=[marts], jobs=[job]).resolve_job_def("job")
    return resolved.execute_in_process(instance=instance, run_config=CRITICAL).run_id


def told(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [str(entry.dagster_event_type) for entry in instance.all_logs(run_id)]


@pytest.fixture
def instance_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    opened: list[dg.DagsterInstance] = []

    def instance_at(lines: str) -> dg.DagsterInstance:
        home = tmp_path / ODD / str(len(opened))
        home.mkdir(parents=True)
        telemetry = "telemetry:\n  enabled: false\n"
        text = telemetry + (storage_config(home) if lines == "ours" else "")
        (home / "dagster.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        opened.append(dg.DagsterInstance.get())
        return opened[-1]

    yield instance_at
    for one in opened:
        one.dispose()


def test_it_tells_the_same_events_assets_and_checks(instance_at: Instance) -> None:
    ours, default = instance_at("ours"), instance_at("default")
    assert isinstance(ours.event_log_storage, EventLog)
    events = [told(instance, run(instance)) for instance in (ours, default)]
    assert events[0] == events[1]
    assert events[0].count("DagsterEventType.ASSET_MATERIALIZATION") == 2
    for instance in (ours, default):
        event = instance.get_latest_materialization_event(dg.AssetKey("receipts"))
        assert event is not None and event.asset_materialization is not None
        assert event.asset_materialization.metadata["dagster/row_count"].value == 3
        check = dg.AssetCheckKey(dg.AssetKey("revenue"), "adds_up")
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
        assert record is not None and record.status.value == "FAILED"


def test_another_process_reads_what_is_still_open(instance_at: Instance) -> None:
    instance = instance_at("ours")
    run_id = run(instance)
    storage = instance.event_log_storage
    assert isinstance(storage, EventLog)
    with sqlite3.connect(storage.path_for_shard(run_id)) as other:
        (events,) = other.execute("select count(*) from event_logs").fetchone()
        assert events == len(told(instance, run_id))


def test_few_files_stay_open_and_none_after_the_end(instance_at: Instance) -> None:
    instance = instance_at("ours")
    storage = instance.event_log_storage
    assert isinstance(storage, EventLog)
    runs = [run(instance) for _ in range(OPEN_FILES + 1)]
    assert len(storage._engines) == OPEN_FILES
    assert all("DagsterEventType.RUN_SUCCESS" in told(instance, run_id) for run_id in runs)
    storage.dispose()
    assert not storage._engines


def files_of(instance: dg.DagsterInstance) -> set[str]:
    """The runs that have a file, or a folder of what they printed."""
    storage = Path(instance.storage_directory())
    files = storage.parent.joinpath("history", "runs").glob("*-*.db*")
    return {path.name.split(".")[0] for path in files} | {path.name for path in storage.iterdir()}


def test_only_the_newest_runs_are_kept(
    instance_at: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended_runs, "KEPT_RUNS", 2)
    instance = instance_at("ours")
    runs = [run(instance) for _ in range(4)]
    ended_runs.forget_old_runs(instance)
    assert {found.run_id for found in instance.get_runs()} == set(runs[2:])
    assert files_of(instance) == set(runs[2:])
    storage = instance.event_log_storage
    assert isinstance(storage, EventLog)
    with storage.index_connection() as connection:
        for table in ("event_logs", "asset_check_executions"):
            named = connection.exec_driver_sql(f"select distinct run_id from {table}").fetchall()
            assert {run_id for (run_id,) in named} == set(runs[2:]), table
    event = instance.get_latest_materialization_event(dg.AssetKey("receipts"))
    assert event is not None and event.run_id == runs[3]
    assert told(instance, runs[3]).count("DagsterEventType.ASSET_MATERIALIZATION") == 2


def test_events_are_seen_by_others_a_moment_later(instance_at: Instance) -> None:
    instance = instance_at("ours")
    storage = instance.event_log_storage
    assert isinstance(storage, EventLog)
    run_id = run(instance)
    (entry,) = storage.get_logs_for_run(run_id, of_type=dg.DagsterEventType.RUN_SUCCESS)
    step = next(e for e in instance.all_logs(run_id) if e.step_key)
    with sqlite3.connect(storage.path_for_shard(run_id)) as other:

        def seen() -> int:
            return int(other.execute("select count(*) from event_logs").fetchone()[0])

        before = seen()
        for _ in range(10):
            storage.store_event(step)
        assert len(instance.all_logs(run_id)) == before + 10
        assert wait_until(lambda: seen() == before + 10)
        storage.store_event(step)
        storage.store_event(entry)  # a run's end
        assert seen() == before + 12


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()
