"""What a run shows: a live line for each step on a terminal, one line a step elsewhere."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from models.errors import ChecksFailed
from pipelines.base import progress
from pipelines.cli.run_display import Live, display

PROJECT = Path(__file__).resolve().parents[2]
EXTRACTED = {"changed_rows": 12_345, "deleted_rows": 6}
BUILT = {"nodes": 453, "failed_tests": ["one"]}
CHECKED = {"checks": 416, "failed": ["warn a", "warn b"]}
PUBLISHED = {"tables": 75, "rows": 1_000_000, "size_bytes": 12_800_000}


def a_run() -> None:
    """What the steps of a run tell, the demo's own extraction included."""
    progress.said("source", "created 98 objects of the schema")
    with progress.within_a_step(), progress.step_told("extract", {}):
        pass
    with progress.step_told("extract", EXTRACTED):
        progress.said("extract", "app_logs: reading all\x1b[2J")
    with progress.step_told("build", BUILT):
        progress.said("build", "50 of 453 models and tests")
    with progress.step_told("check", CHECKED):
        pass
    with progress.step_told("publish", PUBLISHED):
        pass
    with progress.step_told("report", {"files": 108}):
        progress.said("report", "108 files")


def test_elsewhere_each_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with display(verbose=False, quiet=False):
        a_run()
    lines = [line.rsplit(", ", 1)[0] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "  source   created 98 objects of the schema",
        "  extract  12,345 rows changed, 6 deleted",
        "  build    453 models and tests, 1 failed",
        "  check    416 checks, 2 not passed",
        "  publish  75 tables, 1,000,000 rows, 12.8 MB",
        "  report   108 files",
    ]


def test_verbose_shows_every_line_and_quiet_none(capsys: pytest.CaptureFixture[str]) -> None:
    with display(verbose=True, quiet=False):
        a_run()
    shown = capsys.readouterr().out
    assert "  build    50 of 453 models and tests\n" in shown
    assert "reading all\\x1b[2J" in shown and "\x1b" not in shown
    with display(verbose=False, quiet=True):
        a_run()
    assert capsys.readouterr().out == ""


def test_a_step_that_fails_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(ChecksFailed),
        display(verbose=False, quiet=False),
        progress.step_told("publish", PUBLISHED),
    ):
        raise ChecksFailed("no")
    assert "publish" not in capsys.readouterr().out
    progress.said("publish", "afterwards the lines of a log")
    assert capsys.readouterr().out == "  publish  afterwards the lines of a log\n"


def test_on_a_terminal_all_six_steps_stand_from_the_start() -> None:
    live = Live()
    live.began("source")
    with progress.listening(live):
        first = drawn(live)
        with progress.step_told("extract", EXTRACTED):
            progress.said("extract", "app_logs: reading all\x1b[2J")
            during = drawn(live)
        after = drawn(live)
    assert [line.split()[-1] for line in first[1:]] == [
        "extract", "build", "check", "publish", "report",
    ]  # fmt: skip
    assert "source" in first[0] and len(first) == 6
    assert during[0].startswith("✓ source") and during[1].startswith("… extract")
    assert "app_logs: reading all\\x1b[2J" in during[1]
    assert after[1].startswith("✓ extract") and "12,345 rows changed, 6 deleted" in after[1]
    assert after[1].rstrip().endswith(" s")


def drawn(live: Live) -> list[str]:
    target = io.StringIO()
    Console(file=target, width=80).print(live)
    return target.getvalue().splitlines()


def test_what_takes_standard_output_away_does_not_stop_the_lines(tmp_path: Path) -> None:
    """While a step runs, Dagster points the descriptor at a log of its own."""
    terminal, seen = pty.openpty()
    code = (
        "import os, time\n"
        "from pipelines.base import progress\n"
        "from pipelines.cli.run_display import display\n"
        "with display(verbose=False, quiet=False):\n"
        f"    os.dup2(os.open({str(tmp_path / 'log')!r}, os.O_CREAT | os.O_WRONLY), 1)\n"
        "    progress.said('extract', 'app_logs: reading all')\n"
        "    time.sleep(1)\n"
        "    os._exit(0)  # nothing is drawn at the end\n"
    )
    subprocess.run([sys.executable, "-c", code], stdout=seen, check=True, cwd=PROJECT)
    assert b"app_logs: reading all" in os.read(terminal, 100_000)
    assert (tmp_path / "log").read_text() == ""
