"""Where reports may go; each is off until set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mailbox:
    """A server, its login, and who writes to whom. `is_tls`: encrypted from the first byte."""

    host: str
    port: int
    is_tls: bool
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Channels:
    """Where reports go: a store's URL, a mailbox, a webhook's URL; None is nowhere."""

    store: str | None = field(default=None, repr=False)
    mailbox: Mailbox | None = field(default=None, repr=False)
    webhook: str | None = field(default=None, repr=False)
