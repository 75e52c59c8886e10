"""The price list by which the simulated stores charge, and the days it holds."""

from __future__ import annotations

import csv
import functools
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from models.simulation.draws import Ints
from models.simulation.parameters import DAY, seconds_of

MONEY = 10_000  # units in a dollar
ABSENT = -1
PLANS = ("monthly-plan", "quarterly-plan", "yearly-plan")
PLAN_MONTHS = np.array([1, 3, 12], dtype=np.int64)
NO_OFFER, TRIAL, HALF_PRICE, THIRD_OFF = 0, 1, 2, 3
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

    def price(self, product: str, offer: str | None, seconds: Ints) -> Ints:
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


SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@functools.cache
def price_list() -> PriceList:
    """The shipped list."""
    return read_price_list(SEEDS)
