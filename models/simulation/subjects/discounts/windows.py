"""Which codes are handed out to whom, and when: the welcome offer, packs, custom audio."""

from __future__ import annotations

import numpy as np

from models.simulation.catalogue import COHORT_AT
from models.simulation.engine.draws import Bools, Draws, Ints
from models.simulation.kinds import Offer
from models.simulation.parameters import DAY, DISCOUNT_LIFT, HOUR
from models.simulation.subjects.people.behaviour import People

WELCOME_CODES = (("IABCDEF", "SBF02", Offer.HALF_PRICE), ("IP3WWYK", "SBF03", Offer.THIRD_OFF))


def welcome_offers(draws: Draws, people: People) -> tuple[Ints, Ints]:
    """(offer or Offer.NONE, second of assignment) of the subscription discount by cohort.

    It is handed out at the first handshake, which some never reach.
    """
    synced = draws.chance("welcome synced", people.key, odds=0.92)
    offer = np.zeros(len(people), dtype=np.int64)
    for cohort, _, offer_id in WELCOME_CODES:
        offer = np.where(synced & (people.cohort == COHORT_AT[cohort]), offer_id, offer)
    wait = np.minimum(draws.exponential("welcome wait", people.key, mean=2.0 * HOUR), 20.0 * HOUR)
    return offer, people.signup + 60 + wait.astype(np.int64)


AID_CODES = ("AID50", "AID60")
AID_AFTER = (3 * DAY, 14 * DAY)  # from sign-up to the week of each code
AID_SYNCED = (0.7, 0.6)


def aid_windows(draws: Draws, people: People, *, code: int) -> tuple[Ints, Bools]:
    """(second of assignment, whether handed out) of one of AID_CODES, to the half-price arm."""
    name = AID_CODES[code]
    within = draws.between(f"{name} at", people.key, low=0, high=DAY)
    synced = draws.chance(f"{name} synced", people.key, odds=AID_SYNCED[code])
    is_held = (people.cohort == COHORT_AT["IABCDEF"]) & synced
    return people.signup + AID_AFTER[code] + within, is_held


CCF_FROM = 20_513 * DAY  # the discounted custom audio is sold from 2026-03-01
CCF_CODES = tuple(f"CCF0{n}" for n in range(2, 9))
CCF_WEIGHTS = (0.3, 0.2, 0.14, 0.11, 0.1, 0.08, 0.07)


def ccf_windows(draws: Draws, people: People) -> tuple[Ints, Ints]:
    """(second of assignment, code handed out) of the codes CCF: a third of all gets one of them.

    The code is an index of CCF_CODES, -1 for nobody.
    """
    assigned = people.signup + DAY + draws.between("ccf", people.key, low=0, high=DAY)
    holds = draws.chance("ccf synced", people.key, odds=0.33) & (assigned >= CCF_FROM)
    return assigned, np.where(holds, draws.pick("ccf code", people.key, weights=CCF_WEIGHTS), -1)


def ccf_lifts(code: Ints) -> np.ndarray:
    """By what the codes multiply the odds to buy; 1 for -1."""
    return np.array([*(DISCOUNT_LIFT[name] for name in CCF_CODES), 1.0])[code]
