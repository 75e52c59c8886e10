"""Faults of people: codes, rewards, discounts, cohorts, and a profile that changed its key."""

from __future__ import annotations

from models.simulation.accounts import cohort_id_texts
from models.simulation.catalogue import CODE_AT, COHORT_AT
from models.simulation.discounts import code_id_texts
from models.simulation.draws import Draws
from models.simulation.faults.of_subscriptions import plain_month
from models.simulation.faults.plot import Plot, Victim, fault, moment, typical_fault, unseen, usd
from models.simulation.parameters import DAY
from models.simulation.prices import MONEY

PROFILE, CREDITS = "user_profile", "referral_credits"


def profile_fault(plot: Plot, **values: object) -> None:
    """One profile, changed."""
    victim = plot.victim()
    plot.change(PROFILE, victim.user_id, updated_at=moment(victim.at(0)), **values)
    plot.plant(PROFILE, victim.user_id, victim.user_id)


@typical_fault
def code_unknown(plot: Plot) -> None:
    """A code that nobody has."""
    profile_fault(plot, referred_by_code="UNOBODY9")


@typical_fault
def self_referral(plot: Plot) -> None:
    """One's own code, in small letters."""
    victim = plot.victim()
    plot.change(PROFILE, victim.user_id, referred_by_code=victim.code.lower())
    plot.plant(PROFILE, victim.user_id, victim.user_id)


@fault
def referral_cycle(plot: Plot) -> None:
    """Two people, each with the other's code."""
    one, other = plot.pair()
    for who, by in ((one, other), (other, one)):
        plot.change(PROFILE, who.user_id, referred_by_code=by.code)
        plot.plant(PROFILE, who.user_id, who.user_id)


def referred_pair(plot: Plot, status: str, paid_day: float | None) -> tuple[Victim, Victim]:
    """(referrer, referred) with the truth of the edge; `paid_day` begins a paid month."""
    parent, child = plot.pair()
    plot.change(PROFILE, child.user_id, referred_by_code=parent.code)
    paid = None
    if paid_day is not None:
        plain_month(plot, child, child.at(paid_day))
        paid = moment(child.at(paid_day))
    plot.tell(
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


def reward(plot: Plot, parent: Victim, child: Victim, day: float) -> str:
    """A credit for the referrer; returns its id."""
    at, expires = moment(child.at(day)), child.at(day) + 365 * DAY
    row = {
        "id": plot.new_id(),
        "user_id": parent.user_id,
        "referred_user_id": child.user_id,
        "amount": "1.00",
        "source": "user_referral",
        "expires_at": moment(expires),
        "used_at": None,
        "created_at": at,
        "updated_at": at,
    }
    plot.tell(
        "referral_rewards",
        user_id=parent.user_id,
        is_test=False,
        amount_usd=usd(MONEY),
        earned_at=at,
        used_at=None,
        expired_at=moment(expires) if expires <= plot.until else None,
    )
    return str(plot.add(CREDITS, row)["id"])


@typical_fault
def reward_doubled(plot: Plot) -> None:
    """Two rewards for one referred subscriber."""
    parent, child = referred_pair(plot, "duplicate", 3)
    reward(plot, parent, child, 3)
    plot.plant(CREDITS, reward(plot, parent, child, 4), parent.user_id)


@fault
def reward_without_premium(plot: Plot) -> None:
    """A reward for somebody who never subscribed."""
    parent, child = referred_pair(plot, "ineligible", None)
    plot.plant(CREDITS, reward(plot, parent, child, 3), parent.user_id)


def referred_by_code(plot: Plot, code: str | None) -> None:
    """A rewarded referral whose referrer has another code from the day after the opening."""
    parent, child = referred_pair(plot, "paid", 3)
    reward(plot, parent, child, 3)
    if plot.until > plot.opened:
        changed = moment(plot.opened + 60)
        plot.change(PROFILE, parent.user_id, referral_code=code, updated_at=changed)
    plot.plant(PROFILE, parent.user_id, parent.user_id)


@unseen("A code may change: whom it brought stays brought by its owner of that time.")
@fault
def code_replaced(plot: Plot) -> None:
    """A referrer's code that is another one from the day after the opening."""
    referred_by_code(plot, f"U{plot.digest('code').hex()[:6].upper()}")


@unseen("A code may go: whom it brought stays brought by its owner of that time.")
@fault
def code_deleted(plot: Plot) -> None:
    """A referrer's code that is gone from the day after the opening."""
    referred_by_code(plot, None)


@fault
def reward_missing(plot: Plot) -> None:
    """A referred subscriber for whom nobody was rewarded."""
    _, child = referred_pair(plot, "missing", 3)
    plot.plant(PROFILE, child.user_id, child.user_id)


def discount(plot: Plot, code: str, used_days: float | None) -> None:
    """An assignment, used so many days after it."""
    victim = plot.victim()
    at = victim.at(1)
    used = None if used_days is None else moment(at + round(used_days * DAY))
    row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "discount_code_id": code_id_texts(Draws(plot.seed))[CODE_AT[code]],
        "assigned_at": moment(at),
        "expires_at": moment(at + 7 * DAY),
        "used_at": used,
        "purchase_id": None,
        "created_at": moment(at),
        "updated_at": used or moment(at),
    }
    plot.tell(
        "discount_assignments",
        user_id=victim.user_id,
        is_test=False,
        discount_code=code,
        assigned_at=moment(at),
        expires_at=moment(at + 7 * DAY),
        used_at=used,
        outcome="lapsed" if used is None else "used",
        receipt_id=None,
        discount_usd=None,
    )
    plot.plant("user_discounts", str(plot.add("user_discounts", row)["id"]), victim.user_id)


@typical_fault
def discount_used_after_expiry(plot: Plot) -> None:
    """A discount used two days after it had lapsed."""
    discount(plot, "CCF05", 9)


@fault
def discount_of_another_cohort(plot: Plot) -> None:
    """A cohort's discount in the hands of somebody outside it."""
    discount(plot, "SBF02", None)


@fault
def cohort_reassigned(plot: Plot) -> None:
    """A member of one arm who is in another from the first day after the opening."""
    victim = plot.victim()
    ids = cohort_id_texts(Draws(plot.seed))
    moved = plot.until > plot.opened
    row = {
        "id": plot.new_id(),
        "user_id": victim.user_id,
        "cohort_id": ids[COHORT_AT["ISLEEP1" if moved else "ICLINIC"]],
        "created_at": moment(victim.at(0)),
        "updated_at": moment(plot.opened + 90 if moved else victim.at(20)),
    }
    plot.plant("user_cohorts", str(plot.add("user_cohorts", row)["id"]), victim.user_id)


@typical_fault
def profile_rekeyed(plot: Plot) -> None:
    """A profile under a new account, its other rows orphaned under the old one.

    The old account is cleaned up five days after the opening.
    """
    victim = plot.victim()
    fresh = plot.new_id()
    plot.add(
        "auth.users",
        {
            "id": fresh,
            "email": f"{plot.digest('mail').hex()[:12]}@example.org",
            "created_at": moment(victim.at(30)),
            "email_confirmed_at": moment(victim.at(30)),
        },
    )
    plot.change(PROFILE, victim.user_id, user_id=fresh, updated_at=moment(victim.at(30)))
    plot.add(
        "subscriptions",
        {
            "id": plot.new_id(),
            "user_id": fresh,
            "plan": "free",
            "auto_renew": False,
            "created_at": moment(victim.at(30)),
            "updated_at": moment(victim.at(30)),
        },
    )
    if plot.until > plot.opened + 5 * DAY:
        plot.removed.append(victim.user_id)
    plot.plant("ai_usage", victim.usage_id, victim.user_id)


@fault
def subscription_row_missing(plot: Plot) -> None:
    """A user without a subscriptions row, not even a free one."""
    victim = plot.victim()
    plot.drop("subscriptions", victim.subscription_id)
    plot.plant(PROFILE, victim.user_id, victim.user_id)


@unseen("Addresses never leave the source.")
@fault
def email_in_capitals(plot: Plot) -> None:
    """An address that is not in small letters."""
    profile_fault(plot, email=f"{plot.digest('mail').hex()[:12].upper()}@EXAMPLE.ORG")


@unseen("A user need not say a country: read as unknown.")
@fault
def country_blank(plot: Plot) -> None:
    """A country that is only blanks."""
    profile_fault(plot, country="   ")


@fault
def role_unknown(plot: Plot) -> None:
    """A role that is none of the three."""
    profile_fault(plot, role="superuser")
