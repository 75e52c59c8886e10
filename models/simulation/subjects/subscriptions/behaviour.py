"""Subscription lives: trials, offers, renewals, grace, churn, returns and changes of plan.

All lives are lived at once, one step per period. A life is drawn without regard to the day of
observation; `known_at` then tells what has happened by then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from models.simulation import parameters
from models.simulation.engine.calendar import add_months
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.kinds import Offer, Outcome, Plan, Store
from models.simulation.parameters import DAY, GRACE_DAYS, HOUR, NEVER, Params
from models.simulation.prices import OFFERS, PLAN_MONTHS, PLANS, SUBSCRIPTION, TRIAL_DAYS, charged
from models.simulation.subjects.discounts.windows import welcome_offers
from models.simulation.subjects.people.behaviour import NOBODY, People

# By plan, and by offer.
ALPHA, BETA = np.array([parameters.HAZARDS[plan] for plan in PLANS]).T
LIFTS = np.array([1.0, 1.0, parameters.DISCOUNT_LIFT["SBF02"], parameters.DISCOUNT_LIFT["SBF03"]])


def first_steps(draws: Draws, people: People) -> dict[str, np.ndarray]:
    """The first period of everyone who ever buys."""
    key = people.key
    offer, assigned = welcome_offers(draws, people)
    odds = parameters.CONVERSION * LIFTS[offer]
    odds = odds * np.array([s[2] for s in parameters.LEAD_SOURCES])[people.lead]
    odds = odds * np.array([c[4] for c in parameters.COUNTRIES])[people.country]
    odds = odds * np.where(people.parent != NOBODY, parameters.REFERRED_FACTOR, 1.0)
    odds = odds * np.where(people.partner != NOBODY, parameters.PARTNER_FACTOR, 1.0)
    buys = draws.chance("subscribes", key, odds=odds)
    uses = (offer != Offer.NONE) & draws.chance("uses welcome", key, odds=0.75)
    window = draws.uniform("welcome use", key) * 6.8 * DAY
    delay = draws.exponential("subscribe delay", key, mean=12.0 * DAY)
    delay = np.where(draws.chance("at once", key, odds=0.4), delay * 0.01, delay)
    in_window = assigned + 60 + window.astype(np.int64)
    start = np.where(uses, in_window, people.signup + 300 + delay.astype(np.int64))
    can_try = ~uses & (people.parent == NOBODY)
    tries = can_try & draws.chance("tries", key, odds=0.35)
    first_offer = np.where(uses, offer, np.where(tries, Offer.TRIAL, Offer.NONE))
    wished = draws.pick("plan", key, weights=[0.68, 0.13, 0.19])
    who = np.flatnonzero(buys)
    zeros = np.zeros(len(who), dtype=np.int64)
    return {
        "who": who,
        "n": zeros,
        "chain": zeros + 1,
        "renewals": zeros,
        "paid_before": zeros,
        "plan": sold_in(people.store, wished)[who],
        "offer": first_offer[who],
        "start": start[who],
        "created": start[who],
    }


def sold_in(store: Ints, plan: Ints) -> Ints:
    """The plan wished for, or the one plan that App Store sells."""
    return np.where(store == Store.APP_STORE, Plan.MONTHLY, plan)


def ever_subscribes(draws: Draws, people: People) -> Bools:
    """Who by his draws subscribes at some time."""
    subscribes = np.zeros(len(people), dtype=np.bool_)
    subscribes[first_steps(draws, people)["who"]] = True
    return subscribes


def outcomes(
    draws: Draws, keys: Keys, *, theta: np.ndarray, is_trial: Bools, can_change: Bools
) -> Ints:
    """The Outcome of each period."""
    leaves = draws.chance("leaves", keys, odds=np.where(is_trial, 0.45, theta))
    voluntary = is_trial | draws.chance("voluntary", keys, odds=0.68)
    changes = can_change & ~is_trial & draws.chance("changes plan", keys, odds=0.02)
    return np.select(
        [changes, leaves & voluntary, leaves],
        [Outcome.REPLACED, Outcome.VOLUNTARY, Outcome.INVOLUNTARY],
        Outcome.RENEW,
    )


def step(draws: Draws, people: People, *, state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One period of each life: its end and all that happens at it."""
    who, start, plan = state["who"], state["start"], state["plan"]
    keys = draws.child_keys("period", people.key[who], counter=state["n"])
    chain_keys = draws.child_keys("chain", people.key[who], counter=state["chain"])
    is_trial = state["offer"] == Offer.TRIAL
    end = np.where(is_trial, start + TRIAL_DAYS * DAY, add_months(start, PLAN_MONTHS[plan]))
    # the probability to leave at each renewal of the chain
    theta = draws.beta("hazard", chain_keys, alpha=ALPHA[plan], beta=BETA[plan])
    on_google = people.store[who] == Store.GOOGLE_PLAY
    outcome = outcomes(draws, keys, theta=theta, is_trial=is_trial, can_change=on_google)
    share = draws.uniform("moment", keys)
    # nobody cancels or changes what is not paid for yet
    begun = np.maximum(start, state["created"])
    moment = begun + 3 * HOUR + (share * (end - begun - 6 * HOUR)).astype(np.int64)
    late = draws.chance("pays late", keys, odds=0.04) & ~is_trial
    retry = draws.between("retry", keys, low=HOUR, high=14 * DAY)
    paid_at = end + np.where(late, retry, draws.between("renewal lag", keys, low=0, high=600))
    return {
        **state,
        "period_key": keys,
        "chain_key": chain_keys,
        "theta": theta,
        "is_trial": is_trial,
        "end": end,
        "outcome": outcome,
        "cancel_at": np.where(outcome == Outcome.VOLUNTARY, moment, NEVER),
        "replaced_at": np.where(outcome == Outcome.REPLACED, moment, NEVER),
        "renewed_at": np.where(outcome == Outcome.RENEW, paid_at, NEVER),
        "expired_at": expiry_notices(draws, keys, end=end, outcome=outcome),
    }


def expiry_notices(draws: Draws, keys: Keys, *, end: Ints, outcome: Ints) -> Ints:
    """When the expired event is written: soon, late, or after the failed retries."""
    soon = end + draws.between("notice", keys, low=1, high=2 * HOUR)
    late = end + draws.between("late notice", keys, low=DAY, high=10 * DAY)
    high = GRACE_DAYS * DAY - 2 * HOUR
    failed = end + draws.between("failed notice", keys, low=3 * DAY, high=high)
    is_late = draws.chance("notice is late", keys, odds=0.06)
    ended = np.where(outcome == Outcome.VOLUNTARY, np.where(is_late, late, soon), failed)
    stays = (outcome == Outcome.RENEW) | (outcome == Outcome.REPLACED)
    return np.where(stays, NEVER, ended)


def next_steps(
    draws: Draws, people: People, *, done: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The next period of each life that goes on: renewal, another plan, or a later return."""
    keys, outcome, plan = done["period_key"], done["outcome"], done["plan"]
    left = (outcome == Outcome.VOLUNTARY) | (outcome == Outcome.INVOLUNTARY)
    returns = left & draws.chance("returns", keys, odds=0.18)
    pause = 20 * DAY + draws.wait("pause", keys, mean=60.0 * DAY)
    renews, changes = outcome == Outcome.RENEW, outcome == Outcome.REPLACED
    start = np.select([renews, changes], [done["end"], done["replaced_at"]], done["end"] + pause)
    other = (plan + 1 + draws.between("other plan", keys, low=0, high=2)) % len(PLANS)
    wished = draws.pick("plan again", keys, weights=[0.7, 0.1, 0.2])
    again = sold_in(people.store[done["who"]], wished)
    goes_on = renews | changes | returns
    following = {
        "who": done["who"],
        "n": done["n"] + 1,
        "chain": done["chain"] + ~renews,
        "renewals": np.where(renews, done["renewals"] + 1, 0),
        "paid_before": np.where(renews, done["paid_before"] + ~done["is_trial"], 0),
        "plan": np.select([renews, changes], [plan, other], again),
        "offer": np.zeros(len(plan), dtype=np.int64),
        "start": start,
        "created": np.where(renews, done["renewed_at"], start),
    }
    return {name: values[goes_on] for name, values in following.items()}


def subscription_lives(params: Params, people: People, *, until: int) -> pl.DataFrame:
    """One row per period whose opening event was written before `until`, by user and time.

    Seconds; NEVER for what does not happen. price and list_price in hundredths of a cent.
    """
    draws = params.draws
    state = first_steps(draws, people)
    frames: list[pl.DataFrame] = []
    while len(state["who"]) or not frames:  # once at least, for the columns
        here = state["created"] < until
        done = step(draws, people, state={name: values[here] for name, values in state.items()})
        frames.append(pl.DataFrame(done))
        state = next_steps(draws, people, done=done)
    periods = pl.concat(frames).sort("who", "n")
    created, offer = periods["created"].to_numpy(), periods["offer"].to_numpy()
    by_plan: dict[str, Any] = {
        "products": [f"{SUBSCRIPTION}/{plan}" for plan in PLANS],
        "product": periods["plan"].to_numpy(),
    }
    return periods.with_columns(
        price=charged(created, offers=OFFERS, offer=offer, **by_plan),
        list_price=charged(created, **by_plan),
    )
