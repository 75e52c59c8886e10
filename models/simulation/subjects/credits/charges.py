"""What was charged for packs: at home, abroad, and given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.engine.columns import listed
from models.simulation.engine.draws import Draws, Ints
from models.simulation.parameters import COUNTRIES, DAY, HOUR, NEVER
from models.simulation.prices import (
    ABSENT,
    CREDIT_PACKS,
    MONEY,
    charged,
    exchange_rates,
    in_dollars,
    rates_at,
)
from models.simulation.subjects.credits.behaviour import Packs
from models.simulation.subjects.people.behaviour import People

# What the packs cost where the store charges in another currency, per dollar of the list.
LOCAL = {"EUR": 10_136, "GBP": 8_441, "CAD": 13_526, "AUD": 15_220}
CURRENCIES = ("USD", *LOCAL)
PER_DOLLAR = np.array([MONEY, *LOCAL.values()])
PACK_OFFERS = ("x2", "x3")  # by the codes of AID_CODES
REFUNDED = 0.04


@dataclass(frozen=True)
class Charges:
    """What was charged for packs: amount and currency where recorded (else ABSENT and -1)."""

    amount: Ints
    currency: Ints
    paid: Ints
    refunded: Ints


def pack_charges(draws: Draws, people: People, *, packs: Packs) -> Charges:
    """Every fourth row records its amount, abroad in the country's currency at the day's rate."""
    price, key = pack_prices(packs), packs.key
    recorded = draws.chance("amount recorded", key, odds=0.25)
    homes = [CURRENCIES.index(c[3]) if c[3] in LOCAL else 0 for c in COUNTRIES]
    currency = np.array(homes)[people.country[packs.user]]
    rate = rates_at(packs.at, listed(CURRENCIES, currency), rates=exchange_rates())
    abroad = recorded & (rate != ABSENT)
    local = (price * PER_DOLLAR[currency] // MONEY) // 100 * 100
    refunded = packs.at + draws.between("pack refunded", key, low=HOUR, high=20 * DAY)
    return Charges(
        amount=np.select([abroad, recorded], [local, price], ABSENT),
        currency=np.select([abroad, recorded], [currency, 0], -1),
        paid=np.where(abroad, in_dollars(local, rate), price),
        refunded=np.where(draws.chance("is refunded", key, odds=REFUNDED), refunded, NEVER),
    )


def pack_prices(packs: Packs, *, full: bool = False) -> Ints:
    """What was charged for each pack, or its list price, in hundredths of a cent."""
    offer = 0 if full else packs.code + 1
    offers = (None, *PACK_OFFERS)
    return charged(packs.at, products=CREDIT_PACKS, product=packs.size, offers=offers, offer=offer)
