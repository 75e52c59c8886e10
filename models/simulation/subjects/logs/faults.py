"""Faults of log entries."""

from __future__ import annotations

from typing import Any

from models.simulation.parameters import DAY
from models.simulation.scenario import Persona, Row, fault, moment, typical_fault, unseen
from models.simulation.subjects.custom_audio.faults import LOGS


def log(persona: Persona, log_type: str, *, message: str | None, **values: Any) -> None:
    """One entry of the client's log."""
    at = moment(persona.at(1))
    row: Row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "log_type": log_type,
        "message": message,
        "origin": "app",
        "created_at": at,
        "updated_at": at,
    } | values
    persona.plant(LOGS, str(persona.scenario.add(LOGS, row)["id"]))


@unseen("Both spellings are documented, and read as one.")
@typical_fault
def log_type_plural(persona: Persona) -> None:
    """A report under the plural spelling."""
    log(persona, "user_reports", message="Course Download Problems: plural")


@typical_fault
def log_clock_ahead(persona: Persona) -> None:
    """A client whose clock is three days ahead of the opening's last second."""
    ahead = moment(persona.scenario.opened + 3 * DAY)
    log(persona, "user_action", message="Opened shop", created_at=ahead, updated_at=ahead)


@unseen("Entries from before the sign-in have no user, as the app means it.")
@fault
def log_without_user(persona: Persona) -> None:
    """An entry of nobody."""
    log(persona, "error", message="Unhandled exception before sign-in", user_id=None)


@fault
def log_type_unknown(persona: Persona) -> None:
    """An entry of a type that is not documented."""
    log(persona, "telemetry", message="tick")


@unseen("Messages never leave the source.")
@fault
def email_in_message(persona: Persona) -> None:
    """An address inside a message."""
    log(persona, "authentication", message="Sign-in of canary.person@example.org failed")


@unseen("Messages never leave the source.")
@fault
def message_with_formula(persona: Persona) -> None:
    """A message that a spreadsheet would run."""
    log(persona, "user_report", message='=HYPERLINK("http://example.org","Other: click")')
