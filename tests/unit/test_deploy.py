"""What docs/deploy.md and deploy/ name is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.base.known_settings import SETTINGS
from pipelines.base.settings import PROJECT

DEPLOY = PROJECT / "deploy"
PAGE = (PROJECT / "docs" / "deploy.md").read_text("utf-8")
FILES = sorted(DEPLOY.iterdir())


def test_each_setting_that_is_named_is_one() -> None:
    text = PAGE + "".join(path.read_text("utf-8") for path in FILES)
    named = set(re.findall(r"HYPNOMART_[A-Z_]+[A-Z]", text))
    assert len(named) > 5
    assert named <= {setting.name for setting in SETTINGS}


def test_the_page_names_each_file_and_each_file_is_there() -> None:
    assert {path.suffix for path in FILES} == {"", ".service", ".timer"}
    assert set(re.findall(r"deploy/(\w+)", PAGE)) == {"Containerfile"}
    for path in FILES:
        assert path.name in PAGE or path.stem in PAGE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    """With a program that is there in place of the installed one."""
    units = [path for path in FILES if path.suffix]
    for path in units:
        text = path.read_text("utf-8").replace("/srv/hypnomart/.venv/bin/hypnomart", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / path.name) for path in units)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
