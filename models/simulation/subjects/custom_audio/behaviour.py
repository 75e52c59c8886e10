"""Custom audio: its sale, placeholder course, form, generation, and delivery or a second try."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.engine.columns import Entities
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.parameters import DAY, HOUR, K_FACTOR, NEVER
from models.simulation.prices import charged
from models.simulation.subjects.discounts.windows import ccf_lifts, ccf_windows
from models.simulation.subjects.people.behaviour import People

CUSTOM_ODDS = 0.03
REFERRER_FACTOR = 4.0
CCF_OFFERS = tuple(f"c{n}" for n in range(1, 8))


@dataclass(frozen=True)
class Customs(Entities):
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
    delay = draws.wait("custom delay", key, mean=40.0 * DAY)
    window = (draws.uniform("ccf use", key) * 6.9 * DAY).astype(np.int64)
    at = np.where(used >= 0, assigned + 60 + window, people.signup + HOUR + delay)
    who = np.flatnonzero(buys & (at < until))
    order = draws.child_keys("custom", key[who])
    return Customs(who, at[who], used[who], *making(draws, order, at=at[who]), order)


def making(draws: Draws, order: Keys, *, at: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(submitted, reopened, resubmitted, delivered) of each custom audio from its sale on."""
    never = np.full(len(order), NEVER, dtype=np.int64)
    sent = draws.chance("form", order, odds=0.92)
    fails, again = draws.chance("fails", order, odds=0.12), draws.chance("again", order, odds=0.85)
    submitted = np.where(sent, at + form_wait(draws, order, time=0), never)
    reopens = sent & fails
    again &= reopens
    support = draws.between("support", order, low=HOUR, high=4 * DAY)
    reopened = np.where(reopens, submitted + support, never)
    resubmitted = np.where(again, reopened + form_wait(draws, order, time=1), never)
    work = 20 * 60 + draws.wait("making", order, mean=2.0 * HOUR)
    delivered = np.select([sent & ~fails, again], [submitted + work, resubmitted + work], never)
    return submitted, reopened, resubmitted, delivered


def form_wait(draws: Draws, order: Keys, *, time: int) -> Ints:
    """Seconds until the form is sent, within the 24 hours of its link."""
    wait = draws.wait("form wait", order, mean=6.0 * HOUR, counter=time)
    return np.minimum(wait, 23 * HOUR) + 120


def custom_prices(customs: Customs, *, full: bool = False) -> Ints:
    """What was charged for each custom audio, or its list price, in hundredths of a cent."""
    code = np.full(len(customs), -1) if full else customs.code
    return charged(customs.at, products=["x99enb"], offers=(None, *CCF_OFFERS), offer=code + 1)
