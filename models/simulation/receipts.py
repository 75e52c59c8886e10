"""Rows of purchases: credit packs, custom audio with its course, one-off courses and slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.accounts import chosen, constant, listed, user_ids
from models.simulation.billing import STORES, order_numbers, store_products
from models.simulation.calendar import instants
from models.simulation.catalogue import COURSES, md5
from models.simulation.credits import Packs
from models.simulation.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import COUNTRIES, DAY, DISCOUNT_LIFT, HOUR, NEVER
from models.simulation.people import People
from models.simulation.prices import (
    ABSENT,
    CREDIT_PACKS,
    MONEY,
    PACK_CREDITS,
    exchange_rates,
    in_dollars,
    price_list,
)

CUSTOM_ODDS = 0.035
CCF_FROM = 20_513 * DAY  # the discounted custom audio is sold from 2026-03-01
PLACEHOLDER = "{}"


def epoch_texts(seconds: Ints) -> pl.Series:
    """Epoch milliseconds as text."""
    return (pl.Series(seconds) * 1000).cast(pl.String)


# What the packs cost where the store charges in another currency, per dollar of the list.
LOCAL = {"EUR": 10_136, "GBP": 8_441, "CAD": 13_526, "AUD": 15_220}
REFUNDED = 0.02


@dataclass(frozen=True)
class Charges:
    """What was charged for packs: amount and currency where recorded (else ABSENT and -1)."""

    amount: Ints
    currency: Ints
    paid: Ints
    refunded: Ints


CURRENCIES = ("USD", *LOCAL)


def pack_charges(draws: Draws, people: People, packs: Packs) -> Charges:
    """Every fourth row records its amount, abroad in the country's currency at the day's rate."""
    listed_price, key = pack_prices(packs), packs.key
    recorded = draws.chance("amount recorded", key, 0.25)
    amount = np.where(recorded, listed_price, ABSENT)
    currency = np.where(recorded, 0, -1)
    paid = listed_price.copy()
    home = np.array([c[3] for c in COUNTRIES])[people.country[packs.user]]
    for place, (name, per_dollar) in enumerate(LOCAL.items(), start=1):
        rate = exchange_rates().rate(name, packs.at)
        here = recorded & (home == name) & (rate != ABSENT)
        local = (listed_price * per_dollar // MONEY) // 100 * 100
        amount, currency = np.where(here, local, amount), np.where(here, place, currency)
        paid = np.where(here, in_dollars(local, np.maximum(rate, 0)), paid)
    refunded = packs.at + draws.between("pack refunded", key, HOUR, 20 * DAY)
    refunded = np.where(draws.chance("is refunded", key, REFUNDED), refunded, NEVER)
    return Charges(amount, currency, paid, refunded)


def money(units: Ints) -> pl.Series:
    """Exact decimals with four places from hundredths of a cent; below 0 is null."""
    return money_texts(units).cast(pl.Decimal(18, 4))


def money_texts(units: Ints) -> pl.Series:
    """The same as text, beside which a row can also hold NaN."""
    whole = pl.Series(units // MONEY).cast(pl.String)
    rest = pl.Series(units % MONEY).cast(pl.String).str.zfill(4)
    text = pl.select(pl.format("{}.{}", whole, rest).alias("m"))["m"]
    none = constant(None, len(units))
    return chosen(units >= 0, text, none)


def pack_rows(draws: Draws, people: People, packs: Packs, until: int) -> pl.DataFrame:
    """ai_credit_purchases as they stand at `until`: one row per pack."""
    store, key = people.store[packs.user], packs.key
    charges = pack_charges(draws, people, packs)
    product = listed(CREDIT_PACKS, packs.size)
    cheap = pl.select(pl.format("{}_x2", product).alias("p"))["p"]
    product = chosen(packs.discounted, cheap, product)
    refunded = charges.refunded < until
    return pl.DataFrame(
        {
            "id": draws.uuids("pack", key),
            "user_id": user_ids(draws, people.key[packs.user]),
            "product_id": store_products(draws, store, key, product, product),
            "purchase_id": order_numbers(draws, store, key, key),
            "purchase_token": draws.hexes("pack token", key),
            "source": listed(STORES, store),
            "credits_amount": PACK_CREDITS[packs.size],
            "amount_paid": money_texts(charges.amount),
            "currency": listed(CURRENCIES, charges.currency),
            "status": listed(("purchased", "refunded"), refunded.astype(np.int64)),
            "transaction_date": epoch_texts(packs.at),
            "created_at": instants(packs.at + 5),
            "updated_at": instants(np.where(refunded, charges.refunded, packs.at + 5)),
        }
    )


def pack_prices(packs: Packs) -> Ints:
    """What was charged for each pack, in hundredths of a cent."""
    paid = np.zeros(len(packs.at), dtype=np.int64)
    for place, product in enumerate(CREDIT_PACKS):
        for cheap, offer in ((False, None), (True, "x2")):
            these = (packs.size == place) & (packs.discounted == cheap)
            paid[these] = price_list().price(product, offer, packs.at[these])
    return paid


def custom_prices(customs: Customs) -> Ints:
    """What was charged for each custom audio, in hundredths of a cent."""
    full = price_list().price("x99enb", None, customs.at)
    return np.where(customs.discounted, price_list().price("x99enb", "c1", customs.at), full)


def sale_prices(held: Holdings) -> Ints:
    """What was charged for each course sold singly, ABSENT for slots and gifts."""
    paid = np.full(len(held.at), ABSENT, dtype=np.int64)
    for place, course in enumerate(COURSES):
        these = (held.course == place) & (held.source <= 1)
        paid[these] = price_list().price(course.code.lower(), None, held.at[these])
    return paid


@dataclass(frozen=True)
class Customs:
    """Custom audio bought: person, instants of its making (NEVER-like large where none)."""

    user: Ints
    at: Ints
    discounted: Bools
    submitted: Ints
    delivered: Ints
    key: Keys


def never_buys(draws: Draws, people: People) -> Bools:
    """Who by his draws buys neither custom audio nor a course, whatever his discount."""
    key = people.key
    most = CUSTOM_ODDS * DISCOUNT_LIFT["CCF02"]
    _, holds = ccf_windows(draws, people)
    buys = draws.chance("custom", key, most) | draws.chance("one-off", key, ONE_OFF_ODDS)
    return np.asarray(~buys & ~holds & ~draws.chance("gift", key, ADMIN_ODDS))


def custom_orders(draws: Draws, people: People, until: int) -> Customs:
    """Who buys custom audio before `until`; CCF02, handed to a part of them, raises the odds."""
    key = people.key
    assigned, holds = ccf_windows(draws, people)
    lift = np.where(holds, DISCOUNT_LIFT["CCF02"], 1.0)
    buys = draws.chance("custom", key, CUSTOM_ODDS * lift)
    cheap = holds & draws.chance("uses ccf", key, 0.6)
    delay = draws.exponential("custom delay", key, 40.0 * DAY).astype(np.int64)
    window = (draws.uniform("ccf use", key) * 6.9 * DAY).astype(np.int64)
    at = np.where(cheap, assigned + 60 + window, people.signup + HOUR + delay)
    chosen_ones = np.flatnonzero(buys & (at < until))
    order = draws.child_keys("custom", key[chosen_ones])
    moment = at[chosen_ones]
    never = np.int64(NEVER)
    sent = draws.pick("form", order, [0.86, 0.06, 0.08])
    wait = draws.exponential("form wait", order, 6.0 * HOUR).astype(np.int64)
    wait = np.minimum(wait, 23 * HOUR) + 120
    submitted = np.where(sent == 2, never, moment + wait)
    making = 20 * 60 + draws.exponential("making", order, 2.0 * HOUR).astype(np.int64)
    regenerated = draws.chance("regenerated", order, 0.08)
    making = making + np.where(regenerated, draws.between("again", order, DAY, 5 * DAY), 0)
    delivered = np.where(sent == 0, submitted + making, never)
    return Customs(chosen_ones, moment, cheap[chosen_ones], submitted, delivered, order)


def ccf_windows(draws: Draws, people: People) -> tuple[Ints, Bools]:
    """(second of assignment, whether handed out) of CCF02 to a third of all."""
    assigned = people.signup + DAY + draws.between("ccf", people.key, 0, DAY)
    holds = draws.chance("ccf synced", people.key, 0.33) & (assigned >= CCF_FROM)
    return assigned, holds


def custom_course_rows(draws: Draws, people: People, customs: Customs, until: int) -> pl.DataFrame:
    """custom_courses: a placeholder from the sale, the finished document from delivery on."""
    done = customs.delivered < until
    audio = pl.Series(
        ['{"audio_files": [{"number": "1", "seconds": 900}], "scripts": [], "workbooks": []}']
        * len(done),
        dtype=pl.String,
    )
    data = chosen(done, audio, constant(PLACEHOLDER, len(done)))
    digests = {text: md5(text) for text in data.unique().to_list()}
    frame = pl.DataFrame({"data": data}, schema={"data": pl.String})
    return pl.DataFrame(
        {
            "id": draws.uuids("custom course", customs.key),
            "user_id": user_ids(draws, people.key[customs.user]),
            "course_code": constant("X99ENB", len(done)),
            "title": chosen(
                done,
                constant("My own audio", len(done)),
                constant("Custom audio", len(done)),
            ),
            "description": constant("", len(done)),
            "data": frame["data"],
            "checksum": frame["data"].replace_strict(digests, return_dtype=pl.String)
            if digests
            else frame["data"],
            "file_size_bytes": frame["data"].str.len_bytes().cast(pl.Int64),
            "created_at": instants(customs.at + 3),
            "updated_at": instants(np.where(done, customs.delivered, customs.at + 3)),
        }
    )


def custom_purchase_rows(
    draws: Draws, people: People, customs: Customs, until: int
) -> pl.DataFrame:
    """custom_course_purchases: one row per sale."""
    store, key = people.store[customs.user], customs.key
    sent = customs.submitted < until
    return pl.DataFrame(
        {
            "id": draws.uuids("custom purchase", key),
            "course_id": draws.uuids("custom course", key),
            "purchase_id": order_numbers(draws, store, key, key),
            "purchase_token": draws.hexes("custom token", key),
            "source": listed(STORES, store),
            "link_token": draws.uuids("link", key),
            "is_submitted": sent,
            "status": constant("active", len(key)),
            "created_at": instants(customs.at + 4),
            "updated_at": instants(np.where(sent, customs.submitted, customs.at + 4)),
        }
    )


@dataclass(frozen=True)
class Holdings:
    """Catalogue courses held: `source` 0 Google, 1 Apple, 2 premium slot, 3 given by an admin."""

    user: Ints
    at: Ints
    course: Ints
    source: Ints
    key: Keys


ONE_OFF_ODDS, ADMIN_ODDS = 0.03, 0.002
ONE_OFF_UNTIL = 20_513 * DAY


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
