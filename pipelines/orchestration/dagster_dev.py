"""`dagster dev` with the guarded webserver: `python -m pipelines.orchestration.dagster_dev`.

Dagster names its webserver's module in the command that it starts; that one word is replaced.
A test asks the running server, so that another version of Dagster cannot lose the guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from pipelines.orchestration.dagster_config import take_paths_literally

dev: Any = import_module("dagster._cli.dev")
_open = dev.open_ipc_subprocess


def with_guard(parts: Sequence[str], **options: Any) -> Any:
    """Start a process of Dagster's, the webserver by way of pipelines.orchestration.webserver."""
    names = {"dagster_webserver": "pipelines.orchestration.webserver"}
    return _open([names.get(part, part) for part in parts], **options)


if __name__ == "__main__":
    take_paths_literally()
    dev.open_ipc_subprocess = with_guard
    dev.dev_command()
