"""One POST of JSON that chat programs and automations take: `text`, and the parts of it."""

from __future__ import annotations

import json
import urllib.request

from reports.deliver.message import Message

TIMEOUT_SECONDS = 15


def call(url: str, message: Message) -> str:
    """Tell the webhook; returns its answer's status. Raises URLError for an answer from 400 on.

    The URL is http or https, as the settings have made sure.
    """
    body = {
        "text": f"{message.title}\n{message.text}",
        "day": message.day.isoformat(),
        "run_id": message.run_id,
        "title": message.title,
        "lines": list(message.lines),
    }
    request = urllib.request.Request(  # noqa: S310 - the settings refuse other schemes
        url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(  # noqa: S310  # nosec B310
        request, timeout=TIMEOUT_SECONDS
    ) as answer:
        return f"answered {answer.status}"
