"""Faults of profiles and cohorts, and text in them that is hard to show."""

from __future__ import annotations

from typing import Any

from models.simulation.catalogue import COHORT_AT, cohort_id_texts
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY
from models.simulation.scenario import Kinds, Persona, moment

KINDS = Kinds()
PROFILE = "user_profile"


def profile_fault(persona: Persona, **values: Any) -> None:
    """One profile, changed."""
    persona.spoil(PROFILE, **values)


KINDS.enter("role_unknown", profile_fault, role="superuser")
KINDS.enter(
    "country_blank",
    profile_fault,
    country="   ",
    unseen="A user need not say a country: read as unknown.",
)
KINDS.enter(
    "email_in_capitals",
    lambda p: profile_fault(p, email=f"{p.scenario.digest('mail').hex()[:12].upper()}@EXAMPLE.ORG"),
    unseen="Addresses never leave the source.",
)
for name, text, reason in (
    ("with_control_characters", "Pod\tcast\n\x07", "; reports clean what they show"),
    ("right_to_left", "\u202e\u05d4\u05d9\u05e4\u05e0\u05d5\u05d6\u05d4", ""),
    ("with_formula", '=HYPERLINK("http://example.org","click")', "; exports defuse it"),
    ("with_emoji", "TikTok \U0001f9d8\u200d\u2640\ufe0f\U0001f44d\U0001f3fd", ""),
):
    KINDS.enter(
        f"text_{name}",
        profile_fault,
        lead_source=text,
        typical=name == "with_emoji",
        unseen=f"Text is what its author typed{reason}.",
    )
KINDS.enter(
    "text_with_script",
    profile_fault,
    lead_source="<script>alert(1)</script>",
    first_name="<script>",
    unseen="Text is what its author typed; pages escape it.",
)


@KINDS.fault()
def cohort_reassigned(persona: Persona) -> None:
    """A member of one arm who is in another from the first day after the opening."""
    ids = cohort_id_texts(Draws(persona.scenario.seed))
    moved = persona.scenario.until > persona.scenario.opened
    row_id = persona.add(
        "user_cohorts",
        cohort_id=ids[COHORT_AT["ISLEEP1" if moved else "ICLINIC"]],
        created_at=moment(persona.at(0)),
        updated_at=moment(persona.scenario.opened + 90 if moved else persona.at(20)),
    )["id"]
    persona.plant("user_cohorts", row_id)


@KINDS.fault(typical=True)
def profile_rekeyed(persona: Persona) -> None:
    """A profile under a new account, its other rows orphaned under the old one.

    The old account is cleaned up five days after the opening.
    """
    fresh, at = persona.scenario.new_id(), moment(persona.at(30))
    persona.scenario.add(
        "auth.users",
        {
            "id": fresh,
            "email": f"{persona.scenario.digest('mail').hex()[:12]}@example.org",
            "created_at": at,
            "email_confirmed_at": at,
        },
    )
    persona.change(PROFILE, user_id=fresh, updated_at=at)
    free = {"plan": "free", "auto_renew": False, "created_at": at, "updated_at": at}
    persona.add("subscriptions", user_id=fresh, **free)
    if persona.scenario.until > persona.scenario.opened + 5 * DAY:
        persona.scenario.removed.append(persona.user_id)
    persona.plant("ai_usage")


@KINDS.fault()
def subscription_row_missing(persona: Persona) -> None:
    """A user without a subscriptions row, not even a free one."""
    persona.drop("subscriptions")
    persona.plant(PROFILE)
