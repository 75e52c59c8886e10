"""The settings of the delivery of reports, read from what the environment gives."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.errors import BadConfiguration
from pipelines.base.server_urls import server_url
from reports.deliver.channels import Channels, Mailbox

ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
SMTP = {"smtp": 587, "smtps": 465}


def is_store(text: str) -> bool:
    """Whether reports go to a store by URL, from a folder in home, and not to a folder."""
    return re.match(r"[a-z][a-z0-9+.-]*://", text) is not None and not text.startswith("file://")


def shown_store(url: str) -> str:
    """A store's URL without a password, which may hold a slash, and without what follows ?."""
    without = re.sub(r"(://[^/@:]*):.*@", r"\1:***@", url)
    return re.sub(r"\?.*", "?***", without)


def reports_keep(text: str | None) -> int | None:
    """How many days of reports stay; None is all."""
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", text.strip()):
        raise BadConfiguration(
            f"HYPNOMART_REPORTS_KEEP is {text!r}; write how many days stay, 1 to 9999."
        )
    return int(text)


def channels(value: Mapping[str, str]) -> Channels:
    """Where reports go. Raises BadConfiguration, which repeats no URL."""
    reports = value.get("HYPNOMART_REPORTS", "")
    if is_store(reports) and (unfit := [one for one in reports if not one.isprintable()]):
        raise BadConfiguration(f"HYPNOMART_REPORTS holds {unfit[0]!a}; write it without.")
    return Channels(
        store=reports if is_store(reports) else None,
        mailbox=_mailbox(value),
        webhook=_webhook(value.get("HYPNOMART_WEBHOOK_URL")),
    )


def _webhook(text: str | None) -> str | None:
    if text and not (re.match(r"https?://[^/\s]", text) and text.isprintable()):
        raise BadConfiguration("HYPNOMART_WEBHOOK_URL does not start with https:// or http://.")
    return text


def _mailbox(value: Mapping[str, str]) -> Mailbox | None:
    names = ("HYPNOMART_SMTP_URL", "HYPNOMART_MAIL_FROM", "HYPNOMART_MAIL_TO")
    given = [name for name in names if name in value]
    if not given:
        return None
    if missing := [name for name in names if name not in value]:
        raise BadConfiguration(f"{given[0]} is set, {' and '.join(missing)} not: mail needs all.")
    server, sender, recipients = (value[name].strip() for name in names)
    people = tuple(part.strip() for part in recipients.split(",") if part.strip())
    for name, address in (
        ("HYPNOMART_MAIL_FROM", sender),
        *(("HYPNOMART_MAIL_TO", a) for a in people),
    ):
        if not ADDRESS.fullmatch(address):
            raise BadConfiguration(f"{name}: {address!r} is no address; write name@example.com.")
    url = server_url(server)
    if url.scheme not in SMTP or not url.host:
        raise BadConfiguration(
            "HYPNOMART_SMTP_URL is none; write it as smtp://user:password@host:587, or smtps://."
        )
    return Mailbox(
        url.host,
        url.port or SMTP[url.scheme],
        url.scheme == "smtps",
        sender,
        people,
        url.user,
        url.password,
    )
