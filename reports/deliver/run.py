"""Deliver a day's reports to every channel that is set.

Off until set. A channel that fails is tried again, then told of, and stops nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.deliver.channels import Channels
from reports.deliver.mailing import mail
from reports.deliver.message import Message
from reports.deliver.store import copy_day
from reports.deliver.webhook import call

WAITS = (1.0, 5.0, 25.0)  # seconds between the tries


@dataclass(frozen=True)
class Outcome:
    """How a channel fared: `error` is empty where it got the reports."""

    channel: str
    detail: str
    error: str = ""


def deliver(
    channels: Channels,
    day: Path,
    *,
    message: Message,
    told: frozenset[str] = frozenset(),
    keep: int | None = None,
    waits: Sequence[float] = WAITS,
) -> list[Outcome]:
    """Bring the reports of the folder `day` to every channel, one after the other.

    `told`: channels that heard of this publication already; people are told once. `keep`: the days
    that stay in the store.
    """
    outcomes = []
    if url := channels.store:
        outcomes.append(_tried("store", lambda: copy_day(day, url, keep=keep), waits=waits))
    attached = sorted(day.glob("*.pdf"))
    return outcomes + tell(channels, message, attached=attached, told=told, waits=waits)


def tell(
    channels: Channels,
    message: Message,
    *,
    attached: Sequence[Path] = (),
    told: frozenset[str] = frozenset(),
    waits: Sequence[float] = WAITS,
) -> list[Outcome]:
    """Send a message to the people who get reports, by the channels that are not among `told`."""
    ways: dict[str, Callable[[], str]] = {}
    if (mailbox := channels.mailbox) and "mail" not in told:
        ways["mail"] = lambda: mail(mailbox, message, attachments=attached)
    if (hook := channels.webhook) and "webhook" not in told:
        ways["webhook"] = lambda: call(hook, message)
    return [_tried(channel, way, waits=waits) for channel, way in ways.items()]


def _tried(channel: str, way: Callable[[], str], *, waits: Sequence[float]) -> Outcome:
    """The outcome of the first try that succeeds, or of the last one."""
    for wait in (*waits, None):
        try:
            return Outcome(channel, way())
        except Exception as error:  # a store's driver raises what it likes
            if wait is None:
                return Outcome(channel, "", reason(error))
            time.sleep(wait)
    raise AssertionError("the last try returns")


def reason(error: Exception) -> str:
    """What went wrong in one line; the text of errors that may quote a password stays out."""
    words = str(getattr(error, "strerror", "") or "") if isinstance(error, OSError) else ""
    if isinstance(error, ImportError):  # fsspec names what to install, Python what it lacks
        words = f"{error.name} is not installed" if error.name else str(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
