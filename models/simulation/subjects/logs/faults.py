"""Faults of log entries, and of a whole log."""

from __future__ import annotations

from typing import Any

import polars as pl

from models.simulation.parameters import DAY
from models.simulation.scenario import Kinds, Persona, moment
from models.simulation.tables import Tables

KINDS = Kinds()
LOGS = "app_logs"
SILENT, SILENT_DAYS = "server_logs", 4  # before the opening, and ever since


def log(persona: Persona, **values: Any) -> None:
    """One entry of the client's log."""
    at = moment(persona.at(1))
    row: dict[str, Any] = {"origin": "app", "created_at": at, "updated_at": at} | values
    persona.plant(LOGS, persona.add(LOGS, **row)["id"])


UNREAD = "Messages never leave the source."
PLURAL = "Both spellings are documented, and read as one."
FORMULA = '=HYPERLINK("http://example.org","Other: click")'
for name, log_type, message, reason in (
    ("log_type_unknown", "telemetry", "tick", ""),
    ("log_type_plural", "user_reports", "Course Download Problems: plural", PLURAL),
    ("email_in_message", "authentication", "Sign-in of canary.person@example.org failed", UNREAD),
    ("message_with_formula", "user_report", FORMULA, UNREAD),
):
    of_a_year = name == "log_type_plural"
    KINDS.enter(name, log, log_type=log_type, message=message, typical=of_a_year, unseen=reason)


@KINDS.fault(unseen="Entries from before the sign-in have no user, as the app means it.")
def log_without_user(persona: Persona) -> None:
    """An error before anybody has signed in."""
    log(persona, log_type="error", message="Unhandled exception before sign-in", user_id=None)


@KINDS.fault(typical=True)
def log_clock_ahead(persona: Persona) -> None:
    """A client whose clock is three days ahead of the opening's last second."""
    ahead = moment(persona.scenario.opened + 3 * DAY)
    log(persona, log_type="user_action", message="Opened shop", created_at=ahead, updated_at=ahead)


@KINDS.fault()
def server_silent(persona: Persona) -> None:
    """The server's log, written every hour, that ends four days before the opening: of nobody, so
    `without_silent` does it."""


def without_silent(rows: Tables, opened: int) -> Tables:
    """The rows of a batch without what the silent table would have told."""
    since = moment(opened - SILENT_DAYS * DAY)
    return rows | {SILENT: rows[SILENT].filter(pl.col("created_at") < since)}
