"""Dagster's web interface and daemon, on loopback only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

import dagster as dg

from models.errors import BadConfiguration
from pipelines.base.interrupts import stand_down
from pipelines.base.settings import PROJECT, Settings
from pipelines.orchestration.defs.partitions import offer_past
from pipelines.orchestration.ended_runs import forget_dead_runs
from pipelines.orchestration.instance import dagster_home
from pipelines.run.steps import source_url
from pipelines.transform.manifest import read_manifest

LOOPBACK = "127.0.0.1"
WORKSPACE = PROJECT / "pipelines" / "workspace.yaml"
SECONDS_TO_END = 1.5


def serve_command(port: int) -> list[str]:
    """The command that serves the definitions: webserver and daemon, loopback only."""
    dagster = [sys.executable, "-W", "ignore", "-m", "pipelines.orchestration.dagster_dev"]
    return [*dagster, "-w", str(WORKSPACE), "-h", LOOPBACK, "-p", str(port)]


def serve(settings: Settings, *, port: int) -> None:
    """Serve until interrupted. The embedded server stays up meanwhile.

    Raises BadConfiguration if the port is taken or the webserver ends by itself, BuildFailed where
    the dbt project or the seeds cannot be read: Dagster would come up without assets.
    """
    refuse_taken(port)
    source_url(settings)
    read_manifest(settings)
    forget_dead_runs(settings)
    with (
        suppress(BadConfiguration),  # nothing is published yet
        dg.DagsterInstance.from_config(str(dagster_home(settings))) as instance,
    ):
        offer_past(instance, settings)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_home(settings)),
        "HYPNOMART_HOME": str(settings.home),
        "HYPNOMART_REPORTS": settings.channels.store or str(settings.reports_dir),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONSAFEPATH": "1",  # the folder where somebody stands may hold other `pipelines`
    }
    if code := run_until_stopped(serve_command(port), environment):
        raise BadConfiguration(f"Dagster stopped with code {code}; what it said above is why.")


def run_until_stopped(command: list[str], environment: Mapping[str, str]) -> int:
    """Run Dagster and what it starts until it ends or a signal comes; 0 for a signal.

    In a session of its own: a terminal's Ctrl-C would reach each of its processes beside ours, and
    the second one would cut its way out short.
    """

    told: list[object] = []
    is_waiting = False

    def stop(*sign: object) -> None:
        told.append(sign)
        if is_waiting:  # before, nobody would end what just started
            raise KeyboardInterrupt

    stand_down()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, stop)  # its terminal was closed
    process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
    try:
        is_waiting = True
        if told:
            raise KeyboardInterrupt
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
        return 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whoever did not end by himself
        process.wait()


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
