"""Rows of user_discounts (handed out at the handshake, used or lapsed) and referral_credits."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.accounts import constant, user_ids
from models.simulation.billing import order_numbers, period_orders
from models.simulation.calendar import instants, optional_instants
from models.simulation.catalogue import CODE_AT, CODES
from models.simulation.credits import AID_CODES, Packs, aid_windows
from models.simulation.custom_audio import (
    CCF_CODES,
    Customs,
    ccf_windows,
    custom_orders,
    custom_prices,
)
from models.simulation.draws import Draws, Ints
from models.simulation.packs import pack_charges, pack_prices
from models.simulation.parameters import DAY, NEVER
from models.simulation.people import NOBODY, People
from models.simulation.prices import NO_OFFER, THIRD_OFF
from models.simulation.subscriptions import welcome_offers

LIFESPAN_DAYS = 7
REWARD_LIFE_DAYS = 365


def code_id_texts(draws: Draws) -> pl.Series:
    """The ids of catalogue.CODES, in their order."""
    return draws.uuids("discount code", np.arange(len(CODES), dtype=np.uint64))


def discount_lives(
    draws: Draws,
    people: People,
    periods: pl.DataFrame,
    packs: Packs,
    customs: Customs,
    until: int,
) -> pl.DataFrame:
    """One row per person and code handed out before `until`: when, whether used, by what sale.

    Seconds, NEVER where not used; the sale's order number, receipt, price and list price in
    hundredths of a cent.
    """
    frames = []

    def hand_out(code: Ints, assigned: Ints, holds: np.ndarray, sales: pl.DataFrame) -> None:
        who = np.flatnonzero(holds & (assigned < until))
        given = pl.DataFrame({"who": who, "code": code[who], "assigned": assigned[who]})
        frames.append(given.join(sales, on="who", how="left", maintain_order="left"))

    offer, assigned = welcome_offers(draws, people)
    code = np.where(offer == THIRD_OFF, CODE_AT["SBF03"], CODE_AT["SBF02"])
    hand_out(code, assigned, offer != NO_OFFER, welcome_sales(draws, people, periods, until))
    for place, name in enumerate(AID_CODES):
        assigned, holds = aid_windows(draws, people, place)
        code = np.full(len(people), CODE_AT[name])
        hand_out(code, assigned, holds, pack_sales(draws, people, packs, place, until))
    assigned, held = ccf_windows(draws, people)
    code = np.array([CODE_AT[name] for name in CCF_CODES])[held]
    hand_out(code, assigned, held >= 0, custom_sales(draws, people, customs, until))
    return pl.concat(frames).with_columns(pl.col("used").fill_null(NEVER))


def sales_by_code(
    user: Ints, at: Ints, orders: pl.Series, receipts: pl.Series, prices: tuple[Ints, Ints]
) -> pl.DataFrame:
    """Sales that used a code: person, second, order, receipt, paid and list price."""
    paid, full = prices
    return pl.DataFrame(
        {"who": user, "used": at, "order": orders, "receipt": receipts, "paid": paid, "full": full}
    )


def receipt_texts(table: str, ids: pl.Series) -> pl.Series:
    """Receipts' ids as the marts name them."""
    return pl.select(pl.format(table + ":{}", ids).alias("r"))["r"]


def welcome_sales(draws: Draws, people: People, periods: pl.DataFrame, until: int) -> pl.DataFrame:
    """First periods bought at a welcome price."""
    first = periods.filter(
        (pl.col("n") == 0) & (pl.col("offer") >= 2) & (pl.col("created") < until)
    )
    ids = draws.uuids("event opened", first["period_key"].to_numpy())
    return sales_by_code(
        first["who"].to_numpy(), first["created"].to_numpy(), period_orders(draws, people, first),
        receipt_texts("subscription_events", ids),
        (first["price"].to_numpy(), first["list_price"].to_numpy()),
    )  # fmt: skip


def pack_sales(draws: Draws, people: People, packs: Packs, code: int, until: int) -> pl.DataFrame:
    """Packs bought by a code."""
    these = (packs.code == code) & (packs.at < until)
    user, key = packs.user[these], packs.key[these]
    return sales_by_code(
        user, packs.at[these], order_numbers(draws, people.store[user], key, key),
        receipt_texts("ai_credit_purchases", draws.uuids("pack", key)),
        (pack_charges(draws, people, packs).paid[these], pack_prices(packs, full=True)[these]),
    )  # fmt: skip


def custom_sales(draws: Draws, people: People, customs: Customs, until: int) -> pl.DataFrame:
    """Custom audio bought by a code."""
    these = (customs.code >= 0) & (customs.at < until)
    user, key = customs.user[these], customs.key[these]
    return sales_by_code(
        user, customs.at[these], order_numbers(draws, people.store[user], key, key),
        receipt_texts("custom_course_purchases", draws.uuids("custom purchase", key)),
        (custom_prices(customs)[these], custom_prices(customs, full=True)[these]),
    )  # fmt: skip


def user_discounts(draws: Draws, people: People, lives: pl.DataFrame) -> pl.DataFrame:
    """user_discounts from discount_lives: one row per person and code."""
    keys = people.key[lives["who"].to_numpy()]
    code, assigned, used = (lives[name].to_numpy() for name in ("code", "assigned", "used"))
    is_used = used < NEVER
    return pl.DataFrame(
        {
            "id": draws.uuids("user discount", keys, code),
            "user_id": user_ids(draws, keys),
            "discount_code_id": code_id_texts(draws).gather(pl.Series(code)),
            "assigned_at": instants(assigned),
            "expires_at": instants(assigned + LIFESPAN_DAYS * DAY),
            "used_at": optional_instants(used, is_used),
            "purchase_id": lives["order"],
            "created_at": instants(assigned),
            "updated_at": instants(np.where(is_used, used, assigned)),
        }
    )


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


def rewards(
    draws: Draws, everyone: People, paid_at: Ints, begin: int, end: int, until: int
) -> pl.DataFrame:
    """One row per reward earned by the referred people [begin, end) before `until`.

    `owner` and `referred` are indexes into everyone; seconds, NEVER where not used.
    """
    referred = np.arange(begin, end)
    parent = everyone.parent[begin:end]
    earned = (parent != NOBODY) & (paid_at[begin:end] < until)
    earned &= everyone.closed[np.maximum(parent, 0)] >= until
    referred, parent = referred[earned], parent[earned]
    created = paid_at[referred] + 1
    expires = created + REWARD_LIFE_DAYS * DAY
    spent = reward_uses(draws, everyone, parent)
    used = (spent > created) & (spent < np.minimum(expires, until))
    return pl.DataFrame(
        {
            "owner": parent,
            "referred": referred,
            "created": created,
            "expires": expires,
            "used": np.where(used, spent, NEVER),
        }
    )


def referral_credits(draws: Draws, everyone: People, earned: pl.DataFrame) -> pl.DataFrame:
    """referral_credits from rewards."""
    key = everyone.key[earned["referred"].to_numpy()]
    created, used = earned["created"].to_numpy(), earned["used"].to_numpy()
    is_used = used < NEVER
    return pl.DataFrame(
        {
            "id": draws.uuids("reward", key),
            "user_id": user_ids(draws, everyone.key[earned["owner"].to_numpy()]),
            "referred_user_id": user_ids(draws, key),
            "amount": constant("1.00", len(key)),
            "source": constant("user_referral", len(key)),
            "expires_at": instants(earned["expires"]),
            "used_at": optional_instants(used, is_used),
            "created_at": instants(created),
            "updated_at": instants(np.where(is_used, used, created)),
        }
    )
