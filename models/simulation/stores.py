"""What the two stores number and name: order numbers, product ids."""

from __future__ import annotations

import polars as pl

from models.simulation.engine.columns import chosen
from models.simulation.engine.draws import Draws, Ints, Keys
from models.simulation.kinds import Store

IOS_PREFIX = "me.hypnoelp.app."


def order_numbers(draws: Draws, store: Ints, *, google_keys: Keys, apple_keys: Keys) -> pl.Series:
    """Google's GPA numbers, Apple's fifteen digits."""
    google = pl.select(
        pl.format(
            "GPA.{}-{}-{}-{}",
            *[draws.digits(f"gpa {n}", google_keys, length=4) for n in range(3)],
            draws.digits("gpa 3", google_keys, length=5),
        ).alias("order")
    )["order"]
    apple = pl.select(
        pl.format("7{}", draws.digits("apple order", apple_keys, length=14)).alias("order")
    )["order"]
    return chosen(store == Store.APP_STORE, yes=apple, no=google)


def store_products(
    draws: Draws, store: Ints, *, keys: Keys, google: pl.Series, apple: pl.Series
) -> pl.Series:
    """Product ids by store; a few Google ones in capitals, as old app versions send them."""
    capital = chosen(
        draws.chance("capital product", keys, odds=0.03), yes=google.str.to_uppercase(), no=google
    )
    return chosen(store == Store.APP_STORE, yes=apple.str.replace("^", IOS_PREFIX), no=capital)
