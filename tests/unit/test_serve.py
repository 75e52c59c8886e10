"""What `hypnomart serve` started ends with it, whatever ended it."""

from __future__ import annotations

import signal
import subprocess
import sys

from pipelines.base.settings import PROJECT

SERVE = """
import os, sys
from pipelines.orchestration.serve import run_until_stopped
tell = "import time; print('ready', flush=True); time.sleep(600)"
sys.exit(run_until_stopped([sys.executable, "-c", tell], os.environ))
"""


def test_what_it_started_ends_with_it_when_the_terminal_is_closed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        # the end of the pipe comes once nobody holds it any more
        assert process.stdout.read() == ""
    assert process.returncode == 0
