"""The last step of a run: reports go where the settings say; what fails stops nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from reports.deliver.channels import Channels
from reports.deliver.message import message_of
from reports.deliver.run import Outcome, deliver
from reports.published import open_published


def deliver_step(
    settings: Settings, run_id: str, *, progress: Callable[[str], None]
) -> list[Outcome]:
    """Deliver the newest day's reports; mail and webhook once for each publication."""
    if settings.channels == Channels():
        return []
    with recorded_step(settings, run_id, step="deliver") as details:
        with open_published(settings.published) as published:
            message = message_of(published)
        outcomes = deliver(
            settings.channels,
            settings.reports_dir / message.day.isoformat(),
            message=message,
            told=_told(settings, message.run_id),
            keep=settings.reports_keep,
        )
        for one in outcomes:
            progress(f"{one.channel}: {one.error or one.detail}")
        details["delivered"] = {one.channel: one.error or one.detail for one in outcomes}
        _remember(settings, message.run_id, outcomes=outcomes)
    return outcomes


def _told(settings: Settings, published_run: str) -> frozenset[str]:
    """The channels that were told of a publication before."""
    try:
        found = json.loads(_memory(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found["channels"]) if found.get("run_id") == published_run else frozenset()


def _remember(settings: Settings, published_run: str, *, outcomes: list[Outcome]) -> None:
    told = _told(settings, published_run) | {one.channel for one in outcomes if not one.error}
    unfinished = _memory(settings).with_suffix(".new")
    unfinished.write_text(json.dumps({"run_id": published_run, "channels": sorted(told)}))
    unfinished.replace(_memory(settings))


def _memory(settings: Settings) -> Path:
    return settings.home / "delivered.json"
