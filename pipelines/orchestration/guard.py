"""What stands between browsers and Dagster's webserver, which asks nobody who they are.

A page of any site may send requests to this machine: by a name that it points here (Host), or by
the address itself (Origin, Sec-Fetch-Site). Only the interface's own pages are let through, and
programs that are no browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
GRAPHQL = "/graphql"


class Guard:
    """An ASGI application that refuses what comes from elsewhere with 403 and one sentence."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(  # noqa: PLR0917 - as ASGI calls it
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif reason := refusal(scope):
            await _refuse(scope, reason, send=send)
        else:
            await self.app(scope, receive, _unframed(send))


def refusal(scope: Scope) -> str | None:
    """Why a request is refused; None where it may pass."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    if any(len(headers.get(name, [])) > 1 for name in ("host", "origin", "content-type")):
        return "a header is given twice"
    first = {name: values[0].strip().lower() for name, values in headers.items()}
    host = first.get("host", "")
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if (name if port.isdigit() else host) not in OWN_NAMES:
        return "the Host header names another machine"
    if (origin := first.get("origin")) is not None and origin != f"http://{host}":
        return "the request comes from a page of another origin"
    if first.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        is_link = first.get("sec-fetch-mode") == "navigate"
        is_page = first.get("sec-fetch-dest") == "document" and scope.get("method") == "GET"
        if not (is_link and is_page) or scope["path"].startswith(GRAPHQL):
            return "the request comes from a page of another site"
    if scope["type"] == "http" and scope["path"].rstrip("/") == GRAPHQL:
        return _graphql_refusal(scope, first)
    return None


def _graphql_refusal(scope: Scope, first: dict[str, str]) -> str | None:
    """GraphQL is asked by POST in JSON, which no page of another site can send unasked."""
    if scope["method"] == "POST":
        is_json = first.get("content-type", "").partition(";")[0].strip() == "application/json"
        return None if is_json else "GraphQL is asked in application/json"
    if parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True):
        return "GraphQL is asked by POST"
    return None


async def _refuse(scope: Scope, reason: str, *, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = f"Refused: {reason}. Open http://localhost and the port that hypnomart serve names.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


def _unframed(send: Send) -> Send:
    """No page of another site shows the interface inside its own."""

    async def framed_by_nobody(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"x-frame-options", b"SAMEORIGIN")]
        await send(message)

    return framed_by_nobody
