"""One run at a time holds the warehouse."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import WarehouseLocked
from pipelines.lock import warehouse_lock

HOLD = """
import sys, time
from pathlib import Path
from pipelines.lock import warehouse_lock
with warehouse_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_who_holds_the_warehouse(tmp_path: Path) -> None:
    process = holder(tmp_path)
    try:
        with pytest.raises(WarehouseLocked, match=str(process.pid)), warehouse_lock(tmp_path):
            pass
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    process = holder(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with warehouse_lock(tmp_path):
        pass


def test_a_step_within_a_run_passes_and_the_run_keeps_the_lock(tmp_path: Path) -> None:
    with warehouse_lock(tmp_path):
        with warehouse_lock(tmp_path):
            pass
        child = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert "WarehouseLocked" in child.stderr


@pytest.mark.parametrize("command", ["extract", "publish", "erase"])
def test_who_is_refused_is_told_before_anything_is_loaded(tmp_path: Path, command: str) -> None:
    """Within a second of processor time: building the definitions alone takes several."""
    process = holder(tmp_path)
    person = ["00000000-0000-4000-8000-000000000001"] if command == "erase" else []
    try:
        refused = subprocess.Popen(
            [str(Path(sys.executable).with_name("hypnomart")), command, *person],
            env={**os.environ, "HYPNOMART_HOME": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert refused.stderr is not None
        said = refused.stderr.read()
        _, status, used = os.wait4(refused.pid, 0)
    finally:
        process.kill()
        process.wait()
    assert os.waitstatus_to_exitcode(status) == 4, said
    assert f"process {process.pid}" in said and said.count("\n") == 1
    assert used.ru_utime + used.ru_stime < 1.5
