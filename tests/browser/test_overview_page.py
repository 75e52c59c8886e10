"""The overview in a real browser: it renders offline, says nothing to the console, runs nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.run import write_reports
from tests.published_sample import FORMULA, HOSTILE, write_published

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
# Chromium may reach nobody: any name resolves to nowhere, any request goes to a closed port.
OFFLINE = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9", "--enable-logging=stderr", "--log-level=0",
]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium browser is installed"),
]


def browse(page: Path, profile: Path, *options: str) -> tuple[str, str]:
    """What Chromium writes to its output, and its log."""
    done = subprocess.run(
        [str(CHROMIUM), *OFFLINE, f"--user-data-dir={profile}", *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_published(folder / "p.duckdb")
    write_reports(folder / "p.duckdb", folder / "out", names=["overview"])
    return folder / "out" / "2026-11-22" / "overview.html"


@pytest.fixture(scope="module")
def seen(page: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return browse(page, tmp_path_factory.mktemp("profile"), "--dump-dom")


def test_the_page_renders_with_all_its_charts(seen: tuple[str, str]) -> None:
    dom, _ = seen
    assert len(re.findall(r'<svg class="chart[ "]', dom)) >= 7
    assert "What moved monthly recurring revenue" in dom
    assert "No data yet" not in dom


def test_the_console_stays_silent(seen: tuple[str, str]) -> None:
    _, log = seen
    assert "CONSOLE" not in log


def test_hostile_text_is_shown_and_does_not_become_markup(seen: tuple[str, str]) -> None:
    dom, _ = seen
    assert dom.count("<script") == 1  # ours, which sorts and filters
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in dom
    assert FORMULA in dom.replace("&quot;", '"')


def test_a_console_message_would_have_been_seen(tmp_path: Path) -> None:
    loud = tmp_path / "loud.html"
    loud.write_text("<script>console.error('heard')</script>")
    _, log = browse(loud, tmp_path / "profile", "--dump-dom")
    assert "CONSOLE" in log and "heard" in log


@pytest.mark.parametrize("width", [1320, 500])
def test_the_picture_is_not_blank(page: Path, tmp_path: Path, width: int) -> None:
    picture = tmp_path / "page.png"
    browse(page, tmp_path / "profile", f"--window-size={width},2400", f"--screenshot={picture}")
    content = picture.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(content) > 50_000  # an empty page of this size takes about 10 kB


def test_the_page_prints(page: Path, tmp_path: Path) -> None:
    browse(page, tmp_path / "profile", "--no-pdf-header-footer",
           f"--print-to-pdf={tmp_path / 'page.pdf'}")  # fmt: skip
    content = (tmp_path / "page.pdf").read_bytes()
    assert content.startswith(b"%PDF") and len(content) > 20_000
