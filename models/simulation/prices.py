"""The price list by which the simulated stores charge, and the days it holds."""

from __future__ import annotations

import csv
import functools
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


def day_number(day: date) -> int:
    """Days since 1970."""
    return seconds_of(day) // DAY


class PriceList:
    """Prices by product key and offer (empty text for none) as dated steps; ABSENT where unsold."""

    def __init__(self, rows: list[tuple[str, str, int, int, int]]) -> None:
        """Rows of (product key, offer, first day, day after the last, price)."""
        self.rows = rows

    def price(self, product: str, offer: str | None, *, seconds: Ints) -> Ints:
        """The price at each instant in hundredths of a cent, ABSENT where the list has none."""
        day = seconds // DAY
        found = np.full(len(day), ABSENT, dtype=np.int64)
        for key, of_offer, first, end, price in self.rows:
            if (key, of_offer) == (product, offer or ""):
                found[(day >= first) & (day < end)] = price
        return found


def read_price_list(seeds: Path) -> PriceList:
    """The list that the warehouse values receipts by: one home for prices, read by both sides."""
    with (seeds / "price_book.csv").open(newline="") as file:
        rows = [
            (
                row["product_key"],
                row["offer_id"],
                day_number(date.fromisoformat(row["valid_from"])),
                day_number(date.fromisoformat(row["valid_to"])) if row["valid_to"] else 10**6,
                int(Decimal(row["price_usd"]) * MONEY),
            )
            for row in csv.DictReader(file)
        ]
    return PriceList(rows)


class Rates:
    """Dollars per unit of a currency, in hundred-millionths; ABSENT without one within 31 days."""

    def __init__(self, rows: list[tuple[str, int, int]]) -> None:
        """Rows of (currency, day, rate)."""
        self.steps: dict[str, tuple[Ints, Ints]] = {}
        for currency in {row[0] for row in rows}:
            steps = sorted((day, rate) for name, day, rate in rows if name == currency)
            self.steps[currency] = (
                np.array([s[0] for s in steps]),
                np.array([s[1] for s in steps]),
            )

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


def in_dollars(amounts: Ints, rates: Ints) -> Ints:
    """Amounts at rates, rounded half away from zero."""
    return np.asarray((2 * amounts * rates + RATE_UNITS) // (2 * RATE_UNITS))


def read_rates(seeds: Path) -> Rates:
    """The exchange rates that the warehouse uses."""
    with (seeds / "fx_rates.csv").open(newline="") as file:
        return Rates(
            [
                (
                    row["currency"],
                    day_number(date.fromisoformat(row["rate_date"])),
                    int(Decimal(row["usd_per_unit"]) * RATE_UNITS),
                )
                for row in csv.DictReader(file)
            ]
        )


SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@functools.cache
def price_list() -> PriceList:
    """The shipped list."""
    return read_price_list(SEEDS)


@functools.cache
def exchange_rates() -> Rates:
    """The shipped rates."""
    return read_rates(SEEDS)
