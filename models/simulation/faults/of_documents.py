"""Faults of documents, logs and free text."""

from __future__ import annotations

from typing import Any

from models.simulation.catalogue import md5
from models.simulation.faults.of_people import profile_fault
from models.simulation.faults.plot import Plot, Row, Victim, fault, moment, typical_fault, unseen
from models.simulation.faults.stories import price_at, tell_receipt
from models.simulation.parameters import DAY

COURSES, PURCHASES, LOGS = "custom_courses", "custom_course_purchases", "app_logs"
DELIVERED = '{"audio_files": [{"number": "1", "seconds": 900}], "scripts": [], "workbooks": []}'


def custom_audio(plot: Plot, victim: Victim, data: str, **values: Any) -> str:
    """A custom audio with its sale and its truth; returns the course's id."""
    at = victim.at(1)
    course: Row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "course_code": "X99ENB",
        "title": "Custom audio",
        "description": "",
        "data": data,
        "checksum": md5(data),
        "file_size_bytes": len(data.encode()),
        "created_at": moment(at),
        "updated_at": moment(at if data == "{}" else victim.at(2)),
    } | values
    plot.add(COURSES, course)
    sale: Row = {
        "id": plot.new_id(),
        "course_id": course["id"],
        "purchase_id": plot.order(f"custom {plot.counter}"),
        "purchase_token": plot.token(f"custom {plot.counter}"),
        "source": victim.store,
        "link_token": plot.new_id(),
        "is_submitted": data != "{}",
        "status": "active",
        "created_at": moment(at),
        "updated_at": moment(at),
    }
    plot.add(PURCHASES, sale)
    tell_receipt(plot, PURCHASES, sale["id"], victim, at, paid=price_at("x99enb", at))
    plot.tell(
        "deliveries",
        custom_course_id=course["id"],
        user_id=victim.user_id,
        is_test=False,
        purchased_at=moment(at),
        submitted_at=moment(at) if sale["is_submitted"] else None,
        reopened_at=None,
        resubmitted_at=None,
        delivered_at=moment(victim.at(2)) if "number" in data else None,
    )
    return str(course["id"])


def document_fault(plot: Plot, data: str, **values: Any) -> None:
    """One custom course whose document is the fault."""
    victim = plot.victim()
    plot.plant(COURSES, custom_audio(plot, victim, data, **values), victim.user_id)


@typical_fault
def placeholder_for_months(plot: Plot) -> None:
    """A custom audio bought and submitted that is still a placeholder months later."""
    victim = plot.victim()
    custom_audio(plot, victim, "{}")
    sale = plot.added[PURCHASES][-1]
    sale["is_submitted"] = True
    plot.truth["deliveries"][-1]["submitted_at"] = moment(victim.at(1))
    plot.plant(PURCHASES, sale["id"], victim.user_id)


@fault
def checksum_wrong(plot: Plot) -> None:
    """A digest of something else."""
    document_fault(plot, DELIVERED, checksum=md5("something else"))


@fault
def json_with_equal_keys(plot: Plot) -> None:
    """A document that names its audio files twice."""
    document_fault(plot, DELIVERED.replace("{", '{"audio_files": [], ', 1))


@fault
def json_of_wrong_shape(plot: Plot) -> None:
    """A list where an object belongs."""
    document_fault(plot, '["audio_files"]')


@fault
def link_token_shared(plot: Plot) -> None:
    """Two sales whose links are the same."""
    for _ in range(2):
        victim = plot.victim()
        custom_audio(plot, victim, DELIVERED)
        sale = plot.added[PURCHASES][-1]
        sale["link_token"] = plot.token("shared")
        plot.plant(PURCHASES, sale["id"], victim.user_id)


def log(plot: Plot, log_type: str, message: str | None, **values: Any) -> None:
    """One entry of the client's log."""
    victim = plot.victim()
    at = moment(victim.at(1))
    row: Row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "log_type": log_type,
        "message": message,
        "origin": "app",
        "created_at": at,
        "updated_at": at,
    } | values
    plot.plant(LOGS, str(plot.add(LOGS, row)["id"]), victim.user_id)


@unseen("Both spellings are documented, and read as one.")
@typical_fault
def log_type_plural(plot: Plot) -> None:
    """A report under the plural spelling."""
    log(plot, "user_reports", "Course Download Problems: plural")


@typical_fault
def log_clock_ahead(plot: Plot) -> None:
    """A client whose clock is three days ahead of the opening's last second."""
    ahead = moment(plot.opened + 3 * DAY)
    log(plot, "user_action", "Opened shop", created_at=ahead, updated_at=ahead)


@unseen("Entries from before the sign-in have no user, as the app means it.")
@fault
def log_without_user(plot: Plot) -> None:
    """An entry of nobody."""
    log(plot, "error", "Unhandled exception before sign-in", user_id=None)


@fault
def log_type_unknown(plot: Plot) -> None:
    """An entry of a type that is not documented."""
    log(plot, "telemetry", "tick")


@unseen("Messages never leave the source.")
@fault
def email_in_message(plot: Plot) -> None:
    """An address inside a message."""
    log(plot, "authentication", "Sign-in of canary.person@example.org failed")


@unseen("Messages never leave the source.")
@fault
def message_with_formula(plot: Plot) -> None:
    """A message that a spreadsheet would run."""
    log(plot, "user_report", '=HYPERLINK("http://example.org","Other: click")')


@unseen("Text is what its author typed; reports clean what they show.")
@fault
def text_with_control_characters(plot: Plot) -> None:
    """A tab, a line end and a bell in a source of leads."""
    profile_fault(plot, lead_source="Pod\tcast\n\x07")


@unseen("Text is what its author typed.")
@typical_fault
def text_with_emoji(plot: Plot) -> None:
    """Emoji, of several code points each."""
    profile_fault(plot, lead_source="TikTok \U0001f9d8\u200d\u2640\ufe0f\U0001f44d\U0001f3fd")


@unseen("Text is what its author typed.")
@fault
def text_right_to_left(plot: Plot) -> None:
    """Hebrew with an override mark."""
    profile_fault(plot, lead_source="\u202e\u05d4\u05d9\u05e4\u05e0\u05d5\u05d6\u05d4")


@unseen("Text is what its author typed; exports defuse it.")
@fault
def text_with_formula(plot: Plot) -> None:
    """A text that a spreadsheet would run."""
    profile_fault(plot, lead_source='=HYPERLINK("http://example.org","click")')


@unseen("Text is what its author typed; pages escape it.")
@fault
def text_with_script(plot: Plot) -> None:
    """A text that a browser would run."""
    profile_fault(plot, lead_source="<script>alert(1)</script>", first_name="<script>")
