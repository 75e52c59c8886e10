"""The truth of referrals, rewards and discounts."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import CODES
from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import listed, money
from models.simulation.engine.draws import Bools
from models.simulation.kinds import Assignment, Role, texts
from models.simulation.parameters import DAY, NEVER
from models.simulation.prices import MONEY
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS
from models.simulation.subjects.people.behaviour import NOBODY
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World


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
            "is_test": (everyone.role[child] != Role.USER) | (everyone.role[parent] != Role.USER),
            "first_premium_at": optional_instants(first, first < world.until),
            "reward_status": listed(("pending", "paid"), (first < world.until).astype(np.int64)),
        }
    )


def discount_assignments(world: World, batch: Batch) -> pl.DataFrame:
    """One row per person and code handed out: what became of it, by what sale, what it saved."""
    lives, people = batch.discounts, batch.people
    who, assigned, used = (lives[name].to_numpy() for name in ("who", "assigned", "used"))
    expires = assigned + LIFESPAN_DAYS * DAY
    saved = lives.select(pl.max_horizontal(pl.col("full") - pl.col("paid"), 0).fill_null(-1))
    saving = np.where(used < NEVER, saved.to_series().to_numpy(), -1)
    outcome = np.select(
        [used < NEVER, expires <= world.until],
        [Assignment.USED, Assignment.LAPSED],
        Assignment.OPEN,
    )
    return pl.DataFrame(
        {
            "user_id": user_ids(world.draws, people.key[who]),
            "is_test": people.role[who] != Role.USER,
            "discount_code": listed([code.code for code in CODES], lives["code"].to_numpy()),
            "assigned_at": instants(assigned),
            "expires_at": instants(expires),
            "used_at": optional_instants(used, used < NEVER),
            "outcome": listed(texts(Assignment), outcome),
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
            "is_test": everyone.role[owner] != Role.USER,
            "amount_usd": money(np.full(len(owner), MONEY)),
            "earned_at": instants(earned["created"]),
            "used_at": optional_instants(used, used < NEVER),
            "expired_at": optional_instants(expires, (used == NEVER) & (expires <= world.until)),
        }
    )
