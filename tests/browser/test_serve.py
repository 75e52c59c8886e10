"""The web interface as a page of another origin meets it, in a real browser and by plain HTTP."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.orchestration.serve import LOOPBACK, WORKSPACE, serve_command

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
PROJECT = Path(__file__).resolve().parents[2]
DEFINITIONS = """
import dagster as dg
@dg.schedule(cron_schedule="0 0 * * *", target=dg.AssetSelection.all(), name="nightly")
def nightly(): return {}
@dg.asset
def one(): ...
defs = dg.Definitions(assets=[one], schedules=[nightly])
"""
QUERY = "{version}"
# The other value of what a fresh instance has.
MUTATION = "mutation{setAutoMaterializePaused(paused:false)}"
# Each way in that a page has without asking first, and those for which it has to ask.
PAGE = """<!doctype html><title>waiting</title><body><script>
const target = "http://%(place)s";
const told = {};
const tried = (name, work) => work.then(
    (answer) => { told[name] = answer; }, () => { told[name] = "refused"; });
const socket = new Promise((resolve, reject) => {
    const it = new WebSocket(target.replace("http", "ws") + "/graphql", "graphql-ws");
    it.onopen = () => resolve("open");
    it.onerror = reject;
});
const image = new Promise((resolve, reject) => {
    const it = new Image();
    it.onload = () => resolve("loaded"); it.onerror = reject; it.src = target + "/favicon.png";
});
const body = JSON.stringify({query: "%(query)s"});
Promise.all([
    tried("json", fetch(target + "/graphql", {method: "POST", body: body,
        headers: {"content-type": "application/json"}}).then((r) => r.text())),
    tried("plain", fetch(target + "/graphql", {method: "POST", body: body}).then((r) => r.text())),
    tried("get", fetch(target + "/graphql?query=%(query)s").then((r) => r.text())),
    tried("blind", fetch(target + "/graphql?query=%(mutation)s", {mode: "no-cors"})
        .then((r) => r.text())),
    tried("socket", socket),
    tried("image", image),
]).then(() => { document.title = "done"; document.body.textContent = JSON.stringify(told); });
</script>"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """`hypnomart serve`'s own command, on definitions that load at once."""
    folder = tmp_path_factory.mktemp("serve") / "a [b]* c"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("concurrency: {runs: {max_concurrent_runs: 3}}\n")
    (folder / "small.py").write_text(DEFINITIONS)
    number = free_port()
    command = serve_command(number)
    at = command.index(str(WORKSPACE))
    command[at - 1 : at + 1] = ["-f", str(folder / "small.py")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, "DAGSTER_HOME": str(folder), "DAGSTER_DISABLE_TELEMETRY": "1"},
            cwd=PROJECT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        for _ in range(1200):  # a busy machine takes its time
            if process.poll() is not None or answers(number):
                break
            time.sleep(0.5)
        assert answers(number), (folder / "log").read_text()[-3000:]
        yield number
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(120)  # a busy machine takes its time
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def answers(number: int) -> bool:
    try:
        return ask(number, "GET", "/server_info")[0] == 200
    except OSError:
        return False


def ask(
    number: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, str]:
    connection = http.client.HTTPConnection(LOOPBACK, number, timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def test_plain_requests_pass_by_their_headers(port: int) -> None:
    question = json.dumps({"query": QUERY})
    fetch = {"Content_Type": "application/json"}
    status, text = ask(port, "POST", "/graphql", question, **fetch)
    assert status == 200 and json.loads(text)["data"]["version"]
    assert ask(port, "GET", "/")[0] == 200
    assert ask(port, "GET", "/", Host="evil.example")[0] == 403
    assert ask(port, "GET", f"/graphql?query={QUERY}")[0] == 403
    mutation = "mutation%20{launchRun(executionParams:{}){__typename}}"
    assert ask(port, "GET", f"/graphql?query={mutation}", Host="evil.example")[0] == 403
    assert ask(port, "POST", "/graphql", question, Origin="http://evil.example", **fetch)[0] == 403
    assert ask(port, "POST", "/graphql", question, Content_Type="text/plain")[0] == 403
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Protocol": "graphql-ws",
    }  # fmt: skip
    assert ask(port, "GET", "/graphql", Origin="http://evil.example", **upgrade)[0] == 403


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium browser is installed")
def test_a_page_of_another_origin_reaches_nothing(port: int, tmp_path: Path) -> None:
    page = PAGE % {"place": f"{LOOPBACK}:{port}", "query": QUERY, "mutation": MUTATION}

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    before = is_paused(port)
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        dom = subprocess.run(
            [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-dev-shm-usage",
             f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000",
             "--dump-dom", f"http://{LOOPBACK}:{server.server_port}/"],
            capture_output=True, text=True, timeout=120,
        ).stdout  # fmt: skip
        server.shutdown()
    told = json.loads(dom.split("<body>")[1].split("</body>")[0].replace("&quot;", '"'))
    # what is asked blindly is opaque to the page, whatever was answered: the server's state tells
    assert told.pop("blind") in ("", "refused")
    assert told == dict.fromkeys(("json", "plain", "get", "socket", "image"), "refused")
    assert is_paused(port) == before


def test_the_configuration_is_that_of_home_whatever_its_path(port: int) -> None:
    assert instance(port, "runQueueConfig { maxConcurrentRuns }") == {"maxConcurrentRuns": 3}


def is_paused(port: int) -> bool:
    return bool(instance(port, "autoMaterializePaused"))


def instance(port: int, what: str) -> Any:
    question = json.dumps({"query": f"{{ instance {{ {what} }} }}"})
    text = ask(port, "POST", "/graphql", question, Content_Type="application/json")[1]
    return json.loads(text)["data"]["instance"][what.split()[0]]
