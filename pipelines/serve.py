"""Dagster's web interface and daemon, on loopback only."""

from __future__ import annotations

import os
import subprocess
import sys

from models.errors import BadConfiguration
from pipelines.job import dagster_home
from pipelines.settings import Settings
from pipelines.steps import source_url


def serve_command(port: int) -> list[str]:
    """The command that serves the definitions: webserver and daemon, loopback only."""
    dagster = [sys.executable, "-W", "ignore", "-m", "dagster", "dev"]
    return [*dagster, "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(port)]


def serve(settings: Settings, *, port: int) -> None:
    """Serve until interrupted. The embedded server stays up meanwhile.

    Raises BadConfiguration if the webserver ends by itself.
    """
    source_url(settings)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_home(settings)),
        "HYPNOMART_HOME": str(settings.home),
        "HYPNOMART_REPORTS": str(settings.reports_dir),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    try:
        code = subprocess.call(serve_command(port), env=environment)  # noqa: S603
    except KeyboardInterrupt:
        return
    if code:
        raise BadConfiguration(f"Dagster stopped with code {code}; is port {port} in use?")
