"""The truth of AI credits: use by day and pool, what weeks let expire, what lots gave."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.accounts import user_ids
from models.simulation.calendar import instants, week_start
from models.simulation.credits import CreditLife, weekly_limits
from models.simulation.packs import pack_charges
from models.simulation.parameters import DAY, WEEK
from models.simulation.prices import PACK_CREDITS
from models.simulation.world import Batch, World


def credits_daily(world: World, batch: Batch) -> pl.DataFrame:
    """One row per (user, UTC day) with use: seconds charged to the allowance and to the bank."""
    s = batch.credits.sessions
    used = pl.DataFrame({"who": s.user, "day": s.at // DAY, "pool": s.charged, "used": s.seconds})
    daily = (
        used.group_by("who", "day")
        .agg(
            weekly_credits=pl.col("used").filter(pl.col("pool") == 1).sum(),
            bank_credits=pl.col("used").filter(pl.col("pool") == 2).sum(),
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
    by_week = s.charged == 1
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
    limit = weekly_limits(world.draws, people, life.access.holds(who, last), who)
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

    Of users without a refund; where a pack was refunded only the unobserved order would tell.
    """
    packs, s, people = batch.credits.packs, batch.credits.sessions, batch.people
    charges = pack_charges(world.draws, people, packs)
    lots = pl.DataFrame(
        {
            "lot_id": pl.select(
                pl.format("ai_credit_purchases:{}", world.draws.uuids("pack", packs.key)).alias("l")
            )["l"],
            "user": packs.user,
            "credits": PACK_CREDITS[packs.size],
            "is_refunded": charges.refunded < world.until,
            "is_test": people.role[packs.user] > 0,
        }
    )
    bank = pl.DataFrame({"user": s.user, "used": np.where(s.charged == 2, s.seconds, 0)})
    lots = lots.join(bank.group_by("user").agg(pl.col("used").sum()), on="user", how="left")
    before = pl.col("credits").cum_sum().over("user") - pl.col("credits")
    lots = lots.with_columns(
        consumed_credits=(pl.col("used").fill_null(0) - before)
        .clip(0)
        .clip(upper_bound=pl.col("credits"))
    ).filter(~pl.col("is_test") & ~pl.col("is_refunded").any().over("user"))
    return lots.select(
        "lot_id",
        user_ids(world.draws, people.key[lots["user"].to_numpy()]).alias("user_id"),
        "credits",
        "consumed_credits",
        (pl.col("credits") - pl.col("consumed_credits")).alias("remaining_credits"),
    )
