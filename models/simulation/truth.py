"""What is true of a batch on one day, from what was drawn and lived, never from the rows written.

Each function returns one truth table; times are naive UTC, money DECIMAL(18,4). Accounts closed by
then are left out, as they are at the source.
"""

from __future__ import annotations

import polars as pl

from models.simulation.subjects.credits.truth import credit_lots, credit_weeks, credits_daily
from models.simulation.subjects.custom_audio.truth import deliveries
from models.simulation.subjects.discounts.truth import (
    discount_assignments,
    referral_edges,
    referral_rewards,
)
from models.simulation.subjects.listening.truth import listening
from models.simulation.subjects.people.rows import user_ids
from models.simulation.subjects.receipts.truth import receipts
from models.simulation.subjects.subscriptions.truth import (
    hazards,
    mrr_movements,
    subscription_periods,
)
from models.simulation.world import Batch, World

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
