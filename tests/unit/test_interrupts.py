"""A process that is told to end does so in time, whatever became of its handlers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.base.interrupts import SECONDS_TO_END, was_interrupted

DEAF = """
import signal, sys, time
from pathlib import Path
from pipelines.base.interrupts import before_the_end, end_when_told, stand_down
end_when_told()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: None)
before_the_end(lambda: 1 / 0)
before_the_end(Path(sys.argv[1]).touch)
if sys.argv[2] == "alone":
    stand_down()
print("ready", flush=True)
until = time.monotonic() + 4
while time.monotonic() < until:
    time.sleep(0.1)
"""


def told(path: Path, sign: signal.Signals, how: str) -> tuple[int, float, str]:
    """Exit code, seconds until the end, what was said."""
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF, str(path), how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sign)
    sent = time.monotonic()
    _, said = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - sent, said


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_who_does_not_end_is_ended_and_tells_it_before(
    tmp_path: Path, sign: signal.Signals
) -> None:
    code, seconds, said = told(tmp_path / "told", sign, "watched")
    assert (code, said) == (128 + sign, "Aborted.\n")
    assert seconds >= SECONDS_TO_END
    assert (tmp_path / "told").exists()


def test_who_stands_down_ends_by_its_own_way(tmp_path: Path) -> None:
    code, _, said = told(tmp_path / "told", signal.SIGINT, "alone")
    assert (code, said) == (0, "")
    assert not (tmp_path / "told").exists()


def test_what_a_module_made_of_ctrl_c_is_an_interrupt(tmp_path: Path) -> None:
    """A module in C that is interrupted while it begins says "initialization failed" instead."""
    (tmp_path / "begun.py").write_text(
        "try:\n    raise KeyboardInterrupt\nexcept BaseException as told:\n"
        "    raise ImportError('initialization failed') from told\n"
    )
    code = (
        "import sys; from pipelines import cli; sys.argv[1:] = ['status']\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "cli.app = lambda **_: __import__('begun')\ncli.main()\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (process.returncode, process.stderr.strip()) == (130, "Aborted.")
    assert not was_interrupted(ImportError("no such module"))


def test_errors_that_name_each_other_have_an_end() -> None:
    """As where one that was caught is raised anew from what came of it."""
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__context__ = other, one
    assert not was_interrupted(one)
