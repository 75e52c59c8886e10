"""The price list by which the simulated stores charge, and the days it holds."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from models.simulation.engine.draws import Ints
from models.simulation.parameters import DAY, seconds_of

MONEY = 10_000  # units in a dollar
RATE_UNITS = 10**8  # units in an exchange rate of 1
ABSENT = -1
PLANS = ("monthly-plan", "quarterly-plan", "yearly-plan")
PLAN_MONTHS = np.array([1, 3, 12], dtype=np.int64)
OFFERS = (None, "free-trial", "a-1", "a-2")
TRIAL_DAYS = 7
SUBSCRIPTION = "hypnoelp_subscriptions"
CREDIT_PACKS = ("ai_credits_4000", "ai_credits_10000")
PACK_CREDITS = np.array([4000, 10000], dtype=np.int64)
SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"  # one home for both sides


def seed_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a shipped seed."""
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        yield from csv.DictReader(file)


def day_number(day: str) -> int:
    """Days since 1970 of an ISO date."""
    return seconds_of(date.fromisoformat(day)) // DAY


@functools.cache
def price_book() -> list[tuple[str, str, int, int, int]]:
    """The shipped list: (product key, offer, first day, day after the last, price)."""
    return [
        (
            row["product_key"],
            row["offer_id"],
            day_number(row["valid_from"]),
            day_number(row["valid_to"] or "9999-12-31"),
            int(Decimal(row["price_usd"]) * MONEY),
        )
        for row in seed_rows("price_book")
    ]


def list_price(product: str, offer: str | None = None, *, seconds: Ints) -> Ints:
    """The price at each instant in hundredths of a cent, ABSENT where the list has none."""
    day = seconds // DAY
    found = np.full(len(day), ABSENT, dtype=np.int64)
    for key, of_offer, first, end, price in price_book():
        if (key, of_offer) == (product, offer or ""):
            found[(day >= first) & (day < end)] = price
    return found


def charged(
    seconds: Ints,
    *,
    products: Sequence[str],
    product: Ints | int = 0,
    offers: Sequence[str | None] = (None,),
    offer: Ints | int = 0,
) -> Ints:
    """The price of products[product] by offers[offer] at each instant, ABSENT where unsold."""
    paid = np.full(len(seconds), ABSENT, dtype=np.int64)
    of_product, of_offer = (np.broadcast_to(place, len(seconds)) for place in (product, offer))
    for place, name in enumerate(products):
        for number, offer_id in enumerate(offers):
            these = (of_product == place) & (of_offer == number)
            paid[these] = list_price(name, offer_id, seconds=seconds[these])
    return paid


class Rates:
    """Dollars per unit of a currency, in hundred-millionths; ABSENT without one within 31 days."""

    def __init__(self, rows: Sequence[tuple[str, int, int]]) -> None:
        """Rows of (currency, day, rate)."""
        self.steps = {
            name: np.array(sorted(r[1:] for r in rows if r[0] == name)).T
            for name in {row[0] for row in rows}
        }

    def rate(self, currency: str, seconds: Ints) -> Ints:
        """The rate of each day."""
        if currency == "USD":
            return np.full(len(seconds), RATE_UNITS, dtype=np.int64)
        if currency not in self.steps:
            return np.full(len(seconds), ABSENT, dtype=np.int64)
        days, rates = self.steps[currency]
        day = seconds // DAY
        at = np.searchsorted(days, day, side="right") - 1
        near = (at >= 0) & (day - days[np.maximum(at, 0)] <= 31)
        return np.where(near, rates[np.maximum(at, 0)], ABSENT)


@functools.cache
def exchange_rates() -> Rates:
    """The shipped rates."""
    return Rates(
        [
            (
                row["currency"],
                day_number(row["rate_date"]),
                int(Decimal(row["usd_per_unit"]) * RATE_UNITS),
            )
            for row in seed_rows("fx_rates")
        ]
    )


def in_dollars(amounts: Ints, rates: Ints) -> Ints:
    """Amounts at rates, rounded half away from zero."""
    return np.asarray((2 * amounts * rates + RATE_UNITS) // (2 * RATE_UNITS))
