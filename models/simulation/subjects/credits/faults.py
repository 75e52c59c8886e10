"""Faults of balances: what does not match packs, resets in the past."""

from __future__ import annotations

from models.simulation.parameters import DAY
from models.simulation.scenario import Scenario, fault, moment, typical_fault
from models.simulation.subjects.receipts.steps import pack

USAGE = "ai_usage"


def changed_usage(scenario: Scenario, **values: object) -> None:
    """One user's balance, changed."""
    persona = scenario.persona()
    scenario.change(USAGE, persona.user_id, updated_at=moment(persona.at(1)), **values)
    persona.plant(USAGE, persona.usage_id)


@typical_fault
def bank_without_pack(scenario: Scenario) -> None:
    """Credits in the bank that no pack explains."""
    changed_usage(scenario, bank_limit_credits=2_500)


@fault
def bank_below_packs(scenario: Scenario) -> None:
    """A pack that never reached the bank."""
    persona = scenario.persona()
    pack(persona, 1, "only")
    scenario.change(USAGE, persona.user_id, bank_limit_credits=0)
    persona.plant(USAGE, persona.usage_id)


@fault
def weekly_used_above_limit(scenario: Scenario) -> None:
    """More used than the week allowed, by far more than a turn."""
    changed_usage(scenario, weekly_limit_credits=600, weekly_used_credits=25_000)


@fault
def bank_used_above_limit(scenario: Scenario) -> None:
    """More used than was ever bought."""
    changed_usage(scenario, bank_limit_credits=0, bank_used_credits=9_000)


@fault
def reset_in_the_past(scenario: Scenario) -> None:
    """A next reset that passed long ago."""
    changed_usage(scenario, weekly_reset_date=moment(scenario.opened - 200 * DAY))


@fault
def reset_missing(scenario: Scenario) -> None:
    """An allowance without a next reset."""
    changed_usage(scenario, weekly_limit_credits=600, weekly_reset_date=None)


@fault
def bank_counter_fell(scenario: Scenario) -> None:
    """A bank total that was 500 used and is 20 from the first day after the opening."""
    changed_usage(
        scenario,
        bank_limit_credits=5_000,
        bank_used_credits=500 if scenario.until <= scenario.opened else 20,
    )
