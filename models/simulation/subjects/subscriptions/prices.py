"""What the stores charged for periods, and their list prices."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.prices import OFFERS, PLANS, SUBSCRIPTION, price_list


def charged_prices(periods: pl.DataFrame) -> list[pl.Series]:
    """What the store charged for each period and its list price on that day."""
    created, plan, offer = (periods[name].to_numpy() for name in ("created", "plan", "offer"))
    price = np.zeros(len(created), dtype=np.int64)
    listed = np.zeros(len(created), dtype=np.int64)
    for place, name in enumerate(PLANS):
        of_plan = plan == place
        listed[of_plan] = price_list().price(
            f"{SUBSCRIPTION}/{name}", None, seconds=created[of_plan]
        )
        for number, offer_id in enumerate(OFFERS):
            chosen = of_plan & (offer == number)
            product = f"{SUBSCRIPTION}/{name}"
            price[chosen] = price_list().price(product, offer_id, seconds=created[chosen])
    return [pl.Series("price", price), pl.Series("list_price", listed)]
