"""The price list by which the simulated stores charge, and the days it holds."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from models.simulation.engine.draws import Ints
from models.simulation.parameters import DAY, seconds_of

MONEY = 10_000  # units in a dollar
RATE_UNITS = 10**8  # units in an exchange rate of 1
ABSENT = -1
RATES = {"currency": pl.String, "day": pl.Int64, "rate": pl.Int64}
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
def price_book() -> list[tuple[str, str | None, int, int, int]]:
    """The shipped list: (product key, offer, first day, day after the last, price)."""
    return [
        (
            row["product_key"],
            row["offer_id"] or None,
            day_number(row["valid_from"]),
            day_number(row["valid_to"] or "9999-12-31"),
            int(Decimal(row["price_usd"]) * MONEY),
        )
        for row in seed_rows("price_book")
    ]


def charged(
    seconds: Ints,
    *,
    products: Sequence[str],
    product: Ints | int = 0,
    offers: Sequence[str | None] = (None,),
    offer: Ints | int = 0,
) -> Ints:
    """The list price of products[product] by offers[offer] at each instant, in hundredths of a
    cent; ABSENT where the list has none."""
    day = seconds // DAY
    paid = np.full(len(day), ABSENT, dtype=np.int64)
    for key, offer_id, first, end, price in price_book():
        if key in products and offer_id in offers:
            holds = (product == products.index(key)) & (offer == offers.index(offer_id))
            paid[holds & (day >= first) & (day < end)] = price
    return paid


@functools.cache
def exchange_rates() -> pl.DataFrame:
    """The shipped rates by currency and day: hundred-millionths of a dollar per unit."""
    rows = [
        (row["currency"], day_number(row["rate_date"]), Decimal(row["usd_per_unit"]) * RATE_UNITS)
        for row in seed_rows("fx_rates")
    ]
    return pl.DataFrame(rows, RATES, orient="row").sort("day")


def rates_at(seconds: Ints, currencies: pl.Series, *, rates: pl.DataFrame) -> Ints:
    """The newest rate of a currency at each instant, ABSENT without one within 31 days."""
    asked = pl.DataFrame({"currency": currencies, "day": seconds // DAY}).with_row_index()
    found = asked.sort("day").join_asof(
        rates, on="day", by="currency", tolerance=31, check_sortedness=False
    )
    return found.sort("index")["rate"].fill_null(ABSENT).to_numpy()


def in_dollars(amounts: Ints, rates: Ints) -> Ints:
    """Amounts at rates, rounded half away from zero."""
    return np.asarray((2 * amounts * rates + RATE_UNITS) // (2 * RATE_UNITS))
