"""Dagster reads the configuration of home, whatever the path is made of."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from pipelines.orchestration.event_log import EventLog
from pipelines.orchestration.instance import dagster_home
from tests.warehouse import settings_at


def test_a_home_whose_path_is_a_pattern_is_configured_too(tmp_path: Path) -> None:
    folder = dagster_home(settings_at(tmp_path / "a [b]* c"))
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue and queue.max_concurrent_runs == 2
        assert isinstance(instance.event_log_storage, EventLog)
