"""What is true of a batch on one day, from what was drawn and lived, never from the rows written.

Each function returns one truth table; times are naive UTC, money DECIMAL(18,4). Accounts closed by
then are left out, as they are at the source.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.accounts import constant, listed, user_ids
from models.simulation.calendar import instants, optional_instants
from models.simulation.catalogue import CODES, COURSES
from models.simulation.custom_audio import custom_prices
from models.simulation.discounts import LIFESPAN_DAYS, receipt_texts
from models.simulation.draws import Bools, Ints
from models.simulation.holdings import sale_prices
from models.simulation.packs import money, pack_charges
from models.simulation.parameters import DAY, NEVER
from models.simulation.people import NOBODY
from models.simulation.prices import MONEY
from models.simulation.truth_of_credits import credit_lots, credit_weeks, credits_daily
from models.simulation.truth_of_subscriptions import hazards, mrr_movements, subscription_periods
from models.simulation.world import Batch, World

BASES = ("price_book", "recorded", "none")
OUTCOMES = ("used", "lapsed", "open")
VERDICTS = ("counted", "test", "not_a_sale")


def receipt_frame(
    world: World, batch: Batch, table: str, ids: pl.Series, user: Ints, **values: Ints
) -> pl.DataFrame:
    """Receipts of one table; `sale` is False where nothing was sold, `basis` indexes BASES."""
    is_test = batch.people.role[user] > 0
    sale = values["sale"].astype(np.bool_)
    # A tester's trial phase is a test before it is no sale; what no store sold is no sale at all.
    in_store = values.get("in_store", np.ones(len(user))).astype(np.bool_)
    verdict = np.where(~in_store, 2, np.where(is_test, 1, np.where(sale, 0, 2)))
    refunded = values.get("refunded", np.full(len(user), NEVER))
    return pl.DataFrame(
        {
            "receipt_id": receipt_texts(table, ids),
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
            sale=sold.astype(np.int64), in_store=sold.astype(np.int64),
            at=np.where(sold, held.at, held.at + 3),
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
    """One row per custom audio: bought, form sent, reopened and sent again, audio delivered."""
    customs = batch.customs
    steps = ("submitted", "reopened", "resubmitted", "delivered")
    passed = {name: getattr(customs, name) for name in steps}
    return pl.DataFrame(
        {
            "custom_course_id": world.draws.uuids("custom course", customs.key),
            "user_id": user_ids(world.draws, batch.people.key[customs.user]),
            "is_test": batch.people.role[customs.user] > 0,
            "purchased_at": instants(customs.at + 4),
            **{f"{n}_at": optional_instants(at, at < world.until) for n, at in passed.items()},
        }
    )


def discount_assignments(world: World, batch: Batch) -> pl.DataFrame:
    """One row per person and code handed out: what became of it, by what sale, what it saved."""
    lives, people = batch.discounts, batch.people
    who, assigned, used = (lives[name].to_numpy() for name in ("who", "assigned", "used"))
    expires = assigned + LIFESPAN_DAYS * DAY
    saved = lives.select(pl.max_horizontal(pl.col("full") - pl.col("paid"), 0).fill_null(-1))
    saving = np.where(used < NEVER, saved.to_series().to_numpy(), -1)
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, people.key[who]),
            "is_test": people.role[who] > 0,
            "discount_code": listed([code.code for code in CODES], lives["code"].to_numpy()),
            "assigned_at": instants(assigned),
            "expires_at": instants(expires),
            "used_at": optional_instants(used, used < NEVER),
            "outcome": listed(
                OUTCOMES, np.select([used < NEVER, expires <= world.until], [0, 1], 2)
            ),
            "receipt_id": lives["receipt"],
            "discount_usd": money(saving),
        }
    )


def referral_rewards(world: World, batch: Batch) -> pl.DataFrame:
    """One row per credit earned by referring: when it was earned, used, or went unused."""
    earned, everyone = batch.rewards, world.people
    owner, used, expires = (earned[name].to_numpy() for name in ("owner", "used", "expires"))
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, everyone.key[owner]),
            "is_test": everyone.role[owner] > 0,
            "amount_usd": money(np.full(len(owner), MONEY)),
            "earned_at": instants(earned["created"]),
            "used_at": optional_instants(used, used < NEVER),
            "expired_at": optional_instants(expires, (used == NEVER) & (expires <= world.until)),
        }
    )


def listening(world: World, batch: Batch) -> pl.DataFrame:
    """One row per track begun: plays to date; a counter begins anew only by a planted fault."""
    tracks, people = batch.tracks, batch.people
    plays, _ = tracks.counted(world.until)
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, people.key[tracks.user]),
            "course_code": listed([c.code for c in COURSES], tracks.course),
            "audio_number": pl.Series(tracks.track + 1).cast(pl.String),
            "plays": plays,
            "counter_reset_at": optional_instants(plays, np.zeros(len(plays), dtype=np.bool_)),
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
    "discount_assignments": discount_assignments,
    "referral_rewards": referral_rewards,
    "listening": listening,
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
