"""`hypnomart serve` in a test: a process of its own, asked as Dagster's interface asks it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.base.settings import Settings
from pipelines.orchestration.serve import LOOPBACK

HYPNOMART = Path(sys.executable).with_name("hypnomart")
PATIENCE = 600  # seconds, on a busy machine
OVER = {"SUCCESS", "FAILURE", "CANCELED"}
REPOSITORIES = (
    "{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"
)
LAUNCH = """
mutation($params: ExecutionParams!) {
    launchRun(executionParams: $params) {
        __typename
        ... on LaunchRunSuccess { run { runId } }
        ... on PythonError { message }
        ... on InvalidSubsetError { message }
        ... on RunConfigValidationInvalid { errors { message } }
    }
}
"""
BACKFILL = """
mutation($params: LaunchBackfillParams!) {
    launchPartitionBackfill(backfillParams: $params) {
        __typename
        ... on LaunchBackfillSuccess { backfillId }
        ... on PythonError { message }
    }
}
"""
BACKFILLED = """
query($id: String!) { partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status numPartitions }
} }
"""
RAN = """
query($run: ID!) { runOrError(runId: $run) { ... on Run {
    stepStats { startTime endTime } eventConnection(limit: 3000) { events { __typename } }
} } }
"""
FRESHNESS = """
query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) {
    ... on AssetNode { freshnessStatusInfo { freshnessStatus } }
} }
"""
START_SENSOR = """
mutation($selector: SensorSelector!) { startSensor(sensorSelector: $selector) { __typename } }
"""
TERMINATE = "mutation($run: String!) { terminateRun(runId: $run) { __typename } }"
STATUS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
TOLD = """
query($run: ID!) {
    runOrError(runId: $run) {
        ... on Run {
            assetMaterializations { assetKey { path } }
            assetCheckExecutions: eventConnection(limit: 3000) {
                events { __typename ... on AssetCheckEvaluationEvent { evaluation { checkName } } }
            }
        }
    }
}
"""


def environment_of(settings: Settings) -> dict[str, str]:
    """What a process needs to work on these settings."""
    return {
        **os.environ,
        "HYPNOMART_HOME": str(settings.home),
        "HYPNOMART_REPORTS": str(settings.reports_dir),
        "HYPNOMART_SOURCE_URL": str(settings.source_url),
        "HYPNOMART_WEBHOOK_URL": settings.channels.webhook or "",
    }


def until(is_so: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come in {seconds:.0f} s")


@dataclass(frozen=True)
class Served:
    """A running interface and the process that serves it."""

    port: int
    process: subprocess.Popen[bytes]

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            told = json.load(answer)
        assert "errors" not in told, told
        return told["data"]

    def launch(
        self, assets: Sequence[str] = (), checks: Sequence[tuple[str, str]] = (), job: str = ""
    ) -> str:
        """Launch assets and (asset, check)s, or a job; the run's id."""
        selector = {**self.repository(), "jobName": job or "__ASSET_JOB"}
        if not job:
            selector["assetSelection"] = [{"path": asset.split("/")} for asset in assets]
            selector["assetCheckSelection"] = [
                {"assetKey": {"path": asset.split("/")}, "name": name} for asset, name in checks
            ]
        params = {"mode": "default", "selector": selector, "runConfigData": {}}
        launched = self.ask(LAUNCH, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def repository(self) -> dict[str, Any]:
        """What is served, as selectors name it."""
        (found,) = self.ask(REPOSITORIES)["repositoriesOrError"]["nodes"]
        return {
            "repositoryName": found["name"], "repositoryLocationName": found["location"]["name"],
        }  # fmt: skip

    def switch_on(self, sensor: str) -> None:
        """Have a sensor look from now on."""
        selector = {**self.repository(), "sensorName": sensor}
        answer = self.ask(START_SENSOR, selector=selector)["startSensor"]
        assert answer["__typename"] == "Sensor", answer

    def status(self, run_id: str) -> str:
        """The status of a run."""
        return str(self.ask(STATUS, run=run_id)["runOrError"]["status"])

    def ended(self, run_id: str) -> str:
        """The status of a run once it is over."""
        until(lambda: self.status(run_id) in OVER, f"the end of run {run_id}")
        return self.status(run_id)

    def told(self, run_id: str) -> tuple[set[str], set[str]]:
        """The assets that a run made, and the checks that it told."""
        run = self.ask(TOLD, run=run_id)["runOrError"]
        made = {"/".join(one["assetKey"]["path"]) for one in run["assetMaterializations"]}
        events = run["assetCheckExecutions"]["events"]
        checks = {one["evaluation"]["checkName"] for one in events if "evaluation" in one}
        return made, checks

    def ran(self, run_id: str) -> tuple[float, float, set[str]]:
        """When a run's steps began and ended, and the kinds of its events."""
        run = self.ask(RAN, run=run_id)["runOrError"]
        kinds = {event["__typename"] for event in run["eventConnection"]["events"]}
        begun = [step["startTime"] for step in run["stepStats"] if step["startTime"]]
        ended = [step["endTime"] for step in run["stepStats"] if step["endTime"]]
        return min(begun, default=0), max(ended, default=0), kinds

    def backfill(self, asset: str, partitions: Sequence[str]) -> str:
        """Launch the partitions of an asset; the status once the back-fill is over."""
        params = {
            "assetSelection": [{"path": asset.split("/")}], "partitionNames": list(partitions),
        }  # fmt: skip
        launched = self.ask(BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched

        def over() -> str | None:
            told = self.ask(BACKFILLED, id=launched["backfillId"])["partitionBackfillOrError"]
            assert told["numPartitions"] == len(partitions)
            return str(told["status"]) if told["status"] not in ("REQUESTED", "CANCELING") else None

        return str(until(over, "the end of the back-fill"))

    def freshness(self, asset: str) -> str | None:
        """What an asset's freshness policy says."""
        key = {"path": asset.split("/")}
        info = self.ask(FRESHNESS, key=key)["assetNodeOrError"]["freshnessStatusInfo"]
        return info and str(info["freshnessStatus"])

    def terminate(self, run_id: str) -> None:
        """What the button does."""
        answer = self.ask(TERMINATE, run=run_id)["terminateRun"]
        assert answer["__typename"] == "TerminateRunSuccess", answer


@contextmanager
def served(settings: Settings, log: Path) -> Iterator[Served]:
    """`hypnomart serve` on these settings until the block ends, stopped by SIGINT; called where
    another project has a package of our package's name."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = int(probe.getsockname()[1])
    foreign = log.with_name("foreign")
    (foreign / "pipelines").mkdir(parents=True)
    (foreign / "pipelines" / "__init__.py").write_text("1 / 0")
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(HYPNOMART), "serve", "--port", str(port)],
            env=environment_of(settings), stdout=file, stderr=file, cwd=foreign,
        )  # fmt: skip
    one = Served(port, process)
    try:
        until(lambda: _answers(one), "the interface")
        yield one
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def _answers(one: Served) -> bool:
    assert one.process.poll() is None, "the interface ended by itself"
    try:
        return bool(one.ask(REPOSITORIES)["repositoriesOrError"]["nodes"])
    except OSError:
        return False
