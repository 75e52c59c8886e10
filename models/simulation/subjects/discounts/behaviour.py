"""Codes used or lapsed, and rewards earned by referring and spent."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import CODE_AT
from models.simulation.engine.columns import receipt_texts
from models.simulation.engine.draws import Draws, Ints
from models.simulation.kinds import Offer
from models.simulation.parameters import DAY, NEVER
from models.simulation.stores import order_numbers
from models.simulation.subjects.credits.behaviour import Packs
from models.simulation.subjects.credits.charges import pack_charges, pack_prices
from models.simulation.subjects.custom_audio.behaviour import Customs, custom_orders, custom_prices
from models.simulation.subjects.discounts.windows import (
    AID_CODES,
    CCF_CODES,
    aid_windows,
    ccf_windows,
    welcome_offers,
)
from models.simulation.subjects.people.behaviour import NOBODY, People
from models.simulation.subjects.subscriptions.rows import period_orders

LIFESPAN_DAYS = 7
REWARD_LIFE_DAYS = 365


def discount_lives(
    draws: Draws,
    people: People,
    *,
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

    def hand_out(code: Ints, assigned: Ints, *, holds: np.ndarray, sales: pl.DataFrame) -> None:
        who = np.flatnonzero(holds & (assigned < until))
        given = pl.DataFrame({"who": who, "code": code[who], "assigned": assigned[who]})
        frames.append(given.join(sales, on="who", how="left", maintain_order="left"))

    offer, assigned = welcome_offers(draws, people)
    code = np.where(offer == Offer.THIRD_OFF, CODE_AT["SBF03"], CODE_AT["SBF02"])
    hand_out(
        code,
        assigned,
        holds=offer != Offer.NONE,
        sales=welcome_sales(draws, people, periods=periods, until=until),
    )
    for place, name in enumerate(AID_CODES):
        assigned, holds = aid_windows(draws, people, code=place)
        code = np.full(len(people), CODE_AT[name])
        hand_out(
            code,
            assigned,
            holds=holds,
            sales=pack_sales(draws, people, packs=packs, code=place, until=until),
        )
    assigned, held = ccf_windows(draws, people)
    code = np.array([CODE_AT[name] for name in CCF_CODES])[held]
    hand_out(
        code,
        assigned,
        holds=held >= 0,
        sales=custom_sales(draws, people, customs=customs, until=until),
    )
    return pl.concat(frames).with_columns(pl.col("used").fill_null(NEVER))


def sales_by_code(
    user: Ints, at: Ints, *, orders: pl.Series, receipts: pl.Series, prices: tuple[Ints, Ints]
) -> pl.DataFrame:
    """Sales that used a code: person, second, order, receipt, paid and list price."""
    paid, full = prices
    return pl.DataFrame(
        {"who": user, "used": at, "order": orders, "receipt": receipts, "paid": paid, "full": full}
    )


def welcome_sales(
    draws: Draws, people: People, *, periods: pl.DataFrame, until: int
) -> pl.DataFrame:
    """First periods bought at a welcome price."""
    first = periods.filter(
        (pl.col("n") == 0) & (pl.col("offer") >= Offer.HALF_PRICE) & (pl.col("created") < until)
    )
    ids = draws.uuids("event opened", first["period_key"].to_numpy())
    return sales_by_code(
        first["who"].to_numpy(),
        first["created"].to_numpy(),
        orders=period_orders(draws, people, periods=first),
        receipts=receipt_texts("subscription_events", ids),
        prices=(first["price"].to_numpy(), first["list_price"].to_numpy()),
    )


def pack_sales(
    draws: Draws, people: People, *, packs: Packs, code: int, until: int
) -> pl.DataFrame:
    """Packs bought by a code."""
    these = (packs.code == code) & (packs.at < until)
    user, key = packs.user[these], packs.key[these]
    return sales_by_code(
        user,
        packs.at[these],
        orders=order_numbers(draws, people.store[user], google_keys=key, apple_keys=key),
        receipts=receipt_texts("ai_credit_purchases", draws.uuids("pack", key)),
        prices=(
            pack_charges(draws, people, packs=packs).paid[these],
            pack_prices(packs, full=True)[these],
        ),
    )


def custom_sales(draws: Draws, people: People, *, customs: Customs, until: int) -> pl.DataFrame:
    """Custom audio bought by a code."""
    these = (customs.code >= 0) & (customs.at < until)
    user, key = customs.user[these], customs.key[these]
    return sales_by_code(
        user,
        customs.at[these],
        orders=order_numbers(draws, people.store[user], google_keys=key, apple_keys=key),
        receipts=receipt_texts("custom_course_purchases", draws.uuids("custom purchase", key)),
        prices=(custom_prices(customs)[these], custom_prices(customs, full=True)[these]),
    )


def first_paid(lives: pl.DataFrame, size: int) -> Ints:
    """The second at which each person first paid for a subscription, or NEVER."""
    first = np.full(size, NEVER, dtype=np.int64)
    paid = lives.filter(~pl.col("is_trial"))
    np.minimum.at(first, paid["who"].to_numpy(), paid["created"].to_numpy())
    return first


def reward_uses(draws: Draws, everyone: People, *, rewarded: Ints) -> Ints:
    """When each rewarded person buys custom audio, on which all his credits are spent, or NEVER."""
    people = everyone.take(rewarded)
    orders = custom_orders(draws, people, until=NEVER)
    spent = np.full(len(people), NEVER, dtype=np.int64)
    spent[orders.user] = orders.at
    return spent


def rewards(
    draws: Draws, everyone: People, *, paid_at: Ints, begin: int, end: int, until: int
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
    spent = reward_uses(draws, everyone, rewarded=parent)
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
