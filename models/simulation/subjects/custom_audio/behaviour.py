"""Custom audio: its sale, placeholder course, form, generation, and delivery or a second try."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import DAY, HOUR, K_FACTOR, NEVER
from models.simulation.prices import price_list
from models.simulation.subjects.discounts.windows import ccf_lifts, ccf_windows
from models.simulation.subjects.people.behaviour import People

CUSTOM_ODDS = 0.03
REFERRER_FACTOR = 4.0
CCF_OFFERS = tuple(f"c{n}" for n in range(1, 8))


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


def custom_orders(draws: Draws, people: People, *, until: int) -> Customs:
    """Who buys custom audio before `until`; the codes, handed to a part of them, raise the odds."""
    key = people.key
    assigned, code = ccf_windows(draws, people)
    refers = draws.poisson("offspring", key, mean=K_FACTOR) > 0
    # credits are waiting to be spent by those who refer
    lift = ccf_lifts(code) * np.where(refers, REFERRER_FACTOR, 1.0)
    buys = draws.chance("custom", key, odds=CUSTOM_ODDS * lift)
    used = np.where(draws.chance("uses ccf", key, odds=0.6), code, -1)
    delay = draws.exponential("custom delay", key, mean=40.0 * DAY).astype(np.int64)
    window = (draws.uniform("ccf use", key) * 6.9 * DAY).astype(np.int64)
    at = np.where(used >= 0, assigned + 60 + window, people.signup + HOUR + delay)
    chosen_ones = np.flatnonzero(buys & (at < until))
    order = draws.child_keys("custom", key[chosen_ones])
    return Customs(
        chosen_ones, at[chosen_ones], used[chosen_ones], **making(draws, order, at=at[chosen_ones]),
        key=order,
    )  # fmt: skip


def making(draws: Draws, order: Keys, *, at: Ints) -> dict[str, Ints]:
    """The instants of each custom audio's making from its sale on."""
    never = np.full(len(order), NEVER, dtype=np.int64)
    sent = draws.chance("form", order, odds=0.92)
    fails, again = draws.chance("fails", order, odds=0.12), draws.chance("again", order, odds=0.85)
    submitted = np.where(sent, at + form_wait(draws, order, time=0), never)
    reopens = sent & fails
    again &= reopens
    reopened = np.where(
        reopens, submitted + draws.between("support", order, low=HOUR, high=4 * DAY), never
    )
    resubmitted = np.where(again, reopened + form_wait(draws, order, time=1), never)
    work = 20 * 60 + draws.exponential("making", order, mean=2.0 * HOUR).astype(np.int64)
    delivered = np.select([sent & ~fails, again], [submitted + work, resubmitted + work], never)
    return {
        "submitted": submitted,
        "reopened": reopened,
        "resubmitted": resubmitted,
        "delivered": delivered,
    }


def form_wait(draws: Draws, order: Keys, *, time: int) -> Ints:
    """Seconds until the form is sent, within the 24 hours of its link."""
    wait = draws.exponential("form wait", order, mean=6.0 * HOUR, counter=time).astype(np.int64)
    return np.minimum(wait, 23 * HOUR) + 120


def custom_prices(customs: Customs, *, full: bool = False) -> Ints:
    """What was charged for each custom audio, or its list price, in hundredths of a cent."""
    price = price_list().price("x99enb", None, seconds=customs.at)
    if not full:
        for code, offer in enumerate(CCF_OFFERS):
            these = customs.code == code
            price[these] = price_list().price("x99enb", offer, seconds=customs.at[these])
    return price
