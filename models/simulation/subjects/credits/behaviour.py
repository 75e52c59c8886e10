"""AI use in whole seconds: the weekly allowance first, then the bank, then a pack and its price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation import prices
from models.simulation.engine.calendar import week_of
from models.simulation.engine.columns import Entities, listed
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.kinds import Charged
from models.simulation.parameters import COUNTRIES, DAY, DISCOUNT_LIFT, HOUR, NEVER
from models.simulation.prices import CREDIT_PACKS, PACK_CREDITS, charged
from models.simulation.subjects.credits.access import Access, premium_access
from models.simulation.subjects.credits.sessions import Sessions, rounds, wished_sessions
from models.simulation.subjects.discounts.windows import AID_CODES, aid_windows
from models.simulation.subjects.people.behaviour import People

PREMIUM_WEEKLY = 10_000
LEGACY_WEEKLY = 600  # an allowance that one free user in ten keeps from older times
LONGEST_RECORDING = 120  # seconds that one turn can take: what it may take beyond an empty bank
BUYS_PREMIUM, BUYS_FREE = 0.45, 0.10  # odds to buy a pack when a session finds nothing left
LARGE_PACK_FROM = 20_513  # 2026-03-01 in days since 1970
# What the packs cost where the store charges in another currency, per dollar of the list.
LOCAL = {"EUR": 10_136, "GBP": 8_441, "CAD": 13_526, "AUD": 15_220}
CURRENCIES = ("USD", *LOCAL)
PER_DOLLAR = np.array([prices.MONEY, *LOCAL.values()])
PACK_OFFERS = ("x2", "x3")  # by the codes of AID_CODES
REFUNDED = 0.04


@dataclass(frozen=True)
class Packs(Entities):
    """Packs bought: person, second, size (of CREDIT_PACKS), code used (of AID_CODES or -1)."""

    user: Ints
    at: Ints
    size: Ints
    code: Ints
    key: Keys


@dataclass(frozen=True)
class Charges(Entities):
    """What was charged for packs: amount and currency where recorded (else ABSENT and -1)."""

    amount: Ints
    currency: Ints
    paid: Ints
    refunded: Ints


@dataclass(frozen=True)
class Temptations(Entities):
    """Sessions that found everything empty: `code` on offer (of AID_CODES or -1), and what came."""

    user: Ints
    code: Ints
    is_premium: Bools
    buys: Bools


@dataclass(frozen=True)
class CreditLife:
    """A batch's sessions held, packs and their charges, who is premium when, what led to packs."""

    sessions: Sessions
    packs: Packs
    charges: Charges
    access: Access
    temptations: Temptations


def credit_life(draws: Draws, people: People, *, periods: pl.DataFrame, until: int) -> CreditLife:
    """Live the AI use of a batch until the given second."""
    access = premium_access(periods)
    sessions = wished_sessions(draws, people, periods=periods, until=until)
    is_premium = access.holds(sessions.user, sessions.at)
    limit = weekly_limits(draws, people, is_premium=is_premium, user=sessions.user)
    charge_weekly(draws, sessions, limit=limit)
    beyond = sessions.charged == Charged.NOT_HELD
    bank = sessions.take(beyond)
    packs, tempted = charge_bank(draws, people, sessions=bank, is_premium=is_premium[beyond])
    sessions.seconds[beyond], sessions.charged[beyond] = bank.seconds, bank.charged
    sessions = sessions.take(sessions.charged != Charged.NOT_HELD)
    return CreditLife(sessions, packs, pack_charges(draws, people, packs=packs), access, tempted)


def weekly_limits(draws: Draws, people: People, *, is_premium: Bools, user: Ints) -> Ints:
    """The allowance that holds for a person who is or is not premium."""
    legacy = draws.chance("legacy", people.key, odds=0.1)[user]
    return np.where(is_premium, PREMIUM_WEEKLY, np.where(legacy, LEGACY_WEEKLY, 0))


def shorten(draws: Draws, sessions: Sessions, *, now: Ints, left: Ints) -> None:
    """End sessions with the first of their turns that goes beyond what is left."""
    beyond = draws.between("turn beyond", sessions.key[now], low=1, high=LONGEST_RECORDING)
    sessions.seconds[now] = np.minimum(sessions.seconds[now], np.maximum(left, 0) + beyond)


def charge_weekly(draws: Draws, sessions: Sessions, *, limit: Ints) -> None:
    """Charge to the allowance the sessions that it bears: all while anything is left when they
    begin."""
    group = sessions.user * 100_000 + week_of(sessions.at)
    week = np.cumsum(np.diff(group, prepend=-1) != 0) - 1
    used = np.zeros(len(group), dtype=np.int64)
    for now in rounds(group):
        left = limit[now] - used[week[now]]
        borne, left = now[left > 0], left[left > 0]
        shorten(draws, sessions, now=borne, left=left)
        sessions.charged[borne] = Charged.WEEKLY
        used[week[borne]] += sessions.seconds[borne]


def charge_bank(
    draws: Draws, people: People, *, sessions: Sessions, is_premium: Bools
) -> tuple[Packs, Temptations]:
    """Charge to the bank what it bears of sessions beyond the allowance: (packs, what led to them).

    A session that finds the bank empty leads to a pack a little before it, or is not held. Each of
    its turns asks whether there is any credit left, so that it ends with the first one beyond.
    """
    limit = np.zeros(len(people), dtype=np.int64)
    used = np.zeros(len(people), dtype=np.int64)
    windows = [aid_windows(draws, people, code=code) for code in range(len(AID_CODES))]
    lifts = np.array([*(DISCOUNT_LIFT[name] for name in AID_CODES), 1.0])
    tempted: list[Temptations] = []
    bought: list[Packs] = []
    for now in rounds(sessions.user):
        user, at, key = sessions.user[now], sessions.at[now], sessions.key[now]
        empty = used[user] >= limit[user]
        offer = np.full(len(now), -1, dtype=np.int64)
        for code, (assigned, holds) in enumerate(windows):
            given = assigned[user]
            offer[holds[user] & (at - 120 >= given) & (at < given + 7 * DAY)] = code
        odds = np.where(is_premium[now], BUYS_PREMIUM, BUYS_FREE)
        buys = empty & draws.chance("pack", key, odds=odds * lifts[offer])
        tempted.append(Temptations(user, offer, is_premium[now], buys).take(empty))
        large = draws.chance("large pack", key, odds=0.35) & (at // DAY > LARGE_PACK_FROM)
        size = large.astype(np.int64)
        limit[user] += np.where(buys, PACK_CREDITS[size], 0)
        held = ~empty | buys
        borne, payer = now[held], user[held]
        shorten(draws, sessions, now=borne, left=limit[payer] - used[payer])
        sessions.charged[borne] = Charged.BANK
        used[payer] += sessions.seconds[borne]
        used_code = np.where(draws.chance("uses aid", key, odds=0.8), offer, -1)
        bought.append(Packs(user, at - 60, size, used_code, key).take(buys))
        for code, (_, holds) in enumerate(windows):
            holds[user[buys & (used_code == code)]] = False
    packs = Packs.joined(bought)
    by_person = packs.take(np.lexsort((packs.key, packs.at, packs.user)))
    return by_person, Temptations.joined(tempted)


def pack_charges(draws: Draws, people: People, *, packs: Packs) -> Charges:
    """Every fourth row records its amount, abroad in the country's currency at the day's rate."""
    price, key = pack_prices(packs), packs.key
    recorded = draws.chance("amount recorded", key, odds=0.25)
    homes = [CURRENCIES.index(c[3]) if c[3] in LOCAL else 0 for c in COUNTRIES]
    currency = np.array(homes)[people.country[packs.user]]
    rate = prices.rates_at(packs.at, listed(CURRENCIES, currency), rates=prices.exchange_rates())
    abroad = recorded & (rate != prices.ABSENT)
    local = (price * PER_DOLLAR[currency] // prices.MONEY) // 100 * 100
    refunded = packs.at + draws.between("pack refunded", key, low=HOUR, high=20 * DAY)
    return Charges(
        amount=np.select([abroad, recorded], [local, price], prices.ABSENT),
        currency=np.select([abroad, recorded], [currency, 0], -1),
        paid=np.where(abroad, prices.in_dollars(local, rate), price),
        refunded=np.where(draws.chance("is refunded", key, odds=REFUNDED), refunded, NEVER),
    )


def pack_prices(packs: Packs, *, full: bool = False) -> Ints:
    """What was charged for each pack, or its list price, in hundredths of a cent."""
    offer = 0 if full else packs.code + 1
    offers = (None, *PACK_OFFERS)
    return charged(packs.at, products=CREDIT_PACKS, product=packs.size, offers=offers, offer=offer)
