"""What `hypnomart serve` started ends with it, whatever ended it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from pipelines.base.settings import PROJECT

SERVE = """
import os, sys
from pipelines.orchestration.serve import run_until_stopped
tell = "import time; print('ready', flush=True); time.sleep(600)"
sys.exit(run_until_stopped([sys.executable, "-c", tell], os.environ))
"""
# The signal comes as the command is read, before the process that it starts is there.
TOLD_EARLY = """
import os, signal, sys
from pipelines.orchestration.serve import run_until_stopped
class Command(list):
    def __iter__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        return super().__iter__()
tell = "import time; print('ready', flush=True); time.sleep(600)"
sys.exit(run_until_stopped(Command([sys.executable, "-c", tell]), os.environ))
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_it_started_ends_with_it_whatever_ends_it(sign: signal.Signals) -> None:
    """Ctrl-C, a termination, a terminal that is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(sign)
        # the end of the pipe comes once nobody holds it any more
        assert process.stdout.read() == ""
    assert process.returncode == 0


def test_who_is_told_before_it_started_ends_all_the_same() -> None:
    """What it started may say that it was interrupted as it began."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD_EARLY], capture_output=True, cwd=PROJECT, timeout=60
    )
    assert done.returncode == 0
