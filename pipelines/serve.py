"""Dagster's web interface and daemon, on loopback only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from models.errors import BadConfiguration
from pipelines.job import dagster_home
from pipelines.settings import Settings
from pipelines.steps import source_url

LOOPBACK = "127.0.0.1"


def serve_command(port: int) -> list[str]:
    """The command that serves the definitions: webserver and daemon, loopback only."""
    dagster = [sys.executable, "-W", "ignore", "-m", "dagster", "dev"]
    return [*dagster, "-m", "pipelines.definitions", "-h", LOOPBACK, "-p", str(port)]


def serve(settings: Settings, *, port: int) -> None:
    """Serve until interrupted. The embedded server stays up meanwhile.

    Raises BadConfiguration if the port is taken or the webserver ends by itself.
    """
    refuse_taken(port)
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


def refuse_taken(port: int) -> None:
    """Raise BadConfiguration where another program listens: Dagster itself takes a minute to say
    so, at the end of a hundred lines."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise BadConfiguration(
                f"Port {port} of {LOOPBACK} cannot be used ({error.strerror}); "
                "choose another with --port."
            ) from error
