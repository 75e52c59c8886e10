"""The truth of AI credits: use by day and pool, what weeks let expire, what lots gave."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants, week_of, week_start
from models.simulation.engine.columns import frame_of, money, receipt_texts
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Charged
from models.simulation.parameters import DAY, NEVER, WEEK
from models.simulation.prices import PACK_CREDITS
from models.simulation.subjects.credits.access import USER
from models.simulation.subjects.credits.behaviour import weekly_limits
from models.simulation.world import Batch


def credits_daily(batch: Batch) -> pl.DataFrame:
    """One row per (user, UTC day) with use: seconds charged to the allowance and to the bank."""
    s = batch.credits.sessions
    used = frame_of(who=s.user, day=s.at // DAY, pool=s.charged, used=s.seconds)
    of_pool = {"weekly_credits": Charged.WEEKLY, "bank_credits": Charged.BANK}
    daily = used.group_by("who", "day").agg(
        **{n: pl.col("used").filter(pl.col("pool") == pool).sum() for n, pool in of_pool.items()}
    )
    daily = daily.sort("who", "day")
    return daily.select(
        batch.ids(daily["who"].to_numpy()).alias("user_id"),
        instants(daily["day"] * DAY).cast(pl.Date).alias("date"),
        *of_pool,
    )


def credit_weeks(batch: Batch) -> pl.DataFrame:
    """One row per (user, allowance week) with use or premium that is over: what expired unused.

    A week not listed expired whole: the allowance of a free user who did nothing.
    """
    life, people = batch.credits, batch.people
    s = life.sessions.take(life.sessions.charged == Charged.WEEKLY)
    used = frame_of(who=s.user, week=week_of(s.at), used=s.seconds)
    opened, closed = life.access.opened, np.minimum(life.access.closed % USER, batch.until)
    spans = frame_of(who=opened // USER, first=week_of(opened % USER), last=week_of(closed))
    premium = spans.select("who", week=pl.int_ranges("first", pl.col("last") + 1)).explode("week")
    weeks = pl.concat([used, premium.drop_nulls().with_columns(used=pl.lit(0, dtype=pl.Int64))])
    weeks = weeks.group_by("who", "week").agg(pl.col("used").sum()).sort("who", "week")
    weeks = weeks.filter(pl.col("week") < int(week_of(np.array([batch.until]))[0]))
    who, start = weeks["who"].to_numpy(), week_start(weeks["week"].to_numpy())
    is_premium = life.access.holds(who, start + WEEK - 1)
    limit = weekly_limits(batch.draws, people, is_premium=is_premium, user=who)
    return frame_of(
        user_id=batch.ids(who),
        week_start_at=instants(start),
        limit_credits=limit,
        used_credits=weeks["used"],
        expired_credits=np.maximum(limit - weeks["used"].to_numpy(), 0),
    )


def credit_lots(batch: Batch) -> pl.DataFrame:
    """One row per pack of a non-test user: what bank use drew from it, first in, first out.

    A refund takes back what is unused at that second; use after it draws on the other packs. What a
    turn before the purchase took beyond the bank is the pack's debt.
    """
    packs = batch.credits.packs
    charges = batch.credits.charges
    is_refunded = charges.refunded < batch.until
    refunded = np.where(is_refunded, charges.refunded, NEVER)
    drawn, debt = drawn_credits(batch, refunded)
    left = PACK_CREDITS[packs.size] - drawn
    ids = batch.draws.uuids("pack", packs.key)
    lots = frame_of(
        lot_id=receipt_texts("ai_credit_purchases", ids),
        user_id=batch.ids(packs.user),
        purchased_at=instants(packs.at),
        credits=PACK_CREDITS[packs.size],
        paid_usd=money(charges.paid),
        refunded_at=optional_instants(refunded, is_refunded),
        consumed_credits=drawn - debt,
        debt_credits=debt,
        revoked_credits=np.where(is_refunded, left, 0),
        remaining_credits=np.where(is_refunded, 0, left),
    )
    return lots.filter(~pl.Series(batch.is_test(packs.user), dtype=pl.Boolean))


def drawn_credits(batch: Batch, refunded: Ints) -> tuple[Ints, Ints]:
    """(what each pack gave, what of it was owed at its purchase).

    Packs and sessions are by user and time, so that sums up to a place tell those of a user.
    """
    packs, s = batch.credits.packs, batch.credits.sessions
    bank, user, credits = s.take(s.charged == Charged.BANK), packs.user, PACK_CREDITS[packs.size]
    bought, used = (np.concatenate([[0], np.cumsum(each)]) for each in (credits, bank.seconds))
    before = bought[:-1] - bought[np.searchsorted(user, user)]
    first, end = np.searchsorted(bank.user, user), np.searchsorted(bank.user, user + 1)
    now = np.searchsorted(bank.user * USER + bank.at, user * USER + packs.at)
    drawn: Ints = np.clip(used[end] - used[first] - before, 0, credits)
    debt: Ints = np.clip(used[now] - used[first] - before, 0, credits)
    for person in np.unique(user[refunded < NEVER]):
        mine, own = user == person, bank.take(bank.user == person)
        uses = list(zip(own.at.tolist(), own.seconds.tolist(), strict=True))
        drawn[mine], debt[mine] = drawn_until_refunds(
            packs.at[mine], credits[mine], refunded=refunded[mine], uses=uses
        )
    return drawn, debt


def drawn_until_refunds(
    bought: Ints, credits: Ints, *, refunded: Ints, uses: list[tuple[int, int]]
) -> tuple[Ints, Ints]:
    """What lots gave to uses (second, credits), first in, first out, each only until its refund.

    What a turn took beyond all that was ever bought is owed, and the next lot pays it: the second
    of the two.
    """
    drawn, debt = np.zeros(len(bought), dtype=np.int64), np.zeros(len(bought), dtype=np.int64)
    owed = total = 0
    events = sorted([(int(at), 0, n) for n, at in enumerate(bought)] + [(a, 1, c) for a, c in uses])
    for at, kind, value in events:
        if kind == 0:
            drawn[value] = debt[value] = min(owed, int(credits[value]))
            owed -= int(debt[value])
            continue
        total, wanted = total + value, value
        for lot in np.flatnonzero((bought <= at) & (refunded >= at)):
            part = min(wanted, int(credits[lot] - drawn[lot]))
            drawn[lot] += part
            wanted -= part
        owed = min(owed + wanted, max(0, total - int(credits[bought <= at].sum())))
    return drawn, debt
