"""Faults of made-to-order audio: documents, links, placeholders."""

from __future__ import annotations

from typing import Any

from models.simulation.catalogue import md5
from models.simulation.scenario import Kinds, Persona, Row, moment
from models.simulation.subjects.custom_audio.rows import DELIVERED, PLACEHOLDER
from models.simulation.subjects.receipts.steps import price_at, tell_receipt

KINDS = Kinds()
COURSES, PURCHASES = "custom_courses", "custom_course_purchases"


def custom_audio(persona: Persona, data: str, **values: Any) -> tuple[Row, Row]:
    """A custom audio, its form sent, with its truth: (course, sale). `values` are the course's."""
    at, scenario = persona.at(1), persona.scenario
    stamps = {"created_at": moment(at), "updated_at": moment(at)}
    texts: Row = {"course_code": "X99ENB", "title": "Custom audio", "description": ""}
    file: Row = {"data": data, "checksum": md5(data), "file_size_bytes": len(data.encode())}
    if data != PLACEHOLDER:
        file["updated_at"] = moment(persona.at(2))
    course = persona.add(COURSES, **(texts | stamps | file | values))
    sale_id, number = scenario.new_id(), scenario.counter
    sale = scenario.add(
        PURCHASES,
        {
            "id": sale_id,
            "course_id": course["id"],
            "purchase_id": persona.order(f"custom {number}"),
            "purchase_token": persona.token(f"custom {number}"),
            "source": persona.store,
            "link_token": scenario.new_id(),
            "is_submitted": True,
            "status": "active",
            **stamps,
        },
    )
    tell_receipt(persona, PURCHASES, row_id=sale_id, at=at, paid=price_at("x99enb", at))
    persona.tell(
        "deliveries",
        custom_course_id=course["id"],
        purchased_at=moment(at),
        submitted_at=moment(at),
        delivered_at=moment(persona.at(2)) if "number" in data else None,
    )
    return course, sale


def document_fault(persona: Persona, data: str, **values: Any) -> None:
    """One custom course whose document is the fault."""
    course, _ = custom_audio(persona, data, **values)
    persona.plant(COURSES, course["id"])


KINDS.enter("checksum_wrong", document_fault, data=DELIVERED, checksum=md5("something else"))
KINDS.enter(  # its audio files twice
    "json_with_equal_keys", document_fault, data=DELIVERED.replace("{", '{"audio_files": [], ', 1)
)
KINDS.enter("json_of_wrong_shape", document_fault, data='["audio_files"]')


@KINDS.fault(typical=True)
def placeholder_for_months(persona: Persona) -> None:
    """A custom audio bought and submitted that is still a placeholder months later."""
    _, sale = custom_audio(persona, PLACEHOLDER)
    persona.plant(PURCHASES, sale["id"])


@KINDS.fault()
def link_token_shared(persona: Persona) -> None:
    """Two sales whose links are the same."""
    for each in persona, persona.scenario.persona():
        _, sale = custom_audio(each, DELIVERED)
        sale["link_token"] = persona.token("shared")
        each.plant(PURCHASES, sale["id"])
