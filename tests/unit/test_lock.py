"""One run at a time holds the warehouse."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from models.errors import WarehouseLocked
from pipelines.base.lock import folder_lock, warehouse_lock

HOLD = """
import sys, time
from pathlib import Path
from uuid import UUID
from pipelines.base.lock import warehouse_lock
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


REFUSED = """
import atexit, sys
heavy = {"dagster", "dbt", "great_expectations", "pandas", "numpy"}
atexit.register(lambda: print(sorted(heavy & sys.modules.keys())))
from pipelines.cli import main
main()
"""


@pytest.mark.parametrize(
    "command",
    ["extract", "build", "check", "publish", "publish --rollback", "run", f"erase {UUID(int=7)}"],
)
def test_who_is_refused_is_told_before_anything_is_loaded(tmp_path: Path, command: str) -> None:
    """What takes seconds to import comes after the lock."""
    process = holder(tmp_path)
    try:
        refused = subprocess.run(
            [sys.executable, "-c", REFUSED, *command.split()],
            env={**os.environ, "HYPNOMART_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        process.kill()
        process.wait()
    assert refused.returncode == 4, refused.stderr
    assert f"process {process.pid}" in refused.stderr and refused.stderr.count("\n") == 1
    assert refused.stdout == "[]\n"


def test_a_folder_is_held_under_each_of_its_names(tmp_path: Path) -> None:
    """Home would wait for itself; the inner block's end lets nobody in."""
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)

    def is_free() -> bool:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    with folder_lock(folder):
        with folder_lock(link), folder_lock(tmp_path / "link" / ".." / "folder"):
            assert not is_free()
        assert not is_free()
    assert is_free()
