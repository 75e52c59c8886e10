"""One message by SMTP: the summary as its text, the PDFs attached."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from reports.deliver.channels import Mailbox
from reports.deliver.message import Message

TIMEOUT_SECONDS = 30
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NoEncryption(Exception):
    """The server offers no encryption, and a password would cross the network."""


def mail(mailbox: Mailbox, message: Message, *, attachments: Sequence[Path]) -> str:
    """Send the message to all recipients at once; returns how it went. Raises what smtplib does."""
    letter = EmailMessage()
    letter["Subject"] = message.title
    letter["From"] = mailbox.sender
    letter["To"] = ", ".join(mailbox.recipients)
    # the same publication has the same id, so that a mailbox that got it twice shows it once
    letter["Message-ID"] = f"<{message.day}.{message.run_id}@hypnomart>"
    letter.set_content(message.text)
    for path in attachments:
        letter.add_attachment(
            path.read_bytes(), maintype="application", subtype="pdf", filename=path.name
        )
    with _connected(mailbox) as server:
        if mailbox.user:
            server.login(mailbox.user, mailbox.password)
        server.send_message(letter)
    return f"{len(mailbox.recipients)} recipients, {len(attachments)} attachments"


def _connected(mailbox: Mailbox) -> smtplib.SMTP:
    """A connection, encrypted where the server can; where it cannot, no password is sent."""
    context = ssl.create_default_context()
    if mailbox.is_tls:
        return smtplib.SMTP_SSL(
            mailbox.host, mailbox.port, timeout=TIMEOUT_SECONDS, context=context
        )
    server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=TIMEOUT_SECONDS)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
    elif mailbox.user and mailbox.host not in LOOPBACK:
        server.close()
        raise NoEncryption
    return server
