"""Whether a server's fault may pass by itself, told by the words of libpq, psycopg or DuckDB."""

from __future__ import annotations

DROPPED = (
    "server closed the connection",
    "terminating connection",
    "connection not open",
    "no connection to the server",
    "connection has been closed",
    "could not receive data",
    "could not send data",
    "lost synchronization",
    "starting up",
    "shutting down",
    "connection reset",
    "broken pipe",
    "eof detected",
    "too many clients",
    "too many connections",
    "remaining connection slots",
)
UNANSWERED = (
    "connection refused",
    "timeout expired",
    "no route to host",
    "network is unreachable",
    "not currently accepting connections",
    "temporary failure in name resolution",
)


def is_dropped(words: str) -> bool:
    """Whether the connection, not the work, failed."""
    return any(sign in words.lower() for sign in DROPPED)


def can_pass(words: str) -> bool:
    """Whether the connection failed, or nobody answered; not a wrong name, login or right."""
    return is_dropped(words) or any(sign in words.lower() for sign in UNANSWERED)
