"""Rows of ai_credit_purchases, and what was charged: at home, abroad, and given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.accounts import chosen, constant, listed, user_ids
from models.simulation.billing import STORES, order_numbers, store_products
from models.simulation.calendar import instants
from models.simulation.credits import Packs
from models.simulation.draws import Draws, Ints
from models.simulation.parameters import COUNTRIES, DAY, HOUR, NEVER
from models.simulation.people import People
from models.simulation.prices import (
    ABSENT,
    CREDIT_PACKS,
    MONEY,
    PACK_CREDITS,
    exchange_rates,
    in_dollars,
    price_list,
)

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


def pack_charges(draws: Draws, people: People, packs: Packs) -> Charges:
    """Every fourth row records its amount, abroad in the country's currency at the day's rate."""
    listed_price, key = pack_prices(packs), packs.key
    recorded = draws.chance("amount recorded", key, 0.25)
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
    refunded = packs.at + draws.between("pack refunded", key, HOUR, 20 * DAY)
    refunded = np.where(draws.chance("is refunded", key, REFUNDED), refunded, NEVER)
    return Charges(amount, currency, paid, refunded)


def money(units: Ints) -> pl.Series:
    """Exact decimals with four places from hundredths of a cent; below 0 is null."""
    return money_texts(units).cast(pl.Decimal(18, 4))


def money_texts(units: Ints) -> pl.Series:
    """The same as text, beside which a row can also hold NaN."""
    whole = pl.Series(units // MONEY).cast(pl.String)
    rest = pl.Series(units % MONEY).cast(pl.String).str.zfill(4)
    text = pl.select(pl.format("{}.{}", whole, rest).alias("m"))["m"]
    none = constant(None, len(units))
    return chosen(units >= 0, text, none)


def epoch_texts(seconds: Ints) -> pl.Series:
    """Epoch milliseconds as text."""
    return (pl.Series(seconds) * 1000).cast(pl.String)


def pack_rows(draws: Draws, people: People, packs: Packs, until: int) -> pl.DataFrame:
    """ai_credit_purchases as they stand at `until`: one row per pack."""
    store, key = people.store[packs.user], packs.key
    charges = pack_charges(draws, people, packs)
    product = listed(CREDIT_PACKS, packs.size)
    suffix = listed(PACK_OFFERS, packs.code)
    cheap = pl.select(pl.format("{}_{}", product, suffix).alias("p"))["p"]
    product = chosen(packs.code >= 0, cheap, product)
    refunded = charges.refunded < until
    return pl.DataFrame(
        {
            "id": draws.uuids("pack", key),
            "user_id": user_ids(draws, people.key[packs.user]),
            "product_id": store_products(draws, store, key, product, product),
            "purchase_id": order_numbers(draws, store, key, key),
            "purchase_token": draws.hexes("pack token", key),
            "source": listed(STORES, store),
            "credits_amount": PACK_CREDITS[packs.size],
            "amount_paid": money_texts(charges.amount),
            "currency": listed(CURRENCIES, charges.currency),
            "status": listed(("purchased", "refunded"), refunded.astype(np.int64)),
            "transaction_date": epoch_texts(packs.at),
            "created_at": instants(packs.at + 5),
            "updated_at": instants(np.where(refunded, charges.refunded, packs.at + 5)),
        }
    )


def pack_prices(packs: Packs, *, full: bool = False) -> Ints:
    """What was charged for each pack, or its list price, in hundredths of a cent."""
    paid = np.zeros(len(packs.at), dtype=np.int64)
    code = np.full(len(packs.at), -1, dtype=np.int64) if full else packs.code
    for place, product in enumerate(CREDIT_PACKS):
        for number, offer in enumerate((None, *PACK_OFFERS), start=-1):
            these = (packs.size == place) & (code == number)
            paid[these] = price_list().price(product, offer, packs.at[these])
    return paid
