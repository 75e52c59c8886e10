"""What the last attempt did, step by step: home/last_run.json, which `status` tells.

Dagster's store is the ledger of runs. It takes seconds to load, and knows nothing of steps that
were run alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from models.errors import ChecksFailed, HypnomartError
from pipelines.base.settings import Settings

# What may also be done by itself, beside a run, and then is no attempt at a publication.
FOLLOWING = ("report", "deliver")


def last_run(settings: Settings) -> dict[str, Any] | None:
    """The last attempt: run_id, started_at, status, steps; none before the first, or where a crash
    or a person left the file in pieces."""
    try:
        record = json.loads(settings.last_run.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    parts = {"run_id", "started_at", "status", "steps"}
    return record if isinstance(record, dict) and parts <= record.keys() else None


@contextmanager
def recorded_step(settings: Settings, run_id: str, *, step: str) -> Iterator[dict[str, Any]]:
    """Record a step's start, end, outcome and whatever the block puts into the yielded details.

    The record's status follows: `<step> done`, `failed`, or `refused` where the checks said so. One
    that is `published` stays so: what fails or follows later leaves the publication as it is.
    """
    details: dict[str, Any] = {}
    if step in FOLLOWING and _record(settings, run_id)["status"] == "new":
        yield details
        return
    entry: dict[str, Any] = {"started_at": _now(), "status": "running"}
    _write_step(settings, run_id, step=step, entry=entry, status="running")
    try:
        yield details
    except BaseException as error:
        # another's exception may quote values of the source: its kind must do
        reason = str(error) if isinstance(error, HypnomartError) else type(error).__name__
        entry |= {"status": "failed", "finished_at": _now(), "error": reason} | details
        refused = isinstance(error, ChecksFailed)
        _write_step(
            settings, run_id, step=step, entry=entry, status="refused" if refused else "failed"
        )
        raise
    entry |= {"status": "done", "finished_at": _now()} | details
    status = "published" if step == "publish" else f"{step} done"
    _write_step(settings, run_id, step=step, entry=entry, status=status)


def _record(settings: Settings, run_id: str) -> dict[str, Any]:
    """The record of a run, where it is the last one; else a new one."""
    record = last_run(settings)
    if record and record["run_id"] == run_id:
        return record
    return {"run_id": run_id, "started_at": _now(), "status": "new", "steps": {}}


def _write_step(
    settings: Settings, run_id: str, *, step: str, entry: dict[str, Any], status: str
) -> None:
    record = _record(settings, run_id)
    record["steps"][step] = entry
    if record["status"] != "published":
        record |= {"status": status, "finished_at": _now()}
    unfinished = settings.last_run.with_suffix(".new")
    unfinished.write_text(json.dumps(record, indent=2, default=str), encoding="utf-8")
    unfinished.replace(settings.last_run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
