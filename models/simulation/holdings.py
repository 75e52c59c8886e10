"""Catalogue courses held: sold singly under the old list, filled slots, gifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.accounts import chosen, constant, listed, user_ids
from models.simulation.billing import STORES, order_numbers, store_products
from models.simulation.calendar import instants
from models.simulation.catalogue import COURSES
from models.simulation.custom_audio import CCF_CODES, CUSTOM_ODDS, ccf_windows
from models.simulation.draws import Bools, Draws, Ints, Keys
from models.simulation.packs import epoch_texts
from models.simulation.parameters import DAY, DISCOUNT_LIFT
from models.simulation.people import People
from models.simulation.prices import (
    ABSENT,
    price_list,
)

ONE_OFF_ODDS, ADMIN_ODDS = 0.03, 0.002
ONE_OFF_UNTIL = 20_513 * DAY


@dataclass(frozen=True)
class Holdings:
    """Catalogue courses held: `source` 0 Google, 1 Apple, 2 premium slot, 3 given by an admin."""

    user: Ints
    at: Ints
    course: Ints
    source: Ints
    key: Keys


def never_buys(draws: Draws, people: People) -> Bools:
    """Who by his draws buys neither custom audio nor a course, whatever his discount."""
    key = people.key
    _, code = ccf_windows(draws, people)
    most = CUSTOM_ODDS * max(DISCOUNT_LIFT[name] for name in CCF_CODES)
    buys = draws.chance("custom", key, most) | draws.chance("one-off", key, ONE_OFF_ODDS)
    return np.asarray(~buys & (code < 0) & ~draws.chance("gift", key, ADMIN_ODDS))


def holdings(draws: Draws, people: People, periods: pl.DataFrame, until: int) -> Holdings:
    """Old one-off sales, slots filled at the beginning of each chain, and gifts."""
    key, everyone = people.key, np.arange(len(people))
    when = people.signup + draws.exponential("course", key, 10.0 * DAY).astype(np.int64)
    sold = draws.chance("one-off", key, ONE_OFF_ODDS) & (when < ONE_OFF_UNTIL)
    given = draws.chance("gift", key, ADMIN_ODDS)
    first = periods.filter(pl.col("renewals") == 0)
    slot_user = np.tile(first["who"].to_numpy(), 2)
    chain = first["chain_key"].to_numpy()
    slot_key = np.concatenate([draws.child_keys("slot", chain, n) for n in range(2)])
    slot_at = np.tile(first["created"].to_numpy(), 2)
    slot_at = slot_at + draws.between("slot wait", slot_key, 60, 3 * DAY)
    filled = draws.chance("slot filled", slot_key, 0.85)
    user = np.concatenate([everyone[sold], everyone[given], slot_user[filled]])
    at = np.concatenate([when[sold], when[given] + DAY, slot_at[filled]])
    source = np.concatenate([people.store[sold], np.full(given.sum(), 3), np.full(filled.sum(), 2)])
    own = [draws.child_keys(name, key[these]) for name, these in (("sold", sold), ("given", given))]
    keys = np.concatenate([*own, slot_key[filled]])
    here = at < until
    course = 1 + draws.between("which course", keys, 0, len(COURSES) - 2)
    return Holdings(user[here], at[here], course[here], source[here], keys[here])


def sale_prices(held: Holdings) -> Ints:
    """What was charged for each course sold singly, ABSENT for slots and gifts."""
    paid = np.full(len(held.at), ABSENT, dtype=np.int64)
    for place, course in enumerate(COURSES):
        these = (held.course == place) & (held.source <= 1)
        paid[these] = price_list().price(course.code.lower(), None, held.at[these])
    return paid


def course_purchase_rows(draws: Draws, people: People, held: Holdings) -> pl.DataFrame:
    """course_purchases: receipts for sales, bare rows for slots and gifts."""
    key, size = held.key, len(held.key)
    code = listed([c.code for c in COURSES], held.course)
    sold = held.source <= 1
    none = constant(None, size)
    small = code.str.to_lowercase()
    product = store_products(draws, held.source, key, small, small)
    orders = order_numbers(draws, held.source, key, key)
    return pl.DataFrame(
        {
            "id": draws.uuids("course purchase", key),
            "user_id": user_ids(draws, people.key[held.user]),
            "course_code": code,
            "voice": listed(("Female", "Male", "female"), draws.pick("voice", key, [6, 3, 1])),
            "product_id": chosen(sold, product, none),
            "purchase_id": chosen(sold, orders, none),
            "purchase_token": chosen(sold, draws.hexes("course token", key), none),
            "source": listed((*STORES, "premium_slot", "admin"), held.source),
            "status": constant("purchased", size),
            "transaction_date": chosen(sold, epoch_texts(held.at), none),
            "created_at": instants(held.at + 3),
            "updated_at": instants(held.at + 3),
        }
    )
