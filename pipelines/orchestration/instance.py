"""The Dagster instance below home: its folder, and how it is configured."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.base.private import private_home
from pipelines.base.settings import Settings
from pipelines.orchestration.dagster_config import take_paths_literally

POOL = "warehouse"
# One writer at a time, by pool: another one waits in Dagster's queue, and is not refused by the
# lock. Reports of past periods may be written meanwhile. Definitions load in 5 s; a busy machine
# took a minute.
INSTANCE_CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 2
  pools:
    default_limit: 1
    granularity: run
code_servers:
  local_startup_timeout: 300
freshness:
  enabled: true
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: 30
"""


def storage_config(folder: Path) -> str:
    """The lines of dagster.yaml that name our event log."""
    return f"""\
event_log_storage:
  module: pipelines.orchestration.event_log
  class: EventLog
  config:
    base_dir: {json.dumps(str(folder / "history" / "runs"))}
"""


def dagster_home(settings: Settings) -> Path:
    """The folder of the Dagster instance; its configuration is ours, whatever stood there."""
    take_paths_literally()
    private_home(settings.home)
    folder = settings.home / "dagster"
    folder.mkdir(exist_ok=True)
    config = folder / "dagster.yaml"
    wanted = INSTANCE_CONFIG + storage_config(folder)
    if not config.exists() or config.read_bytes() != wanted.encode():
        unfinished = config.with_suffix(".unfinished")
        unfinished.write_text(wanted, encoding="utf-8")
        unfinished.replace(config)
    return folder
