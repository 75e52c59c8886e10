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
from models.simulation.subjects.receipts.truth import receipts
from models.simulation.subjects.subscriptions.truth import (
    hazards,
    mrr_movements,
    subscription_periods,
)
from models.simulation.world import Batch

SUBJECTS = (
    receipts,
    subscription_periods,
    mrr_movements,
    hazards,
    credits_daily,
    credit_weeks,
    credit_lots,
    referral_edges,
    deliveries,
    discount_assignments,
    referral_rewards,
    listening,
)


def truth_of(batch: Batch) -> dict[str, pl.DataFrame]:
    """All truth of one batch, without closed accounts."""
    found = {subject.__name__: subject(batch) for subject in SUBJECTS}
    gone = batch.people.closed < batch.until
    if not gone.any():
        return found
    ids = batch.ids(gone).implode()
    return {
        name: frame.filter(
            ~pl.col("referred_user_id" if name == "referral_edges" else "user_id").is_in(ids)
        )
        for name, frame in found.items()
    }
