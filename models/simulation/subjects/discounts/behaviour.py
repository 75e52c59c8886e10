"""Codes used or lapsed, and rewards earned by referring and spent."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import CODE_AT
from models.simulation.engine.columns import frame_of, receipt_texts
from models.simulation.engine.draws import Draws, Ints
from models.simulation.kinds import Offer
from models.simulation.parameters import DAY, NEVER
from models.simulation.stores import order_numbers, period_orders
from models.simulation.subjects.credits.behaviour import CreditLife, pack_prices
from models.simulation.subjects.custom_audio.behaviour import Customs, custom_orders, custom_prices
from models.simulation.subjects.discounts import windows
from models.simulation.subjects.people.behaviour import NOBODY, People

LIFESPAN_DAYS = 7
REWARD_LIFE_DAYS = 365


def discount_lives(
    draws: Draws,
    people: People,
    *,
    periods: pl.DataFrame,
    credits: CreditLife,
    customs: Customs,
    until: int,
) -> pl.DataFrame:
    """One row per person and code handed out before `until`: when, whether used, by what sale.

    Seconds, NEVER where not used; the sale's order number, receipt, price and list price in
    hundredths of a cent.
    """
    offer, assigned = windows.welcome_offers(draws, people)
    code = np.where(offer == Offer.THIRD_OFF, CODE_AT["SBF03"], CODE_AT["SBF02"])
    sales = welcome_sales(draws, people, periods=periods)
    handed = [(offer != Offer.NONE, code, assigned, sales)]
    for place, name in enumerate(windows.AID_CODES):
        assigned, holds = windows.aid_windows(draws, people, code=place)
        sales = pack_sales(draws, people, credits=credits, code=place)
        handed.append((holds, np.full(len(people), CODE_AT[name]), assigned, sales))
    assigned, held = windows.ccf_windows(draws, people)
    code = np.array([CODE_AT[name] for name in windows.CCF_CODES])[held]
    handed.append((held >= 0, code, assigned, custom_sales(draws, people, customs=customs)))
    frames = []
    for holds, code, assigned, sales in handed:
        who = np.flatnonzero(holds & (assigned < until))
        given = frame_of(who=who, code=code[who], assigned=assigned[who])
        used = sales.filter(pl.col("used") < until)
        frames.append(given.join(used, on="who", how="left", maintain_order="left"))
    return pl.concat(frames).with_columns(pl.col("used").fill_null(NEVER))


def welcome_sales(draws: Draws, people: People, *, periods: pl.DataFrame) -> pl.DataFrame:
    """First periods bought at a welcome price."""
    first = periods.filter((pl.col("n") == 0) & (pl.col("offer") >= Offer.HALF_PRICE))
    ids = draws.uuids("event opened", first["period_key"].to_numpy())
    return frame_of(
        who=first["who"],
        used=first["created"],
        order=period_orders(draws, people.store[first["who"].to_numpy()], periods=first),
        receipt=receipt_texts("subscription_events", ids),
        paid=first["price"],
        full=first["list_price"],
    )


def pack_sales(draws: Draws, people: People, *, credits: CreditLife, code: int) -> pl.DataFrame:
    """Packs bought by a code."""
    by_code = credits.packs.code == code
    used = credits.packs.take(by_code)
    return frame_of(
        who=used.user,
        used=used.at,
        order=order_numbers(draws, people.store[used.user], keys=used.key),
        receipt=receipt_texts("ai_credit_purchases", draws.uuids("pack", used.key)),
        paid=credits.charges.take(by_code).paid,
        full=pack_prices(used, full=True),
    )


def custom_sales(draws: Draws, people: People, *, customs: Customs) -> pl.DataFrame:
    """Custom audio bought by a code."""
    used = customs.take(customs.code >= 0)
    ids = draws.uuids("custom purchase", used.key)
    return frame_of(
        who=used.user,
        used=used.at,
        order=order_numbers(draws, people.store[used.user], keys=used.key),
        receipt=receipt_texts("custom_course_purchases", ids),
        paid=custom_prices(used),
        full=custom_prices(used, full=True),
    )


def first_paid(lives: pl.DataFrame, size: int) -> Ints:
    """The second at which each person first paid for a subscription, or NEVER."""
    first = np.full(size, NEVER, dtype=np.int64)
    paid = lives.filter(~pl.col("is_trial"))
    np.minimum.at(first, paid["who"].to_numpy(), paid["created"].to_numpy())
    return first


def rewards(
    draws: Draws, everyone: People, *, paid_at: Ints, begin: int, end: int, until: int
) -> pl.DataFrame:
    """One row per reward earned by the referred people [begin, end) before `until`; whoever earned
    it buys custom audio once at most, on which all his credits are spent.

    `owner` and `referred` are indexes into everyone; seconds, NEVER where not used.
    """
    referred = np.arange(begin, end)
    parent = everyone.parent[begin:end]
    earned = (parent != NOBODY) & (paid_at[begin:end] < until)
    earned &= everyone.closed[np.maximum(parent, 0)] >= until
    referred, parent = referred[earned], parent[earned]
    created = paid_at[referred] + 1
    expires = created + REWARD_LIFE_DAYS * DAY
    orders = custom_orders(draws, everyone.take(parent), until=NEVER)
    spent = np.full(len(parent), NEVER, dtype=np.int64)
    spent[orders.user] = orders.at
    used = (spent > created) & (spent < np.minimum(expires, until))
    return frame_of(
        owner=parent,
        referred=referred,
        created=created,
        expires=expires,
        used=np.where(used, spent, NEVER),
    )
