"""What is true of a batch on one day, from what was drawn and lived, never from the rows written.

Each function returns one truth table; times are naive UTC, money DECIMAL(18,4). Accounts closed by
then are left out, as they are at the source.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.accounts import constant, listed, user_ids
from models.simulation.billing import STORES
from models.simulation.calendar import instants, optional_instants, week_start
from models.simulation.credits import CreditLife, weekly_limits
from models.simulation.draws import Bools, Ints
from models.simulation.parameters import DAY, GRACE_DAYS, HAZARDS, NEVER, WEEK
from models.simulation.people import NOBODY
from models.simulation.prices import OFFERS, PACK_CREDITS, PLAN_MONTHS, PLANS
from models.simulation.receipts import custom_prices, money, pack_charges, sale_prices
from models.simulation.subscriptions import VOLUNTARY
from models.simulation.world import Batch, World

ENDINGS = ("renewed", "expired", "lapsed", "open", "replaced")
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn")
BASES = ("price_book", "recorded", "none")
VERDICTS = ("counted", "test", "not_a_sale")


def half_up(amount: Ints, parts: Ints) -> Ints:
    """amount / parts for amounts not below 0, rounded half away from zero."""
    return np.asarray((2 * amount + parts) // (2 * parts))


def receipt_frame(
    world: World, batch: Batch, table: str, ids: pl.Series, user: Ints, **values: Ints
) -> pl.DataFrame:
    """Receipts of one table; `sale` is False where nothing was sold, `basis` indexes BASES."""
    is_test = batch.people.role[user] > 0
    sale = values["sale"].astype(np.bool_)
    verdict = np.where(~sale, 2, np.where(is_test, 1, 0))
    refunded = values.get("refunded", np.full(len(user), NEVER))
    return pl.DataFrame(
        {
            "receipt_id": pl.select(pl.format(table + ":{}", ids).alias("r"))["r"],
            "source_table": constant(table, len(user)),
            "source_id": ids,
            "user_id": user_ids(world.draws, batch.people.key[user]),
            "is_test": is_test,
            "verdict": listed(VERDICTS, verdict),
            "duplicate_of": constant(None, len(user)),
            "transacted_at": instants(values["at"]),
            "paid_usd": money(np.where(sale, values["paid"], -1)),
            "price_basis": listed(BASES, np.where(sale, values["basis"], 2)),
            "refunded_at": optional_instants(refunded, refunded < world.until),
        }
    )


def receipts(world: World, batch: Batch) -> pl.DataFrame:
    """One row per receipt: verdict, price paid, what it was valued by."""
    draws, people = world.draws, batch.people
    packs, customs, held, periods = batch.credits.packs, batch.customs, batch.held, batch.periods
    sold = held.source <= 1
    charges = pack_charges(draws, people, packs)
    frames = [
        receipt_frame(
            world, batch, "ai_credit_purchases", draws.uuids("pack", packs.key), packs.user,
            sale=np.ones(len(packs.user), dtype=np.int64), at=packs.at, paid=charges.paid,
            basis=(charges.amount >= 0).astype(np.int64), refunded=charges.refunded,
        ),
        receipt_frame(
            world, batch, "custom_course_purchases", draws.uuids("custom purchase", customs.key),
            customs.user, sale=np.ones(len(customs.user), dtype=np.int64), at=customs.at + 4,
            paid=custom_prices(customs), basis=np.zeros(len(customs.user), dtype=np.int64),
        ),
        receipt_frame(
            world, batch, "course_purchases", draws.uuids("course purchase", held.key), held.user,
            sale=sold.astype(np.int64), at=np.where(sold, held.at, held.at + 3),
            paid=sale_prices(held), basis=np.zeros(len(held.user), dtype=np.int64),
        ),
        receipt_frame(
            world, batch, "subscription_events",
            draws.uuids("event opened", periods["period_key"].to_numpy()),
            periods["who"].to_numpy(), sale=1 - periods["is_trial"].cast(pl.Int64).to_numpy(),
            at=periods["created"].to_numpy(), paid=periods["price"].to_numpy(),
            basis=np.zeros(len(periods), dtype=np.int64),
        ),
    ]  # fmt: skip
    return pl.concat(frames)


def endings(periods: pl.DataFrame, until: int) -> Ints:
    """How each period ended as far as is known before `until`: an index of ENDINGS."""
    column = {name: periods[name].to_numpy() for name in periods.columns}
    is_over = column["end"] + np.where(column["cancel_at"] < until, 0, GRACE_DAYS * DAY) < until
    known = [column[name] < until for name in ("renewed_at", "replaced_at", "expired_at")]
    return np.asarray(np.select([*known, is_over], [0, 4, 1, 2], 3))


def access_ends(periods: pl.DataFrame, ending: Ints, until: int) -> Ints:
    """When paid access ended, NEVER while it goes on or the store still tries to collect."""
    end, replaced = periods["end"].to_numpy(), periods["replaced_at"].to_numpy()
    is_past = np.where(end < until, end, NEVER)
    return np.asarray(np.select([ending == 4, ending == 3], [replaced, NEVER], is_past))


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
            "is_test": people.role[who] > 0,
            "chain_number": periods["chain"],
            "renewal_number": periods["paid_before"],
            "base_plan_id": listed(PLANS, plan),
            "billing_months": PLAN_MONTHS[plan],
            "store": listed(STORES, people.store[who]),
            "offer_id": listed(OFFERS, periods["offer"].to_numpy()),
            "period_start_at": instants(periods["start"]),
            "period_end_at": instants(end),
            "effective_end_at": instants(np.where(ending == 4, replaced, end)),
            "is_trial": trial,
            "price_usd": money(np.where(trial, 0, periods["price"].to_numpy())),
            "contracted_mrr_usd": money(monthly(periods, "list_price")),
            "mrr_usd": money(monthly(periods, "price")),
            "cancel_intent_at": optional_instants(cancel, cancel < world.until),
            "ended_by": listed(ENDINGS, ending),
        }
    )


def mrr_movements(world: World, batch: Batch) -> pl.DataFrame:
    """One row per change of a non-test user's MRR, by user and time."""
    people = batch.people
    paid = batch.periods.filter(~pl.col("is_trial"))
    paid = paid.filter(pl.Series(people.role[paid["who"].to_numpy()] == 0, dtype=pl.Boolean))
    who, start = paid["who"].to_numpy(), paid["start"].to_numpy()
    mrr = monthly(paid, "price")
    over = access_ends(paid, endings(paid, world.until), world.until)
    same = who[1:] == who[:-1]
    goes_on = np.append(same & (over[:-1] == start[1:]), False)
    follows = np.concatenate([[False], goes_on[:-1]]) if len(who) else goes_on[:0]
    before = np.where(follows, np.concatenate([[0], mrr[:-1]]) if len(who) else mrr, 0)
    begins, ends = before != mrr, ~goes_on[: len(who)] & (over < NEVER)
    voluntary = paid["outcome"].to_numpy() == VOLUNTARY
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
    return movement_rows(world, batch, frame)


def movement_rows(world: World, batch: Batch, frame: pl.DataFrame) -> pl.DataFrame:
    """Movements named by their kind."""
    who, before, after = (frame[name].to_numpy() for name in ("who", "before", "after"))
    is_first = np.ones(len(who), dtype=np.bool_)
    is_first[1:] = who[1:] != who[:-1]
    kind = np.select([after == 0, is_first, before == 0, after > before], [4, 0, 1, 2], 3)
    delta = after - before
    sign = pl.Series(np.where(delta < 0, -1, 1)).cast(pl.Decimal(18, 4))
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, batch.people.key[who]),
            "movement_at": instants(frame["at"]),
            "movement_type": listed(MOVEMENTS, kind),
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


def referral_edges(world: World, batch: Batch) -> pl.DataFrame:
    """One row per referred user whose referrer still exists: by whom, when, how deep."""
    everyone = world.people
    rank = np.arange(batch.begin, batch.begin + len(batch.people))
    alive = everyone.closed >= world.until
    parent = everyone.parent[rank]
    known: Bools = (parent != NOBODY) & alive[np.maximum(parent, 0)]
    child, parent = rank[known], parent[known]
    root, depth = parent.copy(), np.ones(len(parent), dtype=np.int64)
    while True:
        above = everyone.parent[root]
        climbs = (above != NOBODY) & alive[np.maximum(above, 0)]
        if not climbs.any():
            break
        root, depth = np.where(climbs, above, root), depth + climbs
    draws = world.draws
    first = world.paid_at[child]
    return pl.DataFrame(
        {
            "referred_user_id": user_ids(draws, everyone.key[child]),
            "referrer_user_id": user_ids(draws, everyone.key[parent]),
            "root_user_id": user_ids(draws, everyone.key[root]),
            "depth": depth,
            "signed_up_at": instants(everyone.signup[child]),
            "delay_days": (everyone.signup[child] - everyone.signup[parent]) / DAY,
            "is_test": (everyone.role[child] > 0) | (everyone.role[parent] > 0),
            "first_premium_at": optional_instants(first, first < world.until),
            "reward_status": listed(("pending", "paid"), (first < world.until).astype(np.int64)),
        }
    )


def deliveries(world: World, batch: Batch) -> pl.DataFrame:
    """One row per custom audio: when it was bought, its form sent, the audio delivered."""
    customs = batch.customs
    return pl.DataFrame(
        {
            "custom_course_id": world.draws.uuids("custom course", customs.key),
            "user_id": user_ids(world.draws, batch.people.key[customs.user]),
            "purchased_at": instants(customs.at),
            "submitted_at": optional_instants(customs.submitted, customs.submitted < world.until),
            "delivered_at": optional_instants(customs.delivered, customs.delivered < world.until),
        }
    )


SUBJECTS = {
    "receipts": receipts,
    "subscription_periods": subscription_periods,
    "mrr_movements": mrr_movements,
    "hazards": hazards,
    "credits_daily": credits_daily,
    "credit_weeks": credit_weeks,
    "credit_lots": credit_lots,
    "referral_edges": referral_edges,
    "deliveries": deliveries,
}


def truth_of(world: World, batch: Batch) -> dict[str, pl.DataFrame]:
    """All truth of one batch, without closed accounts."""
    found = {name: subject(world, batch) for name, subject in SUBJECTS.items()}
    gone = batch.people.closed < world.until
    if not gone.any():
        return found
    ids = user_ids(world.draws, batch.people.key[gone]).implode()
    return {
        name: frame.filter(
            ~pl.col("referred_user_id" if name == "referral_edges" else "user_id").is_in(ids)
        )
        for name, frame in found.items()
    }
