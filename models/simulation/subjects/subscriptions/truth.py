"""The truth of subscriptions: periods, MRR movements, hazards, as known on one day."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import listed, money
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Ending, Movement, Outcome, Role, Store, texts
from models.simulation.parameters import DAY, GRACE_DAYS, HAZARDS, NEVER
from models.simulation.prices import OFFERS, PLAN_MONTHS, PLANS
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World

# by the seconds renewed_at, replaced_at and expired_at, then by the end of grace
ENDED = (Ending.RENEWED, Ending.REPLACED, Ending.EXPIRED, Ending.LAPSED)


def half_up(amount: Ints, parts: Ints) -> Ints:
    """amount / parts for amounts not below 0, rounded half away from zero."""
    return np.asarray((2 * amount + parts) // (2 * parts))


def endings(periods: pl.DataFrame, until: int) -> Ints:
    """How each period ended as far as is known before `until`: an Ending."""
    column = {name: periods[name].to_numpy() for name in periods.columns}
    is_over = column["end"] + np.where(column["cancel_at"] < until, 0, GRACE_DAYS * DAY) < until
    known = [column[name] < until for name in ("renewed_at", "replaced_at", "expired_at")]
    return np.asarray(np.select([*known, is_over], ENDED, Ending.OPEN))


def access_ends(periods: pl.DataFrame, ending: Ints, *, until: int) -> Ints:
    """When paid access ended, NEVER while it goes on or the store still tries to collect."""
    end, replaced = periods["end"].to_numpy(), periods["replaced_at"].to_numpy()
    is_past = np.where(end < until, end, NEVER)
    return np.asarray(
        np.select([ending == Ending.REPLACED, ending == Ending.OPEN], [replaced, NEVER], is_past)
    )


def monthly(periods: pl.DataFrame, column: str) -> Ints:
    """A price of each period per month; 0 for a trial."""
    price = np.where(periods["is_trial"].to_numpy(), 0, periods[column].to_numpy())
    return half_up(price, PLAN_MONTHS[periods["plan"].to_numpy()])


def subscription_periods(world: World, batch: Batch) -> pl.DataFrame:
    """One row per paid or trial period."""
    draws, people, periods = world.draws, batch.people, batch.periods
    who, plan = periods["who"].to_numpy(), periods["plan"].to_numpy()
    ending = endings(periods, world.until)
    end, replaced = periods["end"].to_numpy(), periods["replaced_at"].to_numpy()
    cancel = periods["cancel_at"].to_numpy()
    trial = periods["is_trial"].to_numpy()
    return pl.DataFrame(
        {
            "period_id": draws.uuids("event opened", periods["period_key"].to_numpy()),
            "user_id": user_ids(draws, people.key[who]),
            "is_test": people.role[who] != Role.USER,
            "chain_number": periods["chain"],
            "renewal_number": periods["paid_before"],
            "base_plan_id": listed(PLANS, plan),
            "billing_months": PLAN_MONTHS[plan],
            "store": listed(texts(Store), people.store[who]),
            "offer_id": listed(OFFERS, periods["offer"].to_numpy()),
            "period_start_at": instants(periods["start"]),
            "period_end_at": instants(end),
            "effective_end_at": instants(np.where(ending == Ending.REPLACED, replaced, end)),
            "is_trial": trial,
            "price_usd": money(np.where(trial, 0, periods["price"].to_numpy())),
            "contracted_mrr_usd": money(monthly(periods, "list_price")),
            "mrr_usd": money(monthly(periods, "price")),
            "cancel_intent_at": optional_instants(cancel, cancel < world.until),
            "ended_by": listed(texts(Ending), ending),
        }
    )


def mrr_movements(world: World, batch: Batch) -> pl.DataFrame:
    """One row per change of a non-test user's MRR, by user and time."""
    people = batch.people
    paid = batch.periods.filter(~pl.col("is_trial"))
    paid = paid.filter(
        pl.Series(people.role[paid["who"].to_numpy()] == Role.USER, dtype=pl.Boolean)
    )
    who, start = paid["who"].to_numpy(), paid["start"].to_numpy()
    mrr = monthly(paid, "price")
    over = access_ends(paid, endings(paid, world.until), until=world.until)
    same = who[1:] == who[:-1]
    goes_on = np.append(same & (over[:-1] == start[1:]), False)
    follows = np.concatenate([[False], goes_on[:-1]]) if len(who) else goes_on[:0]
    before = np.where(follows, np.concatenate([[0], mrr[:-1]]) if len(who) else mrr, 0)
    begins, ends = before != mrr, ~goes_on[: len(who)] & (over < NEVER)
    voluntary = paid["outcome"].to_numpy() == Outcome.VOLUNTARY
    none = np.full(int(begins.sum()), -1, dtype=np.int64)
    frame = pl.DataFrame(
        {
            "who": np.concatenate([who[begins], who[ends]]),
            "at": np.concatenate([start[begins], over[ends]]),
            "before": np.concatenate([before[begins], mrr[ends]]),
            "after": np.concatenate([mrr[begins], np.zeros(int(ends.sum()), dtype=np.int64)]),
            "reason": np.concatenate([none, voluntary[ends].astype(np.int64)]),
        }
    ).sort("who", "at")
    return movement_rows(world, batch, frame=frame)


def movement_rows(world: World, batch: Batch, *, frame: pl.DataFrame) -> pl.DataFrame:
    """Movements named by their kind."""
    who, before, after = (frame[name].to_numpy() for name in ("who", "before", "after"))
    is_first = np.ones(len(who), dtype=np.bool_)
    is_first[1:] = who[1:] != who[:-1]
    kind = np.select(
        [after == 0, is_first, before == 0, after > before],
        [Movement.CHURN, Movement.NEW, Movement.REACTIVATION, Movement.EXPANSION],
        Movement.CONTRACTION,
    )
    delta = after - before
    sign = pl.Series(np.where(delta < 0, -1, 1)).cast(pl.Decimal(18, 4))
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, batch.people.key[who]),
            "movement_at": instants(frame["at"]),
            "movement_type": listed(texts(Movement), kind),
            "mrr_before_usd": money(before),
            "mrr_after_usd": money(after),
            "mrr_delta_usd": (money(np.abs(delta)) * sign).cast(pl.Decimal(18, 4)),
            "churn_reason": listed(("involuntary", "voluntary"), frame["reason"].to_numpy()),
        }
    )


def hazards(world: World, batch: Batch) -> pl.DataFrame:
    """One row per paid chain: the drawn odds to leave at each renewal, and their distribution."""
    chains = batch.periods.filter(~pl.col("is_trial")).unique(
        ["who", "chain"], keep="first", maintain_order=True
    )
    plan = chains["plan"].to_numpy()
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, batch.people.key[chains["who"].to_numpy()]),
            "chain_number": chains["chain"],
            "base_plan_id": listed(PLANS, plan),
            "leave_odds": chains["theta"],
            "alpha": np.array([HAZARDS[p][0] for p in PLANS])[plan],
            "beta": np.array([HAZARDS[p][1] for p in PLANS])[plan],
        }
    )
