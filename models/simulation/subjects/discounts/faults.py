"""Faults of codes, referrals, rewards and discounts."""

from __future__ import annotations

from models.simulation.catalogue import CODE_AT, code_id_texts
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY
from models.simulation.prices import MONEY
from models.simulation.scenario import Persona, fault, moment, typical_fault, unseen, usd
from models.simulation.subjects.people.faults import profile_fault
from models.simulation.subjects.subscriptions.faults import plain_month

PROFILE, CREDITS = "user_profile", "referral_credits"


@typical_fault
def code_unknown(persona: Persona) -> None:
    """A code that nobody has."""
    profile_fault(persona, referred_by_code="UNOBODY9")


@typical_fault
def self_referral(persona: Persona) -> None:
    """One's own code, in small letters."""
    persona.change(PROFILE, referred_by_code=persona.code.lower())
    persona.plant(PROFILE, persona.user_id)


@fault
def referral_cycle(persona: Persona) -> None:
    """Two people, each with the other's code."""
    one, other = persona.pair()
    for who, by in ((one, other), (other, one)):
        who.change(PROFILE, referred_by_code=by.code)
        who.plant(PROFILE, who.user_id)


def referred_pair(
    persona: Persona, status: str, *, paid_day: float | None
) -> tuple[Persona, Persona]:
    """(referrer, referred) with the truth of the edge; `paid_day` begins a paid month."""
    parent, child = persona.pair()
    child.change(PROFILE, referred_by_code=parent.code)
    paid = None
    if paid_day is not None:
        plain_month(child, child.at(paid_day))
        paid = moment(child.at(paid_day))
    persona.scenario.tell(
        "referral_edges",
        referred_user_id=child.user_id,
        referrer_user_id=parent.user_id,
        root_user_id=parent.user_id,
        depth=1,
        signed_up_at=moment(child.signup),
        delay_days=(child.signup - parent.signup) / DAY,
        is_test=False,
        first_premium_at=paid,
        reward_status=status,
    )
    return parent, child


def reward(parent: Persona, child: Persona, *, day: float) -> str:
    """A credit for the referrer; returns its id."""
    at, expires = moment(child.at(day)), child.at(day) + 365 * DAY
    row = {
        "id": parent.scenario.new_id(),
        "user_id": parent.user_id,
        "referred_user_id": child.user_id,
        "amount": "1.00",
        "source": "user_referral",
        "expires_at": moment(expires),
        "used_at": None,
        "created_at": at,
        "updated_at": at,
    }
    parent.scenario.tell(
        "referral_rewards",
        user_id=parent.user_id,
        is_test=False,
        amount_usd=usd(MONEY),
        earned_at=at,
        used_at=None,
        expired_at=moment(expires) if expires <= parent.scenario.until else None,
    )
    return str(parent.scenario.add(CREDITS, row)["id"])


@typical_fault
def reward_doubled(persona: Persona) -> None:
    """Two rewards for one referred subscriber."""
    parent, child = referred_pair(persona, "duplicate", paid_day=3)
    reward(parent, child, day=3)
    parent.plant(CREDITS, reward(parent, child, day=4))


@fault
def reward_without_premium(persona: Persona) -> None:
    """A reward for somebody who never subscribed."""
    parent, child = referred_pair(persona, "ineligible", paid_day=None)
    parent.plant(CREDITS, reward(parent, child, day=3))


def referred_by_code(persona: Persona, code: str | None) -> None:
    """A rewarded referral whose referrer has another code from the day after the opening."""
    parent, child = referred_pair(persona, "paid", paid_day=3)
    reward(parent, child, day=3)
    if persona.scenario.until > persona.scenario.opened:
        changed = moment(persona.scenario.opened + 60)
        parent.change(PROFILE, referral_code=code, updated_at=changed)
    parent.plant(PROFILE, parent.user_id)


@unseen("A code may change: whom it brought stays brought by its owner of that time.")
@fault
def code_replaced(persona: Persona) -> None:
    """A referrer's code that is another one from the day after the opening."""
    referred_by_code(persona, f"U{persona.scenario.digest('code').hex()[:6].upper()}")


@unseen("A code may go: whom it brought stays brought by its owner of that time.")
@fault
def code_deleted(persona: Persona) -> None:
    """A referrer's code that is gone from the day after the opening."""
    referred_by_code(persona, None)


@fault
def reward_missing(persona: Persona) -> None:
    """A referred subscriber for whom nobody was rewarded."""
    _, child = referred_pair(persona, "missing", paid_day=3)
    child.plant(PROFILE, child.user_id)


def discount(persona: Persona, code: str, *, used_days: float | None) -> None:
    """An assignment, used so many days after it."""
    at = persona.at(1)
    used = None if used_days is None else moment(at + round(used_days * DAY))
    row = {
        "id": persona.scenario.new_id(),
        "user_id": persona.user_id,
        "discount_code_id": code_id_texts(Draws(persona.scenario.seed))[CODE_AT[code]],
        "assigned_at": moment(at),
        "expires_at": moment(at + 7 * DAY),
        "used_at": used,
        "purchase_id": None,
        "created_at": moment(at),
        "updated_at": used or moment(at),
    }
    persona.scenario.tell(
        "discount_assignments",
        user_id=persona.user_id,
        is_test=False,
        discount_code=code,
        assigned_at=moment(at),
        expires_at=moment(at + 7 * DAY),
        used_at=used,
        outcome="lapsed" if used is None else "used",
        receipt_id=None,
        discount_usd=None,
    )
    persona.plant("user_discounts", str(persona.scenario.add("user_discounts", row)["id"]))


@typical_fault
def discount_used_after_expiry(persona: Persona) -> None:
    """A discount used two days after it had lapsed."""
    discount(persona, "CCF05", used_days=9)


@fault
def discount_of_another_cohort(persona: Persona) -> None:
    """A cohort's discount in the hands of somebody outside it."""
    discount(persona, "SBF02", used_days=None)
