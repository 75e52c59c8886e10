"""The truth of referrals, rewards and discounts."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import CODES
from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import chosen, frame_of, listed, money
from models.simulation.engine.draws import Bools
from models.simulation.kinds import Assignment, Role, texts
from models.simulation.parameters import DAY, NEVER
from models.simulation.prices import MONEY
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS
from models.simulation.subjects.people.behaviour import NOBODY
from models.simulation.world import Batch


def referral_edges(batch: Batch) -> pl.DataFrame:
    """One row per referred user whose referrer still exists: by whom, when, how deep."""
    world, everyone = batch.world, batch.world.people
    rank = np.arange(batch.begin, batch.begin + len(batch.people))
    alive = everyone.closed >= batch.until
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
    first = world.paid_at[child]
    has_paid = first < batch.until
    return frame_of(
        referred_user_id=world.ids(child),
        referrer_user_id=world.ids(parent),
        root_user_id=world.ids(root),
        depth=depth,
        signed_up_at=instants(everyone.signup[child]),
        delay_days=(everyone.signup[child] - everyone.signup[parent]) / DAY,
        is_test=(everyone.role[child] != Role.USER) | (everyone.role[parent] != Role.USER),
        first_premium_at=optional_instants(first, has_paid),
        reward_status=chosen(has_paid, yes="paid", no="pending"),
    )


def discount_assignments(batch: Batch) -> pl.DataFrame:
    """One row per person and code handed out: what became of it, by what sale, what it saved."""
    lives = batch.discounts
    who, assigned, used = (lives[name].to_numpy() for name in ("who", "assigned", "used"))
    expires = assigned + LIFESPAN_DAYS * DAY
    saved = (pl.col("full") - pl.col("paid")).clip(0).fill_null(-1)
    outcome = np.select(
        [used < NEVER, expires <= batch.until],
        [Assignment.USED, Assignment.LAPSED],
        Assignment.OPEN,
    )
    return frame_of(
        user_id=batch.ids(who),
        is_test=batch.is_test(who),
        discount_code=listed([code.code for code in CODES], lives["code"].to_numpy()),
        assigned_at=instants(assigned),
        expires_at=instants(expires),
        used_at=optional_instants(used, used < NEVER),
        outcome=listed(texts(Assignment), outcome),
        receipt_id=lives["receipt"],
        discount_usd=money(lives.select(saved=saved)["saved"].to_numpy()),
    )


def referral_rewards(batch: Batch) -> pl.DataFrame:
    """One row per credit earned by referring: when it was earned, used, or went unused."""
    earned, world = batch.rewards, batch.world
    owner, used, expires = (earned[name].to_numpy() for name in ("owner", "used", "expires"))
    return frame_of(
        user_id=world.ids(owner),
        is_test=world.people.role[owner] != Role.USER,
        amount_usd=money(np.full(len(owner), MONEY)),
        earned_at=instants(earned["created"]),
        used_at=optional_instants(used, used < NEVER),
        expired_at=optional_instants(expires, (used == NEVER) & (expires <= batch.until)),
    )
