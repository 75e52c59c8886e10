"""Custom audio: its sale, placeholder course, form, generation, and delivery or a second try."""

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
CCF_CODES = tuple(f"CCF0{n}" for n in range(2, 9))
CCF_OFFERS = tuple(f"c{n}" for n in range(1, 8))
CCF_WEIGHTS = (0.3, 0.2, 0.14, 0.11, 0.1, 0.08, 0.07)


@dataclass(frozen=True)
class Customs:
    """Custom audio bought: person, code used (of CCF_CODES or -1), instants of its making.

    NEVER for what does not happen. After a failed generation the support reopens the form's link,
    and most people send it again.
    """

    user: Ints
    at: Ints
    code: Ints
    submitted: Ints
    reopened: Ints
    resubmitted: Ints
    delivered: Ints
    key: Keys

    def form_at(self, until: int) -> tuple[Bools, Ints]:
        """(whether the form counts as sent, second of its last change) as known before `until`."""
        steps = (self.at + 4, self.submitted, self.reopened, self.resubmitted)
        passed = np.stack([np.where(step < until, step, -1) for step in steps])
        newest = np.argmax(passed, axis=0)
        return np.asarray(newest % 2 == 1), np.asarray(passed.max(axis=0))


def ccf_windows(draws: Draws, people: People) -> tuple[Ints, Ints]:
    """(second of assignment, code handed out) of the codes CCF: a third of all gets one of them.

    The code is an index of CCF_CODES, -1 for nobody.
    """
    assigned = people.signup + DAY + draws.between("ccf", people.key, 0, DAY)
    holds = draws.chance("ccf synced", people.key, 0.33) & (assigned >= CCF_FROM)
    return assigned, np.where(holds, draws.pick("ccf code", people.key, CCF_WEIGHTS), -1)


def ccf_lifts(code: Ints) -> np.ndarray:
    """By what the codes multiply the odds to buy; 1 for -1."""
    return np.array([*(DISCOUNT_LIFT[name] for name in CCF_CODES), 1.0])[code]


def custom_orders(draws: Draws, people: People, until: int) -> Customs:
    """Who buys custom audio before `until`; the codes, handed to a part of them, raise the odds."""
    key = people.key
    assigned, code = ccf_windows(draws, people)
    refers = draws.poisson("offspring", key, K_FACTOR) > 0
    # credits are waiting to be spent by those who refer
    lift = ccf_lifts(code) * np.where(refers, REFERRER_FACTOR, 1.0)
    buys = draws.chance("custom", key, CUSTOM_ODDS * lift)
    used = np.where(draws.chance("uses ccf", key, 0.6), code, -1)
    delay = draws.exponential("custom delay", key, 40.0 * DAY).astype(np.int64)
    window = (draws.uniform("ccf use", key) * 6.9 * DAY).astype(np.int64)
    at = np.where(used >= 0, assigned + 60 + window, people.signup + HOUR + delay)
    chosen_ones = np.flatnonzero(buys & (at < until))
    order = draws.child_keys("custom", key[chosen_ones])
    return Customs(
        chosen_ones, at[chosen_ones], used[chosen_ones], **making(draws, order, at[chosen_ones]),
        key=order,
    )  # fmt: skip


def making(draws: Draws, order: Keys, at: Ints) -> dict[str, Ints]:
    """The instants of each custom audio's making from its sale on."""
    never = np.full(len(order), NEVER, dtype=np.int64)
    sent = draws.chance("form", order, 0.92)
    fails, again = draws.chance("fails", order, 0.12), draws.chance("again", order, 0.85)
    submitted = np.where(sent, at + form_wait(draws, order, 0), never)
    reopens = sent & fails
    again &= reopens
    reopened = np.where(reopens, submitted + draws.between("support", order, HOUR, 4 * DAY), never)
    resubmitted = np.where(again, reopened + form_wait(draws, order, 1), never)
    work = 20 * 60 + draws.exponential("making", order, 2.0 * HOUR).astype(np.int64)
    delivered = np.select([sent & ~fails, again], [submitted + work, resubmitted + work], never)
    return {
        "submitted": submitted,
        "reopened": reopened,
        "resubmitted": resubmitted,
        "delivered": delivered,
    }


def form_wait(draws: Draws, order: Keys, time: int) -> Ints:
    """Seconds until the form is sent, within the 24 hours of its link."""
    wait = draws.exponential("form wait", order, 6.0 * HOUR, time).astype(np.int64)
    return np.minimum(wait, 23 * HOUR) + 120


def custom_prices(customs: Customs, *, full: bool = False) -> Ints:
    """What was charged for each custom audio, or its list price, in hundredths of a cent."""
    price = price_list().price("x99enb", None, customs.at)
    if not full:
        for code, offer in enumerate(CCF_OFFERS):
            these = customs.code == code
            price[these] = price_list().price("x99enb", offer, customs.at[these])
    return price


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
    sent, changed = customs.form_at(until)
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
            "updated_at": instants(changed),
        }
    )
