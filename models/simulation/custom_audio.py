"""Custom audio: its sale, placeholder course, form, generation and delivery, or failure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.accounts import chosen, constant, listed, user_ids
from models.simulation.billing import STORES, order_numbers
from models.simulation.calendar import instants
from models.simulation.catalogue import md5
from models.simulation.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import DAY, DISCOUNT_LIFT, HOUR, K_FACTOR, NEVER
from models.simulation.people import People
from models.simulation.prices import (
    price_list,
)

CUSTOM_ODDS = 0.03
REFERRER_FACTOR = 4.0
CCF_FROM = 20_513 * DAY  # the discounted custom audio is sold from 2026-03-01
PLACEHOLDER = "{}"


@dataclass(frozen=True)
class Customs:
    """Custom audio bought: person, instants of its making (NEVER-like large where none)."""

    user: Ints
    at: Ints
    discounted: Bools
    submitted: Ints
    delivered: Ints
    key: Keys


def ccf_windows(draws: Draws, people: People) -> tuple[Ints, Bools]:
    """(second of assignment, whether handed out) of CCF02 to a third of all."""
    assigned = people.signup + DAY + draws.between("ccf", people.key, 0, DAY)
    holds = draws.chance("ccf synced", people.key, 0.33) & (assigned >= CCF_FROM)
    return assigned, holds


def custom_orders(draws: Draws, people: People, until: int) -> Customs:
    """Who buys custom audio before `until`; CCF02, handed to a part of them, raises the odds."""
    key = people.key
    assigned, holds = ccf_windows(draws, people)
    lift = np.where(holds, DISCOUNT_LIFT["CCF02"], 1.0)
    refers = draws.poisson("offspring", key, K_FACTOR) > 0
    lift = lift * np.where(refers, REFERRER_FACTOR, 1.0)  # credits are waiting to be spent
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


def custom_prices(customs: Customs) -> Ints:
    """What was charged for each custom audio, in hundredths of a cent."""
    full = price_list().price("x99enb", None, customs.at)
    return np.where(customs.discounted, price_list().price("x99enb", "c1", customs.at), full)


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
