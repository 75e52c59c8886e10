"""Faults of play counters."""

from __future__ import annotations

from models.simulation.scenario import Persona, fault, moment, typical_fault


def plays(
    persona: Persona, course: str, *, track: int, count: int, changed_at: int, lived: int
) -> None:
    """A play counter of a track that only this fault has; `lived` plays are its truth."""
    row = persona.scenario.add(
        "audio_usage",
        {
            "id": persona.scenario.new_id(),
            "user_id": persona.user_id,
            "course_code": course,
            "audio_number": str(track),
            "title": None,
            "no_of_plays": count,
            "created_at": moment(persona.at(0)),
            "updated_at": moment(changed_at or persona.at(3)),
        },
    )
    persona.scenario.tell(
        "listening",
        user_id=persona.user_id,
        course_code=course,
        audio_number=str(track),
        plays=lived,
        counter_reset_at=moment(changed_at) if changed_at else None,
    )
    persona.plant("audio_usage", row["id"])


@typical_fault
def plays_counter_fell(persona: Persona) -> None:
    """40 plays of each of five tracks that are 2 from the day after the opening: a reinstall."""
    fell = persona.scenario.until > persona.scenario.opened
    reset = persona.scenario.opened + 60 if fell else 0
    for track in range(1, 6):
        plays(
            persona,
            "H23ENB",
            track=track,
            count=2 if fell else 40,
            changed_at=reset,
            lived=42 if fell else 40,
        )


@fault
def plays_negative(persona: Persona) -> None:
    """A play counter below zero."""
    plays(persona, "C14ENB", track=1, count=-3, changed_at=0, lived=0)
