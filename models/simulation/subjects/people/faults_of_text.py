"""Free text that is hard to show, and no fault of a row."""

from __future__ import annotations

from models.simulation.scenario import Persona, fault, typical_fault, unseen
from models.simulation.subjects.people.faults import profile_fault


@unseen("Text is what its author typed; reports clean what they show.")
@fault
def text_with_control_characters(persona: Persona) -> None:
    """A tab, a line end and a bell in a source of leads."""
    profile_fault(persona, lead_source="Pod\tcast\n\x07")


@unseen("Text is what its author typed.")
@typical_fault
def text_with_emoji(persona: Persona) -> None:
    """Emoji, of several code points each."""
    profile_fault(persona, lead_source="TikTok \U0001f9d8\u200d\u2640\ufe0f\U0001f44d\U0001f3fd")


@unseen("Text is what its author typed.")
@fault
def text_right_to_left(persona: Persona) -> None:
    """Hebrew with an override mark."""
    profile_fault(persona, lead_source="\u202e\u05d4\u05d9\u05e4\u05e0\u05d5\u05d6\u05d4")


@unseen("Text is what its author typed; exports defuse it.")
@fault
def text_with_formula(persona: Persona) -> None:
    """A text that a spreadsheet would run."""
    profile_fault(persona, lead_source='=HYPERLINK("http://example.org","click")')


@unseen("Text is what its author typed; pages escape it.")
@fault
def text_with_script(persona: Persona) -> None:
    """A text that a browser would run."""
    profile_fault(persona, lead_source="<script>alert(1)</script>", first_name="<script>")
