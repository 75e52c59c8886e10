"""Faults of balances: what does not match packs, resets in the past."""

from __future__ import annotations

from models.simulation.parameters import DAY
from models.simulation.scenario import Persona, fault, moment, typical_fault
from models.simulation.subjects.receipts.steps import pack

USAGE = "ai_usage"


def changed_usage(persona: Persona, **values: object) -> None:
    """One user's balance, changed."""
    persona.change(USAGE, updated_at=moment(persona.at(1)), **values)
    persona.plant(USAGE, persona.usage_id)


@typical_fault
def bank_without_pack(persona: Persona) -> None:
    """Credits in the bank that no pack explains."""
    changed_usage(persona, bank_limit_credits=2_500)


@fault
def bank_below_packs(persona: Persona) -> None:
    """A pack that never reached the bank."""
    pack(persona, 1, name="only")
    persona.change(USAGE, bank_limit_credits=0)
    persona.plant(USAGE, persona.usage_id)


@fault
def weekly_used_above_limit(persona: Persona) -> None:
    """More used than the week allowed, by far more than a turn."""
    changed_usage(persona, weekly_limit_credits=600, weekly_used_credits=25_000)


@fault
def bank_used_above_limit(persona: Persona) -> None:
    """More used than was ever bought."""
    changed_usage(persona, bank_limit_credits=0, bank_used_credits=9_000)


@fault
def reset_in_the_past(persona: Persona) -> None:
    """A next reset that passed long ago."""
    changed_usage(persona, weekly_reset_date=moment(persona.scenario.opened - 200 * DAY))


@fault
def reset_missing(persona: Persona) -> None:
    """An allowance without a next reset."""
    changed_usage(persona, weekly_limit_credits=600, weekly_reset_date=None)


@fault
def bank_counter_fell(persona: Persona) -> None:
    """A bank total that was 500 used and is 20 from the first day after the opening."""
    changed_usage(
        persona,
        bank_limit_credits=5_000,
        bank_used_credits=500 if persona.scenario.until <= persona.scenario.opened else 20,
    )
