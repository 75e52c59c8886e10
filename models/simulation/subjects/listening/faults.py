"""Faults of play counters, of tracks that only these faults have."""

from __future__ import annotations

from models.simulation.scenario import Kinds, Persona, moment

KINDS = Kinds()


def plays(
    persona: Persona, course: str, *, track: int, count: int, lived: int, reset: int | None = None
) -> None:
    """A play counter, begun anew at `reset`; `lived` plays are its truth."""
    of_track = {"course_code": course, "audio_number": str(track)}
    row = persona.add(
        "audio_usage",
        **of_track,
        no_of_plays=count,
        created_at=moment(persona.at(0)),
        updated_at=moment(reset or persona.at(3)),
    )
    counter_reset_at = moment(reset) if reset else None
    persona.tell("listening", **of_track, plays=lived, counter_reset_at=counter_reset_at)
    persona.plant("audio_usage", row["id"])


@KINDS.fault(typical=True)
def plays_counter_fell(persona: Persona) -> None:
    """40 plays of each of five tracks that are 2 from the day after the opening: a reinstall."""
    for track in range(1, 6):
        if persona.knows(persona.scenario.opened):
            reset = persona.scenario.opened + 60
            plays(persona, "H23ENB", track=track, count=2, lived=42, reset=reset)
        else:
            plays(persona, "H23ENB", track=track, count=40, lived=40)


KINDS.enter("plays_negative", plays, course="C14ENB", track=1, count=-3, lived=0)
