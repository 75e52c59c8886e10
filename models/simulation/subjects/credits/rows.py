"""Rows of ai_credit_purchases and ai_usage as they stand on a day."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, week_of, week_start
from models.simulation.engine.columns import chosen, epoch_texts, listed, money_texts
from models.simulation.engine.draws import Draws, Ints
from models.simulation.kinds import Charged, Store, texts
from models.simulation.parameters import WEEK
from models.simulation.prices import CREDIT_PACKS, PACK_CREDITS
from models.simulation.stores import order_numbers, store_products
from models.simulation.subjects.credits.access import USER
from models.simulation.subjects.credits.behaviour import CreditLife, Packs, weekly_limits
from models.simulation.subjects.credits.charges import CURRENCIES, PACK_OFFERS, pack_charges
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids


def pack_rows(draws: Draws, people: People, *, packs: Packs, until: int) -> pl.DataFrame:
    """ai_credit_purchases as they stand at `until`: one row per pack."""
    store, key = people.store[packs.user], packs.key
    charges = pack_charges(draws, people, packs=packs)
    product = listed(CREDIT_PACKS, packs.size)
    suffix = listed(PACK_OFFERS, packs.code)
    cheap = pl.select(pl.format("{}_{}", product, suffix).alias("p"))["p"]
    product = chosen(packs.code >= 0, yes=cheap, no=product)
    refunded = charges.refunded < until
    return pl.DataFrame(
        {
            "id": draws.uuids("pack", key),
            "user_id": user_ids(draws, people.key[packs.user]),
            "product_id": store_products(draws, store, keys=key, google=product, apple=product),
            "purchase_id": order_numbers(draws, store, google_keys=key, apple_keys=key),
            "purchase_token": draws.hexes("pack token", key),
            "source": listed(texts(Store), store),
            "credits_amount": PACK_CREDITS[packs.size],
            "amount_paid": money_texts(charges.amount),
            "currency": listed(CURRENCIES, charges.currency),
            "status": listed(("purchased", "refunded"), refunded.astype(np.int64)),
            "transaction_date": epoch_texts(packs.at),
            "created_at": instants(packs.at + 5),
            "updated_at": instants(np.where(refunded, charges.refunded, packs.at + 5)),
        }
    )


def usage_at(
    draws: Draws, people: People, *, life: CreditLife, periods: pl.DataFrame, until: int
) -> pl.DataFrame:
    """ai_usage as it stands at `until`, without ids: one row per person, counters in credits."""
    size, everyone = len(people), np.arange(len(people))
    s, packs = life.sessions, life.packs
    week = int(week_of(np.array([until - 1]))[0])
    this_week = (s.charged == Charged.WEEKLY) & (week_of(s.at) == week)
    reset = int(week_start(np.array([week]))[0])
    is_premium = life.access.holds(everyone, np.full(size, until - 1))
    touched = np.maximum(people.signup + 5, np.where(people.signup < reset, reset, 0))
    np.maximum.at(touched, s.user, s.at + s.seconds)
    np.maximum.at(touched, packs.user, packs.at)
    for column in (life.access.opened, life.access.closed):
        user, second = column // USER, column % USER
        past = second < until
        np.maximum.at(touched, user[past], second[past])
    return pl.DataFrame(
        {
            "weekly_limit_credits": weekly_limits(
                draws, people, is_premium=is_premium, user=everyone
            ),
            "weekly_used_credits": sums(s.user[this_week], s.seconds[this_week], size=size),
            "weekly_reset_at": np.full(size, reset + WEEK),
            "bank_limit_credits": sums(packs.user, PACK_CREDITS[packs.size], size=size),
            "bank_used_credits": sums(
                s.user[s.charged == Charged.BANK], s.seconds[s.charged == Charged.BANK], size=size
            ),
            "created_at": people.signup + 5,
            "updated_at": np.minimum(touched, until - 1),
        }
    )


def sums(groups: Ints, values: Ints, *, size: int) -> Ints:
    """Sum of whole values per group 0..size-1."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, groups, values)
    return total


def usage_rows(draws: Draws, people: People, *, usage: pl.DataFrame) -> pl.DataFrame:
    """ai_usage in the shape of the table."""
    return pl.DataFrame(
        {
            "id": draws.uuids("usage", people.key),
            "user_id": user_ids(draws, people.key),
            "weekly_limit_credits": usage["weekly_limit_credits"],
            "weekly_used_credits": usage["weekly_used_credits"],
            "weekly_reset_date": instants(usage["weekly_reset_at"]),
            "bank_limit_credits": usage["bank_limit_credits"],
            "bank_used_credits": usage["bank_used_credits"],
            "created_at": instants(usage["created_at"]),
            "updated_at": instants(usage["updated_at"]),
        }
    )
