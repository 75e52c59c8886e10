"""Faults of codes, referrals, rewards and discounts."""

from __future__ import annotations

from models.simulation.catalogue import CODE_AT, code_id_texts
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY
from models.simulation.prices import MONEY
from models.simulation.scenario import Kinds, Persona, moment, usd
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS, REWARD_LIFE_DAYS
from models.simulation.subjects.people.faults import PROFILE, profile_fault
from models.simulation.subjects.subscriptions.steps import plain_month

KINDS = Kinds()
CREDITS = "referral_credits"

KINDS.enter("code_unknown", profile_fault, referred_by_code="UNOBODY9", typical=True)


@KINDS.fault(typical=True)
def self_referral(persona: Persona) -> None:
    """One's own code, in small letters."""
    persona.change(PROFILE, referred_by_code=persona.code.lower())
    persona.plant(PROFILE)


@KINDS.fault()
def referral_cycle(persona: Persona) -> None:
    """Two people, each with the other's code."""
    one, other = persona.pair()
    for who, by in ((one, other), (other, one)):
        who.change(PROFILE, referred_by_code=by.code)
        who.plant(PROFILE)


def referred_pair(persona: Persona, status: str, *, pays: bool = True) -> tuple[Persona, Persona]:
    """(referrer, referred) with the truth of the edge; on day 3 a paid month begins."""
    parent, child = persona.pair()
    child.change(PROFILE, referred_by_code=parent.code)
    if pays:
        plain_month(child, child.at(3))
    child.tell(
        "referral_edges",
        referred_user_id=child.user_id,
        referrer_user_id=parent.user_id,
        root_user_id=parent.user_id,
        depth=1,
        signed_up_at=moment(child.signup),
        delay_days=(child.signup - parent.signup) / DAY,
        first_premium_at=moment(child.at(3)) if pays else None,
        reward_status=status,
    )
    return parent, child


def reward(parent: Persona, child: Persona, *, day: float = 3) -> str:
    """A credit for the referrer; returns its id."""
    at, expires = moment(child.at(day)), child.at(day) + REWARD_LIFE_DAYS * DAY
    expired_at = moment(expires) if parent.scenario.until >= expires else None
    parent.tell("referral_rewards", amount_usd=usd(MONEY), earned_at=at, expired_at=expired_at)
    row = parent.add(
        CREDITS,
        referred_user_id=child.user_id,
        amount="1.00",
        source="user_referral",
        expires_at=moment(expires),
        created_at=at,
        updated_at=at,
    )
    return str(row["id"])


@KINDS.fault(typical=True)
def reward_doubled(persona: Persona) -> None:
    """Two rewards for one referred subscriber."""
    parent, child = referred_pair(persona, "duplicate")
    reward(parent, child)
    parent.plant(CREDITS, reward(parent, child, day=4))


@KINDS.fault()
def reward_without_premium(persona: Persona) -> None:
    """A reward for somebody who never subscribed."""
    parent, child = referred_pair(persona, "ineligible", pays=False)
    parent.plant(CREDITS, reward(parent, child))


def referred_by_code(persona: Persona, code: str | None) -> None:
    """A rewarded referral whose referrer has another code from the day after the opening."""
    parent, child = referred_pair(persona, "paid")
    reward(parent, child)
    if persona.knows(persona.scenario.opened):
        changed = moment(persona.scenario.opened + 60)
        parent.change(PROFILE, referral_code=code, updated_at=changed)
    parent.plant(PROFILE)


KINDS.enter(
    "code_replaced",
    lambda p: referred_by_code(p, f"U{p.scenario.digest('code').hex()[:6].upper()}"),
    unseen="A code may change: whom it brought stays brought by its owner of that time.",
)
KINDS.enter(
    "code_deleted",
    referred_by_code,
    code=None,
    unseen="A code may go: whom it brought stays brought by its owner of that time.",
)


@KINDS.fault()
def reward_missing(persona: Persona) -> None:
    """A referred subscriber for whom nobody was rewarded."""
    _, child = referred_pair(persona, "missing")
    child.plant(PROFILE)


def discount(persona: Persona, code: str, *, used_days: int | None = None) -> None:
    """An assignment, used so many days after it."""
    assigned_at, expires_at = moment(persona.at(1)), moment(persona.at(1 + LIFESPAN_DAYS))
    used_at = None if used_days is None else moment(persona.at(1 + used_days))
    told = {"assigned_at": assigned_at, "expires_at": expires_at, "used_at": used_at}
    row = persona.add(
        "user_discounts",
        discount_code_id=code_id_texts(Draws(persona.scenario.seed))[CODE_AT[code]],
        created_at=assigned_at,
        updated_at=used_at or assigned_at,
        **told,
    )
    outcome = "used" if used_at else "lapsed"
    persona.tell("discount_assignments", discount_code=code, outcome=outcome, **told)
    persona.plant("user_discounts", row["id"])


# two days after it had lapsed
KINDS.enter("discount_used_after_expiry", discount, code="CCF05", used_days=9, typical=True)
# in the hands of somebody outside the cohort
KINDS.enter("discount_of_another_cohort", discount, code="SBF02")
