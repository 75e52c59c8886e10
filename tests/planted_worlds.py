"""Businesses of some 1,000 customers in which one thing is different in the last month.

Every month people come and go by chance; what is planted is about four times as far from the usual
as one month's chance moves the MRR of those who come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from tests.mrr_worlds import State, Step

MONTHS = [datetime(2026, n, 1) for n in range(1, 10)]  # the last one is planted
AS_OF = datetime(2026, 10, 1)
PRICES = {"monthly": "6.00", "quarterly": "5.00", "yearly": "3.00"}
DEARER = {"google_play": Decimal(1), "app_store": Decimal("1.40")}
CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Habits:
    """How a month goes: arrivals expected, shares of plans, stores and offers, who leaves."""

    arrivals: int = 150
    plans: tuple[int, int, int] = (60, 25, 15)
    app_store: float = 0.4
    on_offer: float = 0.2
    leaves: float = 0.08
    returns: float = 0.05
    price: Decimal = Decimal(1)


USUAL = Habits()
PLANTED = {
    "new customers": [replace(USUAL, arrivals=230), replace(USUAL, arrivals=75)],
    "churned customers": [replace(USUAL, leaves=0.17)],
    "reactivated customers": [replace(USUAL, returns=0.3)],
    "list price": [replace(USUAL, price=Decimal("1.15")), replace(USUAL, price=Decimal("0.9"))],
    "discount": [replace(USUAL, on_offer=0.95)],
    "plan mix": [replace(USUAL, plans=(3, 2, 95))],
    "store mix": [replace(USUAL, app_store=1.0, arrivals=170)],
}


def world(seed: int, planted: Habits) -> list[Step]:
    """Who came, changed and went, month by month."""
    draw = Random(seed)
    steps: list[Step] = []
    present: dict[int, State] = {}
    gone: list[int] = []
    users = 0
    for month in MONTHS:
        habits = planted if month == MONTHS[-1] else USUAL

        def move(user: int, state: State | None, month: datetime = month) -> None:
            at = month + timedelta(minutes=draw.randrange(1, 40_000))
            steps.append(Step(user, at, state))

        for user, state in list(present.items()):
            renewed = charged(state.plan, state.store, habits.price, is_on_offer=False)
            if draw.random() < habits.leaves:
                move(user, None)
                del present[user]
                gone.append(user)
            elif renewed != state:  # an offer ends, a price changes
                move(user, renewed)
                present[user] = renewed
        for user in [user for user in gone if draw.random() < habits.returns]:
            gone.remove(user)
            if not any(one.user == user and one.at >= month for one in steps):
                present[user] = arrival(draw, habits)
                move(user, present[user])
        for _ in range(round(draw.gauss(habits.arrivals, habits.arrivals**0.5))):
            users += 1
            present[users] = arrival(draw, habits)
            move(users, present[users])
    return steps


def arrival(draw: Random, habits: Habits) -> State:
    """What someone takes who comes."""
    (plan,) = draw.choices(list(PRICES), habits.plans)
    store = "app_store" if draw.random() < habits.app_store else "google_play"
    return charged(plan, store, habits.price, is_on_offer=draw.random() < habits.on_offer)


def charged(plan: str, store: str, price: Decimal, *, is_on_offer: bool) -> State:
    """A plan at its price, an offer taking half off."""
    listed = (Decimal(PRICES[plan]) * DEARER[store] * price).quantize(CENT)
    return State(plan, store, (listed / 2).quantize(CENT) if is_on_offer else listed, listed)
