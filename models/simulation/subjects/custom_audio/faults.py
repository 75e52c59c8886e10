"""Faults of made-to-order audio: documents, links, placeholders."""

from __future__ import annotations

from typing import Any

from models.simulation.catalogue import md5
from models.simulation.scenario import Persona, Row, fault, moment, typical_fault
from models.simulation.subjects.receipts.steps import price_at, tell_receipt

COURSES, PURCHASES, LOGS = "custom_courses", "custom_course_purchases", "app_logs"
DELIVERED = '{"audio_files": [{"number": "1", "seconds": 900}], "scripts": [], "workbooks": []}'


def custom_audio(persona: Persona, data: str, **values: Any) -> str:
    """A custom audio with its sale and its truth; returns the course's id."""
    at = persona.at(1)
    course: Row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "course_code": "X99ENB",
        "title": "Custom audio",
        "description": "",
        "data": data,
        "checksum": md5(data),
        "file_size_bytes": len(data.encode()),
        "created_at": moment(at),
        "updated_at": moment(at if data == "{}" else persona.at(2)),
    } | values
    persona.scenario.add(COURSES, course)
    sale: Row = {
        "id": persona.scenario.new_id(),
        "course_id": course["id"],
        "purchase_id": persona.order(f"custom {persona.scenario.counter}"),
        "purchase_token": persona.token(f"custom {persona.scenario.counter}"),
        "source": persona.store,
        "link_token": persona.scenario.new_id(),
        "is_submitted": data != "{}",
        "status": "active",
        "created_at": moment(at),
        "updated_at": moment(at),
    }
    persona.scenario.add(PURCHASES, sale)
    tell_receipt(persona, PURCHASES, row_id=sale["id"], at=at, paid=price_at("x99enb", at))
    persona.scenario.tell(
        "deliveries",
        custom_course_id=course["id"],
        user_id=persona.user_id,
        is_test=False,
        purchased_at=moment(at),
        submitted_at=moment(at) if sale["is_submitted"] else None,
        reopened_at=None,
        resubmitted_at=None,
        delivered_at=moment(persona.at(2)) if "number" in data else None,
    )
    return str(course["id"])


def document_fault(persona: Persona, data: str, **values: Any) -> None:
    """One custom course whose document is the fault."""
    persona.plant(COURSES, custom_audio(persona, data, **values))


@typical_fault
def placeholder_for_months(persona: Persona) -> None:
    """A custom audio bought and submitted that is still a placeholder months later."""
    custom_audio(persona, "{}")
    sale = persona.scenario.added[PURCHASES][-1]
    sale["is_submitted"] = True
    persona.scenario.truth["deliveries"][-1]["submitted_at"] = moment(persona.at(1))
    persona.plant(PURCHASES, sale["id"])


@fault
def checksum_wrong(persona: Persona) -> None:
    """A digest of something else."""
    document_fault(persona, DELIVERED, checksum=md5("something else"))


@fault
def json_with_equal_keys(persona: Persona) -> None:
    """A document that names its audio files twice."""
    document_fault(persona, DELIVERED.replace("{", '{"audio_files": [], ', 1))


@fault
def json_of_wrong_shape(persona: Persona) -> None:
    """A list where an object belongs."""
    document_fault(persona, '["audio_files"]')


@fault
def link_token_shared(persona: Persona) -> None:
    """Two sales whose links are the same."""
    for each in (persona, persona.scenario.persona()):
        custom_audio(each, DELIVERED)
        sale = persona.scenario.added[PURCHASES][-1]
        sale["link_token"] = persona.token("shared")
        each.plant(PURCHASES, sale["id"])
