"""Faults of profiles and cohorts."""

from __future__ import annotations

from models.simulation.catalogue import COHORT_AT, cohort_id_texts
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY
from models.simulation.scenario import Scenario, fault, moment, typical_fault, unseen

PROFILE = "user_profile"


def profile_fault(scenario: Scenario, **values: object) -> None:
    """One profile, changed."""
    persona = scenario.persona()
    scenario.change(PROFILE, persona.user_id, updated_at=moment(persona.at(0)), **values)
    persona.plant(PROFILE, persona.user_id)


@fault
def cohort_reassigned(scenario: Scenario) -> None:
    """A member of one arm who is in another from the first day after the opening."""
    persona = scenario.persona()
    ids = cohort_id_texts(Draws(scenario.seed))
    moved = scenario.until > scenario.opened
    row = {
        "id": scenario.new_id(),
        "user_id": persona.user_id,
        "cohort_id": ids[COHORT_AT["ISLEEP1" if moved else "ICLINIC"]],
        "created_at": moment(persona.at(0)),
        "updated_at": moment(scenario.opened + 90 if moved else persona.at(20)),
    }
    persona.plant("user_cohorts", str(scenario.add("user_cohorts", row)["id"]))


@typical_fault
def profile_rekeyed(scenario: Scenario) -> None:
    """A profile under a new account, its other rows orphaned under the old one.

    The old account is cleaned up five days after the opening.
    """
    persona = scenario.persona()
    fresh = scenario.new_id()
    scenario.add(
        "auth.users",
        {
            "id": fresh,
            "email": f"{scenario.digest('mail').hex()[:12]}@example.org",
            "created_at": moment(persona.at(30)),
            "email_confirmed_at": moment(persona.at(30)),
        },
    )
    scenario.change(PROFILE, persona.user_id, user_id=fresh, updated_at=moment(persona.at(30)))
    scenario.add(
        "subscriptions",
        {
            "id": scenario.new_id(),
            "user_id": fresh,
            "plan": "free",
            "auto_renew": False,
            "created_at": moment(persona.at(30)),
            "updated_at": moment(persona.at(30)),
        },
    )
    if scenario.until > scenario.opened + 5 * DAY:
        scenario.removed.append(persona.user_id)
    persona.plant("ai_usage", persona.usage_id)


@fault
def subscription_row_missing(scenario: Scenario) -> None:
    """A user without a subscriptions row, not even a free one."""
    persona = scenario.persona()
    scenario.drop("subscriptions", persona.subscription_id)
    persona.plant(PROFILE, persona.user_id)


@unseen("Addresses never leave the source.")
@fault
def email_in_capitals(scenario: Scenario) -> None:
    """An address that is not in small letters."""
    profile_fault(scenario, email=f"{scenario.digest('mail').hex()[:12].upper()}@EXAMPLE.ORG")


@unseen("A user need not say a country: read as unknown.")
@fault
def country_blank(scenario: Scenario) -> None:
    """A country that is only blanks."""
    profile_fault(scenario, country="   ")


@fault
def role_unknown(scenario: Scenario) -> None:
    """A role that is none of the three."""
    profile_fault(scenario, role="superuser")
