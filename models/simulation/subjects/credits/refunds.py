"""A refund of credits that were used."""

from __future__ import annotations

from models.simulation.parameters import DAY
from models.simulation.scenario import Persona, fault, moment, unseen
from models.simulation.subjects.credits.faults import USAGE
from models.simulation.subjects.receipts.steps import pack


@unseen("A refund is no fault; what it claws back of used credits is the next lot's debt.")
@fault
def refund_of_used_credits(persona: Persona) -> None:
    """A pack of which 3,000 credits are used on the day after the opening, refunded two days later
    with the bank, and another pack half a day after."""
    opened = persona.scenario.opened
    used, refunded, again = opened + DAY // 2, opened + 5 * DAY // 2, opened + 3 * DAY
    first = pack(persona, 1, name="first")
    lot = persona.scenario.truth["credit_lots"][-1]
    if persona.scenario.until > used:
        lot |= {"consumed_credits": 3_000, "remaining_credits": 1_000}
        persona.scenario.tell(
            "credits_daily",
            user_id=persona.user_id,
            date=moment(used).date(),
            weekly_credits=0,
            bank_credits=3_000,
        )
        persona.change(USAGE, bank_used_credits=3_000, updated_at=moment(used))
    if persona.scenario.until > refunded:
        at = moment(refunded)
        first |= {"status": "refunded", "updated_at": at}
        persona.scenario.truth["receipts"][-1]["refunded_at"] = at
        lot |= {"refunded_at": at, "revoked_credits": 1_000, "remaining_credits": 0}
        persona.change(USAGE, bank_limit_credits=0, updated_at=at)
    if persona.scenario.until > again:
        pack(persona, (again - persona.at(0)) / DAY, name="second")
        persona.scenario.truth["credit_lots"][-1] |= {
            "debt_credits": 3_000,
            "remaining_credits": 1_000,
        }
    persona.plant(USAGE, persona.usage_id)
