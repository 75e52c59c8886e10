"""What a run did, step by step, as one JSON file: home/runs/<run_id>.json."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import ChecksFailed, HypnomartError
from pipelines.settings import Settings

KEPT_RECORDS = 400  # more than a year of daily runs
A_DAY = 86_400  # seconds


def record_path(settings: Settings, run_id: str) -> Path:
    """Where the record of a run lies."""
    return settings.runs_dir / f"{run_id}.json"


def forget_old_records(settings: Settings) -> None:
    """Keep the records of the newest runs, and nothing of one that was killed while it wrote."""
    for unfinished in settings.runs_dir.glob("*.tmp"):
        if time.time() - unfinished.stat().st_mtime > A_DAY:  # no other process writes it
            unfinished.unlink(missing_ok=True)
    for path in sorted(_records(settings), key=lambda path: -path.stat().st_mtime)[KEPT_RECORDS:]:
        path.unlink(missing_ok=True)


def read_record(settings: Settings, run_id: str) -> dict[str, Any]:
    """The record of a run: run_id, started_at, status, steps; an empty one if there is none yet."""
    if record := _load(record_path(settings, run_id)):
        return record
    return {"run_id": run_id, "started_at": _now(), "status": "running", "steps": {}}


def last_record(settings: Settings) -> dict[str, Any] | None:
    """The record of the run that was started last, or None before the first. Reports alone, or one
    that was mistyped, are no run."""
    records = [
        record
        for path in _records(settings)
        if (record := _load(path)) and set(record["steps"]) != {"report"}
    ]
    return max(records, key=lambda record: str(record["started_at"]), default=None)


@contextmanager
def recorded_step(settings: Settings, run_id: str, step: str) -> Iterator[dict[str, Any]]:
    """Record a step's start, end, outcome and whatever the block puts into the yielded details.

    The record's status follows: `<step> done`, `failed`, or `refused` where the checks said so. One
    that is `published` stays so: what fails or follows later leaves the publication as it is.
    """
    details: dict[str, Any] = {}
    entry: dict[str, Any] = {"started_at": _now(), "status": "running"}
    _write_step(settings, run_id, step, entry)
    try:
        yield details
    except BaseException as error:
        # another's exception may quote values of the source: its kind must do
        reason = str(error) if isinstance(error, HypnomartError) else type(error).__name__
        entry |= {"status": "failed", "finished_at": _now(), "error": reason} | details
        _write_step(settings, run_id, step, entry)
        set_status(settings, run_id, "refused" if isinstance(error, ChecksFailed) else "failed")
        raise
    entry |= {"status": "done", "finished_at": _now()} | details
    _write_step(settings, run_id, step, entry)
    set_status(settings, run_id, f"{step} done")


def set_status(settings: Settings, run_id: str, status: str) -> None:
    """Set how far a run has come; `published` is final."""
    record = read_record(settings, run_id)
    if record["status"] != "published":
        record |= {"status": status, "finished_at": _now()}
        _write(settings, run_id, record)


def _records(settings: Settings) -> list[Path]:
    return sorted(settings.runs_dir.glob("*.json"))


def _load(path: Path) -> dict[str, Any] | None:
    """A record as it was written; none for a file that a crash or a person left in pieces."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    parts = {"run_id", "started_at", "status", "steps"}
    return record if isinstance(record, dict) and parts <= record.keys() else None


def _write_step(settings: Settings, run_id: str, step: str, entry: dict[str, Any]) -> None:
    record = read_record(settings, run_id)
    record["steps"][step] = entry
    _write(settings, run_id, record)


def _write(settings: Settings, run_id: str, record: dict[str, Any]) -> None:
    path = record_path(settings, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=2, default=str), encoding="utf-8")
    temporary.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
