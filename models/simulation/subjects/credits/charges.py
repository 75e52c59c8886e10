"""What was charged for packs: at home, abroad, and given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.engine.draws import Draws, Ints
from models.simulation.parameters import COUNTRIES, DAY, HOUR, NEVER
from models.simulation.prices import (
    ABSENT,
    CREDIT_PACKS,
    MONEY,
    charged,
    exchange_rates,
    in_dollars,
)
from models.simulation.subjects.credits.behaviour import Packs
from models.simulation.subjects.people.behaviour import People

# What the packs cost where the store charges in another currency, per dollar of the list.
LOCAL = {"EUR": 10_136, "GBP": 8_441, "CAD": 13_526, "AUD": 15_220}
PACK_OFFERS = ("x2", "x3")  # by the codes of AID_CODES
REFUNDED = 0.04


@dataclass(frozen=True)
class Charges:
    """What was charged for packs: amount and currency where recorded (else ABSENT and -1)."""

    amount: Ints
    currency: Ints
    paid: Ints
    refunded: Ints


CURRENCIES = ("USD", *LOCAL)


def pack_charges(draws: Draws, people: People, *, packs: Packs) -> Charges:
    """Every fourth row records its amount, abroad in the country's currency at the day's rate."""
    listed_price, key = pack_prices(packs), packs.key
    recorded = draws.chance("amount recorded", key, odds=0.25)
    amount = np.where(recorded, listed_price, ABSENT)
    currency = np.where(recorded, 0, -1)
    paid = listed_price.copy()
    home = np.array([c[3] for c in COUNTRIES])[people.country[packs.user]]
    for place, (name, per_dollar) in enumerate(LOCAL.items(), start=1):
        rate = exchange_rates().rate(name, packs.at)
        here = recorded & (home == name) & (rate != ABSENT)
        local = (listed_price * per_dollar // MONEY) // 100 * 100
        amount, currency = np.where(here, local, amount), np.where(here, place, currency)
        paid = np.where(here, in_dollars(local, np.maximum(rate, 0)), paid)
    refunded = packs.at + draws.between("pack refunded", key, low=HOUR, high=20 * DAY)
    refunded = np.where(draws.chance("is refunded", key, odds=REFUNDED), refunded, NEVER)
    return Charges(amount, currency, paid, refunded)


def pack_prices(packs: Packs, *, full: bool = False) -> Ints:
    """What was charged for each pack, or its list price, in hundredths of a cent."""
    offer = np.zeros(len(packs), dtype=np.int64) if full else packs.code + 1
    return charged(
        packs.at,
        products=CREDIT_PACKS,
        product=packs.size,
        offers=(None, *PACK_OFFERS),
        offer=offer,
    )
