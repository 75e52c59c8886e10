"""Rows of user_discounts (handed out at the handshake, used or lapsed) and referral_credits."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.accounts import chosen, constant, user_ids
from models.simulation.billing import order_numbers, period_orders
from models.simulation.calendar import instants, optional_instants
from models.simulation.catalogue import CODE_AT, CODES
from models.simulation.credits import Packs, aid_windows
from models.simulation.custom_audio import Customs, ccf_windows, custom_orders
from models.simulation.draws import Draws, Ints
from models.simulation.parameters import DAY, NEVER
from models.simulation.people import NOBODY, People
from models.simulation.prices import NO_OFFER, THIRD_OFF
from models.simulation.subscriptions import welcome_offers

LIFESPAN_DAYS = 7
REWARD_LIFE_DAYS = 365


def code_id_texts(draws: Draws) -> pl.Series:
    """The ids of catalogue.CODES, in their order."""
    return draws.uuids("discount code", np.arange(len(CODES), dtype=np.uint64))


def discount_rows(
    draws: Draws,
    people: People,
    user: Ints,
    code: Ints,
    assigned: Ints,
    used: Ints,
    order: pl.Series,
) -> pl.DataFrame:
    """Assignments in the shape of the table; `used` is NEVER for what lapsed or is open."""
    keys = people.key[user]
    is_used = used < NEVER
    none = constant(None, len(user))
    return pl.DataFrame(
        {
            "id": draws.uuids("user discount", keys, code),
            "user_id": user_ids(draws, keys),
            "discount_code_id": code_id_texts(draws).gather(pl.Series(code)),
            "assigned_at": instants(assigned),
            "expires_at": instants(assigned + LIFESPAN_DAYS * DAY),
            "used_at": optional_instants(used, is_used),
            "purchase_id": chosen(is_used, order, none),
            "created_at": instants(assigned),
            "updated_at": instants(np.where(is_used, used, assigned)),
        }
    )


def used_at(
    size: int, user: Ints, at: Ints, orders: pl.Series, until: int
) -> tuple[Ints, pl.Series]:
    """(second of use or NEVER, order) per person from the sales that used a code."""
    used = np.full(size, NEVER, dtype=np.int64)
    place = np.full(size, -1, dtype=np.int64)
    past = at < until
    used[user[past]] = at[past]
    place[user[past]] = np.flatnonzero(past)
    texts = pl.concat([orders, pl.Series([None], dtype=pl.String)])
    return used, texts.gather(pl.Series(np.where(place < 0, len(orders), place)))


def user_discounts(
    draws: Draws,
    people: People,
    periods: pl.DataFrame,
    packs: Packs,
    customs: Customs,
    until: int,
) -> pl.DataFrame:
    """user_discounts at `until`: one row per person and code."""
    size, frames = len(people), []
    store = people.store

    def assignments(
        code: Ints, assigned: Ints, holds: np.ndarray, sold: tuple[Ints, Ints, pl.Series]
    ) -> None:
        used, order = used_at(size, *sold, until)
        who = np.flatnonzero(holds & (assigned < until))
        order = order.gather(pl.Series(who))
        frames.append(discount_rows(draws, people, who, code[who], assigned[who], used[who], order))

    offer, assigned = welcome_offers(draws, people)
    first = periods.filter((pl.col("n") == 0) & (pl.col("offer") >= 2))
    orders = period_orders(draws, people, first)
    sold = (first["who"].to_numpy(), first["created"].to_numpy(), orders)
    code = np.where(offer == THIRD_OFF, CODE_AT["SBF03"], CODE_AT["SBF02"])
    assignments(code, assigned, offer != NO_OFFER, sold)

    assigned, holds = aid_windows(draws, people)
    cheap = packs.discounted
    orders = order_numbers(draws, store[packs.user[cheap]], packs.key[cheap], packs.key[cheap])
    sold = (packs.user[cheap], packs.at[cheap], orders)
    assignments(np.full(size, CODE_AT["AID50"]), assigned, holds, sold)

    assigned, holds = ccf_windows(draws, people)
    cheap = customs.discounted
    user, key = customs.user[cheap], customs.key[cheap]
    sold = (user, customs.at[cheap], order_numbers(draws, store[user], key, key))
    assignments(np.full(size, CODE_AT["CCF02"]), assigned, holds, sold)
    return pl.concat(frames)


def first_paid(lives: pl.DataFrame, size: int) -> Ints:
    """The second at which each person first paid for a subscription, or NEVER."""
    first = np.full(size, NEVER, dtype=np.int64)
    paid = lives.filter(~pl.col("is_trial"))
    np.minimum.at(first, paid["who"].to_numpy(), paid["created"].to_numpy())
    return first


def reward_uses(draws: Draws, everyone: People, rewarded: Ints) -> Ints:
    """When each rewarded person buys custom audio, on which all his credits are spent, or NEVER."""
    people = everyone.take(rewarded)
    orders = custom_orders(draws, people, NEVER)
    spent = np.full(len(people), NEVER, dtype=np.int64)
    spent[orders.user] = orders.at
    return spent


def referral_credits(
    draws: Draws, everyone: People, paid_at: Ints, begin: int, end: int, until: int
) -> pl.DataFrame:
    """referral_credits earned by the referred people [begin, end), as they stand at `until`."""
    referred = np.arange(begin, end)
    parent = everyone.parent[begin:end]
    earned = (parent != NOBODY) & (paid_at[begin:end] < until)
    earned &= everyone.closed[np.maximum(parent, 0)] >= until
    referred, parent = referred[earned], parent[earned]
    key = everyone.key[referred]
    created = paid_at[referred] + 1
    spent = reward_uses(draws, everyone, parent)
    used = (spent > created) & (spent < np.minimum(created + REWARD_LIFE_DAYS * DAY, until))
    return pl.DataFrame(
        {
            "id": draws.uuids("reward", key),
            "user_id": user_ids(draws, everyone.key[parent]),
            "referred_user_id": user_ids(draws, key),
            "amount": constant("1.00", len(key)),
            "source": constant("user_referral", len(key)),
            "expires_at": instants(created + REWARD_LIFE_DAYS * DAY),
            "used_at": optional_instants(spent, used),
            "created_at": instants(created),
            "updated_at": instants(np.where(used, spent, created)),
        }
    )
