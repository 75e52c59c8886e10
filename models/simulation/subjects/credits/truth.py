"""The truth of AI credits: use by day and pool, what weeks let expire, what lots gave."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants, week_start
from models.simulation.engine.columns import money, receipt_texts
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Charged, Role
from models.simulation.parameters import DAY, NEVER, WEEK
from models.simulation.prices import PACK_CREDITS
from models.simulation.subjects.credits.behaviour import CreditLife, weekly_limits
from models.simulation.subjects.credits.charges import pack_charges
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World


def credits_daily(world: World, batch: Batch) -> pl.DataFrame:
    """One row per (user, UTC day) with use: seconds charged to the allowance and to the bank."""
    s = batch.credits.sessions
    used = pl.DataFrame({"who": s.user, "day": s.at // DAY, "pool": s.charged, "used": s.seconds})
    daily = (
        used.group_by("who", "day")
        .agg(
            weekly_credits=pl.col("used").filter(pl.col("pool") == Charged.WEEKLY).sum(),
            bank_credits=pl.col("used").filter(pl.col("pool") == Charged.BANK).sum(),
        )
        .sort("who", "day")
    )
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, batch.people.key[daily["who"].to_numpy()]),
            "date": instants(daily["day"] * DAY).cast(pl.Date),
            "weekly_credits": daily["weekly_credits"],
            "bank_credits": daily["bank_credits"],
        }
    )


def credit_weeks(world: World, batch: Batch) -> pl.DataFrame:
    """One row per (user, allowance week) with use or premium that is over: what expired unused.

    A week not listed expired whole: the allowance of a free user who did nothing.
    """
    life: CreditLife = batch.credits
    s, people = life.sessions, batch.people
    by_week = s.charged == Charged.WEEKLY
    used = pl.DataFrame(
        {
            "who": s.user[by_week],
            "week": (s.at[by_week] - 5 * DAY) // WEEK,
            "used": s.seconds[by_week],
        }
    )
    spans = pl.DataFrame({"opened": life.access.opened, "closed": life.access.closed}).with_columns(
        who=pl.col("opened") // 2**35,
        week=pl.int_ranges(
            (pl.col("opened") % 2**35 - 5 * DAY) // WEEK,
            (pl.min_horizontal(pl.col("closed") % 2**35, world.until) - 5 * DAY) // WEEK + 1,
        ),
    )
    premium = spans.select("who", "week").explode("week").drop_nulls()
    weeks = pl.concat([used, premium.with_columns(used=pl.lit(0, dtype=pl.Int64))])
    weeks = weeks.group_by("who", "week").agg(pl.col("used").sum()).sort("who", "week")
    last = week_start(weeks["week"].to_numpy() + 1) - 1
    weeks = weeks.filter(pl.Series(last < world.until, dtype=pl.Boolean))
    who, last = weeks["who"].to_numpy(), week_start(weeks["week"].to_numpy() + 1) - 1
    limit = weekly_limits(world.draws, people, is_premium=life.access.holds(who, last), user=who)
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, people.key[who]),
            "week_start_at": instants(last + 1 - WEEK),
            "limit_credits": limit,
            "used_credits": weeks["used"],
            "expired_credits": np.maximum(limit - weeks["used"].to_numpy(), 0),
        }
    )


def credit_lots(world: World, batch: Batch) -> pl.DataFrame:
    """One row per pack of a non-test user: what bank use drew from it, first in, first out.

    A refund takes back what is unused at that second; use after it draws on the other packs. What a
    turn before the purchase took beyond the bank is the pack's debt.
    """
    packs, people = batch.credits.packs, batch.people
    charges = pack_charges(world.draws, people, packs=packs)
    is_refunded = charges.refunded < world.until
    lots = pl.DataFrame(
        {
            "lot_id": receipt_texts("ai_credit_purchases", world.draws.uuids("pack", packs.key)),
            "user": packs.user,
            "at": packs.at,
            "credits": PACK_CREDITS[packs.size],
            "paid": charges.paid,
            "refunded": np.where(is_refunded, charges.refunded, NEVER),
            "is_test": people.role[packs.user] != Role.USER,
        }
    )
    drawn, debt = drawn_credits(batch, lots)
    lots = lots.with_columns(drawn=pl.Series(drawn), debt=pl.Series(debt))
    lots = lots.filter(~pl.col("is_test"))
    refunded = lots["refunded"].to_numpy()
    left = pl.col("credits") - pl.col("drawn")
    return lots.select(
        "lot_id",
        user_ids(world.draws, people.key[lots["user"].to_numpy()]).alias("user_id"),
        instants(lots["at"]).alias("purchased_at"),
        "credits",
        money(lots["paid"].to_numpy()).alias("paid_usd"),
        optional_instants(refunded, refunded < NEVER).alias("refunded_at"),
        (pl.col("drawn") - pl.col("debt")).alias("consumed_credits"),
        pl.col("debt").alias("debt_credits"),
        pl.when(pl.col("refunded") < NEVER).then(left).otherwise(0).alias("revoked_credits"),
        pl.when(pl.col("refunded") < NEVER).then(0).otherwise(left).alias("remaining_credits"),
    )


def drawn_credits(batch: Batch, lots: pl.DataFrame) -> tuple[Ints, Ints]:
    """(what each lot gave, what of it was owed at its purchase), as `lots` (by user and time)."""
    s = batch.credits.sessions
    bank = s.charged == Charged.BANK
    used = np.zeros(len(batch.people), dtype=np.int64)
    np.add.at(used, s.user[bank], s.seconds[bank])
    user, credits = lots["user"].to_numpy(), lots["credits"].to_numpy()
    before = (lots.select(pl.col("credits").cum_sum().over("user"))["credits"]).to_numpy() - credits
    drawn: Ints = np.clip(used[user] - before, 0, credits)
    debt: Ints = np.clip(used_before(batch, lots) - before, 0, credits)
    refunded = lots["refunded"].to_numpy()
    for person in np.unique(user[refunded < NEVER]):
        mine = user == person
        uses = bank & (s.user == person)
        moments = list(zip(s.at[uses].tolist(), s.seconds[uses].tolist(), strict=True))
        bought = lots["at"].to_numpy()[mine]
        drawn[mine], debt[mine] = drawn_until_refunds(
            bought, credits[mine], refunded=refunded[mine], uses=moments
        )
    return drawn, debt


def used_before(batch: Batch, lots: pl.DataFrame) -> Ints:
    """What the buyer of each lot had used of the bank before its purchase."""
    s = batch.credits.sessions
    bank = s.charged == Charged.BANK
    uses = pl.DataFrame({"user": s.user[bank], "at": s.at[bank], "used": s.seconds[bank]})
    summed = uses.sort("at").with_columns(pl.col("used").cum_sum().over("user"))
    asked = lots.with_row_index("place").select("place", "user", pl.col("at") - 1).sort("at")
    found = asked.join_asof(summed, on="at", by="user", check_sortedness=False).sort("place")
    return found["used"].fill_null(0).to_numpy().astype(np.int64)


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
