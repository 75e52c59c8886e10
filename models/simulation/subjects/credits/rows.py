"""Rows of ai_credit_purchases and ai_usage as they stand on a day."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, week_of, week_start
from models.simulation.engine.columns import (
    chosen,
    epoch_texts,
    formatted,
    frame_of,
    listed,
    money_texts,
)
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Charged, Store, texts
from models.simulation.parameters import WEEK
from models.simulation.prices import CREDIT_PACKS, PACK_CREDITS
from models.simulation.stores import order_numbers, store_products
from models.simulation.subjects.credits.access import USER
from models.simulation.subjects.credits.behaviour import CURRENCIES, PACK_OFFERS, weekly_limits
from models.simulation.world import Batch


def ai_credit_purchases(batch: Batch) -> pl.DataFrame:
    """ai_credit_purchases as they stand on the day: one row per pack."""
    draws, packs, key = batch.draws, batch.credits.packs, batch.credits.packs.key
    store = batch.people.store[packs.user]
    charges = batch.credits.charges
    product = listed(CREDIT_PACKS, packs.size)
    cheap = formatted("{}_{}", product, listed(PACK_OFFERS, packs.code))
    product = chosen(packs.code >= 0, yes=cheap, no=product)
    is_refunded = charges.refunded < batch.until
    return frame_of(
        id=draws.uuids("pack", key),
        user_id=batch.ids(packs.user),
        product_id=store_products(draws, store, keys=key, names=product),
        purchase_id=order_numbers(draws, store, keys=key),
        purchase_token=draws.hexes("pack token", key),
        source=listed(texts(Store), store),
        credits_amount=PACK_CREDITS[packs.size],
        amount_paid=money_texts(charges.amount),
        currency=listed(CURRENCIES, charges.currency),
        status=chosen(is_refunded, yes="refunded", no="purchased"),
        transaction_date=epoch_texts(packs.at),
        created_at=instants(packs.at + 5),
        updated_at=instants(np.where(is_refunded, charges.refunded, packs.at + 5)),
    )


def ai_usage(batch: Batch) -> pl.DataFrame:
    """ai_usage as it stands on the day: one row per person, counters in credits."""
    people, until, life = batch.people, batch.until, batch.credits
    size, everyone = len(people), np.arange(len(people))
    s, packs = life.sessions, life.packs
    week = week_of(np.array([until - 1]))
    reset = int(week_start(week)[0])
    is_premium = life.access.holds(everyone, np.full(size, until - 1))
    touched = np.maximum(people.signup + 5, np.where(people.signup < reset, reset, 0))
    np.maximum.at(touched, s.user, s.at + s.seconds)
    np.maximum.at(touched, packs.user, packs.at)
    for column in (life.access.opened, life.access.closed):
        user, second = column // USER, column % USER
        past = second < until
        np.maximum.at(touched, user[past], second[past])
    this_week = s.take((s.charged == Charged.WEEKLY) & (week_of(s.at) == week))
    bank = s.take(s.charged == Charged.BANK)
    return frame_of(
        id=batch.draws.uuids("usage", people.key),
        user_id=batch.ids(),
        weekly_limit_credits=weekly_limits(
            batch.draws, people, is_premium=is_premium, user=everyone
        ),
        weekly_used_credits=sums(this_week.user, this_week.seconds, size=size),
        weekly_reset_date=instants(np.full(size, reset + WEEK)),
        bank_limit_credits=sums(packs.user, PACK_CREDITS[packs.size], size=size),
        bank_used_credits=sums(bank.user, bank.seconds, size=size),
        created_at=instants(people.signup + 5),
        updated_at=instants(np.minimum(touched, until - 1)),
    )


def sums(groups: Ints, values: Ints, *, size: int) -> Ints:
    """Sum of whole values per group 0..size-1."""
    return np.bincount(groups, weights=values, minlength=size).astype(np.int64)
