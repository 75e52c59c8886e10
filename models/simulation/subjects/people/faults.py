"""Faults of profiles and cohorts."""

from __future__ import annotations

from models.simulation.catalogue import COHORT_AT, cohort_id_texts
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY
from models.simulation.scenario import Persona, fault, moment, typical_fault, unseen

PROFILE = "user_profile"


def profile_fault(persona: Persona, **values: object) -> None:
    """One profile, changed."""
    persona.change(PROFILE, updated_at=moment(persona.at(0)), **values)
    persona.plant(PROFILE, persona.user_id)


@fault
def cohort_reassigned(persona: Persona) -> None:
    """A member of one arm who is in another from the first day after the opening."""
    ids = cohort_id_texts(Draws(persona.scenario.seed))
    moved = persona.scenario.until > persona.scenario.opened
    row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "cohort_id": ids[COHORT_AT["ISLEEP1" if moved else "ICLINIC"]],
        "created_at": moment(persona.at(0)),
        "updated_at": moment(persona.scenario.opened + 90 if moved else persona.at(20)),
    }
    persona.plant("user_cohorts", str(persona.scenario.add("user_cohorts", row)["id"]))


@typical_fault
def profile_rekeyed(persona: Persona) -> None:
    """A profile under a new account, its other rows orphaned under the old one.

    The old account is cleaned up five days after the opening.
    """
    fresh = persona.scenario.new_id()
    persona.scenario.add(
        "auth.users",
        {
            "id": fresh,
            "email": f"{persona.scenario.digest('mail').hex()[:12]}@example.org",
            "created_at": moment(persona.at(30)),
            "email_confirmed_at": moment(persona.at(30)),
        },
    )
    persona.change(PROFILE, user_id=fresh, updated_at=moment(persona.at(30)))
    persona.scenario.add(
        "subscriptions",
        {
            "id": persona.scenario.new_id(),
            "user_id": fresh,
            "plan": "free",
            "auto_renew": False,
            "created_at": moment(persona.at(30)),
            "updated_at": moment(persona.at(30)),
        },
    )
    if persona.scenario.until > persona.scenario.opened + 5 * DAY:
        persona.scenario.removed.append(persona.user_id)
    persona.plant("ai_usage", persona.usage_id)


@fault
def subscription_row_missing(persona: Persona) -> None:
    """A user without a subscriptions row, not even a free one."""
    persona.scenario.drop("subscriptions", persona.subscription_id)
    persona.plant(PROFILE, persona.user_id)


@unseen("Addresses never leave the source.")
@fault
def email_in_capitals(persona: Persona) -> None:
    """An address that is not in small letters."""
    profile_fault(
        persona, email=f"{persona.scenario.digest('mail').hex()[:12].upper()}@EXAMPLE.ORG"
    )


@unseen("A user need not say a country: read as unknown.")
@fault
def country_blank(persona: Persona) -> None:
    """A country that is only blanks."""
    profile_fault(persona, country="   ")


@fault
def role_unknown(persona: Persona) -> None:
    """A role that is none of the three."""
    profile_fault(persona, role="superuser")
