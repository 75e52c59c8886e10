"""What the URL of a server says, whatever somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class ServerUrl:
    """Its parts, unquoted; all empty for text that is no URL."""

    scheme: str = ""
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = ""


def server_url(text: str) -> ServerUrl:
    """The parts of scheme://user:password@host:port."""
    try:
        parts = urlsplit(text)
        return ServerUrl(
            parts.scheme,
            parts.hostname or "",
            parts.port,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )
    except ValueError:
        return ServerUrl()
