"""Which requests pass the guard of the web interface."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pipelines.orchestration.guard import Guard, refusal

OWN = {"host": "127.0.0.1:3000"}
JSON = {"content-type": "application/json"}


def scope(
    headers: dict[str, str], *, path: str = "/runs", method: str = "GET", query: str = ""
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


@pytest.mark.parametrize(
    "request_",
    [
        scope(OWN),
        scope({"host": "localhost:8080"}),
        scope({"host": "[::1]:3000"}),
        scope({"host": "[::1]"}),
        scope(OWN | {"origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-origin"}),
        scope(OWN | JSON, path="/graphql", method="POST"),
        scope(OWN | {"content-type": "application/json; charset=utf-8"}, path="/graphql",
              method="POST"),
        scope(OWN, path="/graphql"),
        # a link in a message
        scope(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
                     "sec-fetch-dest": "document"}),
    ],
)  # fmt: skip
def test_own_pages_and_programs_pass(request_: dict[str, Any]) -> None:
    assert refusal(request_) is None


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (scope({}), "Host"),
        (scope({"host": "evil.example:3000"}), "Host"),
        (scope({"host": "evil.example"}), "Host"),
        (scope({"host": "127.0.0.1.evil.example:3000"}), "Host"),
        (scope({"host": "evil.example:127.0.0.1"}), "Host"),
        (scope({"host": ""}), "Host"),
        (scope(OWN | {"origin": "http://evil.example"}), "origin"),
        (scope(OWN | {"origin": "null"}), "origin"),
        (scope(OWN | {"origin": "http://127.0.0.1:9999"}), "origin"),
        (scope(OWN | {"origin": "http://localhost:3000"}), "origin"),
        (scope(OWN | JSON | {"origin": "http://evil.example"}, path="/graphql", method="POST"),
         "origin"),
        (scope(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors",
                      "sec-fetch-dest": "image"}), "another site"),
        (scope(OWN | {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}), "another site"),
        (scope(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
                      "sec-fetch-dest": "iframe"}), "another site"),
        (scope(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
                      "sec-fetch-dest": "document"}, path="/graphql"), "another site"),
        (scope(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
                      "sec-fetch-dest": "document"}, method="POST"), "another site"),
        (scope(OWN, path="/graphql", query="query=mutation{x}"), "by POST"),
        (scope(OWN, path="/graphql/", query="query"), "by POST"),
        (scope(OWN | {"content-type": "text/plain"}, path="/graphql", method="POST"), "json"),
        (scope(OWN | {"content-type": "application/x-www-form-urlencoded"}, path="/graphql",
               method="POST"), "json"),
        (scope(OWN, path="/graphql", method="POST"), "json"),
        ({**scope(OWN), "headers": [(b"host", b"localhost:1"), (b"host", b"evil.example")]},
         "twice"),
    ],
)  # fmt: skip
def test_what_comes_from_elsewhere_is_refused(request_: dict[str, Any], told: str) -> None:
    assert told in (refusal(request_) or "")


def asked(request_: dict[str, Any]) -> list[MutableMapping[str, Any]]:
    """What the guard answers; the application behind it says 200."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError

    async def app(_: Any, __: Any, answer: Any) -> None:
        await answer({"type": "http.response.start", "status": 200, "headers": []})

    asyncio.run(Guard(app)(request_, receive, send))
    return sent


def test_a_refusal_never_reaches_the_application() -> None:
    start, body = asked(scope({"host": "evil.example"}))
    assert start["status"] == 403 and b"names another machine" in body["body"]
    (closed,) = asked({**scope(OWN | {"origin": "http://evil.example"}), "type": "websocket"})
    assert closed == {"type": "websocket.close", "code": 1008}
    (passed,) = asked(scope(OWN))
    assert passed["status"] == 200
    assert (b"x-frame-options", b"SAMEORIGIN") in passed["headers"]
