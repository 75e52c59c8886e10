"""The truth of subscriptions: periods, MRR movements, hazards, as known on one day."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import frame_of, listed, money
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Ending, Movement, Outcome, Store, texts
from models.simulation.parameters import DAY, GRACE_DAYS, NEVER
from models.simulation.prices import OFFERS, PLAN_MONTHS, PLANS
from models.simulation.subjects.subscriptions.behaviour import ALPHA, BETA
from models.simulation.world import Batch

# by the seconds renewed_at, replaced_at and expired_at, then by the end of grace
ENDED = (Ending.RENEWED, Ending.REPLACED, Ending.EXPIRED, Ending.LAPSED)


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
    """A price of each period per month, rounded half up; 0 for a trial."""
    price = np.where(periods["is_trial"].to_numpy(), 0, periods[column].to_numpy())
    months = PLAN_MONTHS[periods["plan"].to_numpy()]
    return np.asarray((2 * price + months) // (2 * months))


def subscription_periods(batch: Batch) -> pl.DataFrame:
    """One row per paid or trial period."""
    periods, until = batch.periods, batch.until
    who, plan = periods["who"].to_numpy(), periods["plan"].to_numpy()
    ending = endings(periods, until)
    end, replaced = periods["end"].to_numpy(), periods["replaced_at"].to_numpy()
    cancel = periods["cancel_at"].to_numpy()
    trial = periods["is_trial"].to_numpy()
    return frame_of(
        period_id=batch.draws.uuids("event opened", periods["period_key"].to_numpy()),
        user_id=batch.ids(who),
        is_test=batch.is_test(who),
        chain_number=periods["chain"],
        renewal_number=periods["paid_before"],
        base_plan_id=listed(PLANS, plan),
        billing_months=PLAN_MONTHS[plan],
        store=listed(texts(Store), batch.people.store[who]),
        offer_id=listed(OFFERS, periods["offer"].to_numpy()),
        period_start_at=instants(periods["start"]),
        period_end_at=instants(end),
        effective_end_at=instants(np.where(ending == Ending.REPLACED, replaced, end)),
        is_trial=trial,
        price_usd=money(np.where(trial, 0, periods["price"].to_numpy())),
        contracted_mrr_usd=money(monthly(periods, "list_price")),
        mrr_usd=money(monthly(periods, "price")),
        cancel_intent_at=optional_instants(cancel, cancel < until),
        ended_by=listed(texts(Ending), ending),
    )


def mrr_movements(batch: Batch) -> pl.DataFrame:
    """One row per change of a non-test user's MRR, by user and time."""
    is_test = pl.Series(batch.is_test(batch.periods["who"].to_numpy()), dtype=pl.Boolean)
    paid = batch.periods.filter(~pl.col("is_trial") & ~is_test)
    over = access_ends(paid, endings(paid, batch.until), until=batch.until)
    last, mrr = pl.col("mrr").shift(1).over("who"), pl.col("mrr")
    paid = paid.with_columns(mrr=monthly(paid, "price"), over=over).with_columns(
        before=pl.when(pl.col("over").shift(1).over("who") == pl.col("start")).then(last),
        goes_on=(pl.col("start").shift(-1).over("who") == pl.col("over")).fill_null(value=False),
    )
    before, no_reason = pl.col("before").fill_null(0), pl.lit(-1, dtype=pl.Int64)
    begins = paid.filter(before != mrr).select(
        "who", at="start", before=before, after=mrr, reason=no_reason
    )
    is_voluntary = (pl.col("outcome") == Outcome.VOLUNTARY).cast(pl.Int64)
    ends = paid.filter(~pl.col("goes_on") & (pl.col("over") < NEVER)).select(
        "who", at="over", before=mrr, after=pl.lit(0, dtype=pl.Int64), reason=is_voluntary
    )
    moves = pl.concat([begins, ends]).sort("who", "at")
    who, before_mrr, after = (moves[name].to_numpy() for name in ("who", "before", "after"))
    is_first = np.diff(who, prepend=-1) != 0
    kind = np.select(
        [after == 0, is_first, before_mrr == 0, after > before_mrr],
        [Movement.CHURN, Movement.NEW, Movement.REACTIVATION, Movement.EXPANSION],
        Movement.CONTRACTION,
    )
    return frame_of(
        user_id=batch.ids(who),
        movement_at=instants(moves["at"]),
        movement_type=listed(texts(Movement), kind),
        mrr_before_usd=money(before_mrr),
        mrr_after_usd=money(after),
        mrr_delta_usd=(money(after) - money(before_mrr)).cast(pl.Decimal(18, 4)),
        churn_reason=listed(("involuntary", "voluntary"), moves["reason"].to_numpy()),
    )


def hazards(batch: Batch) -> pl.DataFrame:
    """One row per paid chain: the drawn odds to leave at each renewal, and their distribution."""
    paid = batch.periods.filter(~pl.col("is_trial"))
    chains = paid.unique(["who", "chain"], keep="first", maintain_order=True)
    plan = chains["plan"].to_numpy()
    return frame_of(
        user_id=batch.ids(chains["who"].to_numpy()),
        chain_number=chains["chain"],
        base_plan_id=listed(PLANS, plan),
        leave_odds=chains["theta"],
        alpha=ALPHA[plan],
        beta=BETA[plan],
    )
