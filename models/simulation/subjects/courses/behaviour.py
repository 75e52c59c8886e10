"""Catalogue courses held: sold singly under the old list, filled slots, gifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.columns import Entities
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.kinds import Source
from models.simulation.parameters import DAY, DISCOUNT_LIFT
from models.simulation.prices import ABSENT, charged
from models.simulation.subjects.custom_audio.behaviour import CUSTOM_ODDS
from models.simulation.subjects.discounts.windows import CCF_CODES, ccf_windows
from models.simulation.subjects.people.behaviour import People

ONE_OFF_ODDS, ADMIN_ODDS = 0.03, 0.002
ONE_OFF_UNTIL = 20_513 * DAY


VOICES = ("Female", "Male", "female")  # as versions of the app spell them, by weight
VOICE_WEIGHTS = (6, 3, 1)


@dataclass(frozen=True)
class Holdings(Entities):
    """Catalogue courses held: `source` is a Source."""

    user: Ints
    at: Ints
    course: Ints
    source: Ints
    key: Keys

    @property
    def is_sold(self) -> Bools:
        """Whether a store sold it."""
        return np.asarray(self.source <= Source.APP_STORE)


def never_buys(draws: Draws, people: People) -> Bools:
    """Who by his draws buys neither custom audio nor a course, whatever his discount."""
    key = people.key
    _, code = ccf_windows(draws, people)
    most = CUSTOM_ODDS * max(DISCOUNT_LIFT[name] for name in CCF_CODES)
    buys = draws.chance("custom", key, odds=most) | draws.chance("one-off", key, odds=ONE_OFF_ODDS)
    return np.asarray(~buys & (code < 0) & ~draws.chance("gift", key, odds=ADMIN_ODDS))


def holdings(draws: Draws, people: People, *, periods: pl.DataFrame, until: int) -> Holdings:
    """Old one-off sales, slots filled at the beginning of each chain, and gifts."""
    key, everyone = people.key, np.arange(len(people))
    when = people.signup + draws.wait("course", key, mean=10.0 * DAY)
    sold = draws.chance("one-off", key, odds=ONE_OFF_ODDS) & (when < ONE_OFF_UNTIL)
    given = draws.chance("gift", key, odds=ADMIN_ODDS)
    first = periods.filter(pl.col("renewals") == 0)
    slot_user = np.tile(first["who"].to_numpy(), 2)
    chain = first["chain_key"].to_numpy()
    slot_key = np.concatenate([draws.child_keys("slot", chain, counter=n) for n in range(2)])
    slot_at = np.tile(first["created"].to_numpy(), 2)
    slot_at = slot_at + draws.between("slot wait", slot_key, low=60, high=3 * DAY)
    filled = draws.chance("slot filled", slot_key, odds=0.85)
    user = np.concatenate([everyone[sold], everyone[given], slot_user[filled]])
    at = np.concatenate([when[sold], when[given] + DAY, slot_at[filled]])
    gifts, slots = np.full(given.sum(), Source.ADMIN), np.full(filled.sum(), Source.PREMIUM_SLOT)
    source = np.concatenate([people.store[sold], gifts, slots])
    own = [draws.child_keys(name, key[these]) for name, these in (("sold", sold), ("given", given))]
    keys = np.concatenate([*own, slot_key[filled]])
    course = 1 + draws.between("which course", keys, low=0, high=len(COURSES) - 2)
    return Holdings(user, at, course, source, keys).take(at < until)


def sale_prices(held: Holdings) -> Ints:
    """What was charged for each course sold singly, ABSENT for slots and gifts."""
    products = [course.code.lower() for course in COURSES]
    return charged(held.at, products=products, product=np.where(held.is_sold, held.course, ABSENT))
