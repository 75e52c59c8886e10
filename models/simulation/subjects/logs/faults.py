"""Faults of log entries."""

from __future__ import annotations

from typing import Any

from models.simulation.parameters import DAY
from models.simulation.scenario import Row, Scenario, fault, moment, typical_fault, unseen
from models.simulation.subjects.custom_audio.faults import LOGS


def log(scenario: Scenario, log_type: str, message: str | None, **values: Any) -> None:
    """One entry of the client's log."""
    persona = scenario.persona()
    at = moment(persona.at(1))
    row: Row = {
        "id": scenario.new_id(),
        "user_id": persona.user_id,
        "log_type": log_type,
        "message": message,
        "origin": "app",
        "created_at": at,
        "updated_at": at,
    } | values
    persona.plant(LOGS, str(scenario.add(LOGS, row)["id"]))


@unseen("Both spellings are documented, and read as one.")
@typical_fault
def log_type_plural(scenario: Scenario) -> None:
    """A report under the plural spelling."""
    log(scenario, "user_reports", "Course Download Problems: plural")


@typical_fault
def log_clock_ahead(scenario: Scenario) -> None:
    """A client whose clock is three days ahead of the opening's last second."""
    ahead = moment(scenario.opened + 3 * DAY)
    log(scenario, "user_action", "Opened shop", created_at=ahead, updated_at=ahead)


@unseen("Entries from before the sign-in have no user, as the app means it.")
@fault
def log_without_user(scenario: Scenario) -> None:
    """An entry of nobody."""
    log(scenario, "error", "Unhandled exception before sign-in", user_id=None)


@fault
def log_type_unknown(scenario: Scenario) -> None:
    """An entry of a type that is not documented."""
    log(scenario, "telemetry", "tick")


@unseen("Messages never leave the source.")
@fault
def email_in_message(scenario: Scenario) -> None:
    """An address inside a message."""
    log(scenario, "authentication", "Sign-in of canary.person@example.org failed")


@unseen("Messages never leave the source.")
@fault
def message_with_formula(scenario: Scenario) -> None:
    """A message that a spreadsheet would run."""
    log(scenario, "user_report", '=HYPERLINK("http://example.org","Other: click")')
