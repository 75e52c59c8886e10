"""`hypnomart serve`: Dagster's web interface."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 3000,
) -> None:
    """Dagster's web interface and daemon, on loopback only.

    Example: hypnomart serve --port 3333
    """
    from pipelines.base.settings import load_settings
    from pipelines.orchestration.serve import serve as start

    start(load_settings(), port=port)
