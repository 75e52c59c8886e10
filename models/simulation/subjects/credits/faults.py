"""Faults of balances: what does not match packs, resets in the past, a refund of what was used."""

from __future__ import annotations

from typing import Any

from models.simulation.parameters import DAY
from models.simulation.scenario import Kinds, Persona, moment
from models.simulation.subjects.receipts.steps import pack

KINDS = Kinds()
USAGE = "ai_usage"


def changed_usage(persona: Persona, **values: Any) -> None:
    """One user's balance, changed."""
    persona.spoil(USAGE, day=1, **values)


# credits that no pack explains
KINDS.enter("bank_without_pack", changed_usage, bank_limit_credits=2_500, typical=True)
KINDS.enter(  # by far more than a turn
    "weekly_used_above_limit", changed_usage, weekly_limit_credits=600, weekly_used_credits=25_000
)
KINDS.enter("bank_used_above_limit", changed_usage, bank_limit_credits=0, bank_used_credits=9_000)
KINDS.enter("reset_missing", changed_usage, weekly_limit_credits=600, weekly_reset_date=None)
KINDS.enter(
    "reset_in_the_past",
    lambda p: changed_usage(p, weekly_reset_date=moment(p.scenario.opened - 200 * DAY)),
)


@KINDS.fault()
def bank_below_packs(persona: Persona) -> None:
    """A pack that never reached the bank."""
    pack(persona, 1, name="only")
    persona.change(USAGE, bank_limit_credits=0)
    persona.plant(USAGE)


@KINDS.fault()
def bank_counter_fell(persona: Persona) -> None:
    """A bank total that was 500 used and is 20 from the first day after the opening."""
    used = 20 if persona.knows(persona.scenario.opened) else 500
    changed_usage(persona, bank_limit_credits=5_000, bank_used_credits=used)


@KINDS.fault(
    unseen="A refund is no fault; what it claws back of used credits is the next lot's debt."
)
def refund_of_used_credits(persona: Persona) -> None:
    """A pack of which 3,000 credits are used on the day after the opening, refunded two days later
    with the bank, and another pack half a day after."""
    opened, truth = persona.scenario.opened, persona.scenario.truth
    used, refunded, again = opened + DAY // 2, opened + 5 * DAY // 2, opened + 3 * DAY
    first = pack(persona, 1, name="first")
    lot = truth["credit_lots"][-1]
    if persona.knows(used):
        lot |= {"consumed_credits": 3_000, "remaining_credits": 1_000}
        date = moment(used).date()
        persona.tell("credits_daily", date=date, weekly_credits=0, bank_credits=3_000)
        persona.change(USAGE, bank_used_credits=3_000, updated_at=moment(used))
    if persona.knows(refunded):
        at = moment(refunded)
        first |= {"status": "refunded", "updated_at": at}
        truth["receipts"][-1]["refunded_at"] = at
        lot |= {"refunded_at": at, "revoked_credits": 1_000, "remaining_credits": 0}
        persona.change(USAGE, bank_limit_credits=0, updated_at=at)
    if persona.knows(again):
        pack(persona, (again - persona.at(0)) / DAY, name="second")
        truth["credit_lots"][-1] |= {"debt_credits": 3_000, "remaining_credits": 1_000}
    persona.plant(USAGE)
