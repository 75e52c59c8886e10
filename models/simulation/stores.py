"""What the two stores number and name: order numbers, product ids."""

from __future__ import annotations

import polars as pl

from models.simulation.engine.columns import chosen, formatted
from models.simulation.engine.draws import Draws, Ints, Keys
from models.simulation.kinds import Store

IOS_PREFIX = "me.hypnoelp.app."


def order_numbers(
    draws: Draws, store: Ints, *, keys: Keys, google_keys: Keys | None = None
) -> pl.Series:
    """Google's GPA numbers, Apple's fifteen digits; Google's by other keys if they are given."""
    of_google = keys if google_keys is None else google_keys
    parts = [draws.digits(f"gpa {n}", of_google, length=5 if n == 3 else 4) for n in range(4)]
    apple = formatted("7{}", draws.digits("apple order", keys, length=14))
    return chosen(store == Store.APP_STORE, yes=apple, no=formatted("GPA.{}-{}-{}-{}", *parts))


def period_orders(draws: Draws, store: Ints, *, periods: pl.DataFrame) -> pl.Series:
    """The order number of each period; renewals on Google repeat their chain's with ..n."""
    chain, period = periods["chain_key"].to_numpy(), periods["period_key"].to_numpy()
    base = order_numbers(draws, store, keys=period, google_keys=chain)
    later = formatted("{}..{}", base, periods["renewals"] - 1)
    is_later = (store == Store.GOOGLE_PLAY) & (periods["renewals"].to_numpy() > 0)
    return chosen(is_later, yes=later, no=base)


def store_products(draws: Draws, store: Ints, *, keys: Keys, names: pl.Series) -> pl.Series:
    """Product ids from the names that a store has for products; a few Google ones in capitals, as
    old app versions send them."""
    is_capital = draws.chance("capital product", keys, odds=0.03)
    on_google = chosen(is_capital, yes=names.str.to_uppercase(), no=names)
    return chosen(store == Store.APP_STORE, yes=formatted(IOS_PREFIX + "{}", names), no=on_google)
