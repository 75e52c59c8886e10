"""`python -m pipelines.orchestration.webserver`: Dagster's webserver behind the guard."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pipelines.orchestration.guard import Guard

cli: Any = import_module("dagster_webserver.cli")
_create = cli.create_app_from_workspace_process_context


def guarded(*arguments: Any, **options: Any) -> Any:
    """The webserver's application behind the guard."""
    return Guard(_create(*arguments, **options))


if __name__ == "__main__":
    cli.create_app_from_workspace_process_context = guarded
    cli.main()
