"""The truth of custom audio: what was bought, sent and delivered when."""

from __future__ import annotations

import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import frame_of
from models.simulation.world import Batch


def deliveries(batch: Batch) -> pl.DataFrame:
    """One row per custom audio: bought, form sent, reopened and sent again, audio delivered."""
    customs = batch.customs
    steps = ("submitted", "reopened", "resubmitted", "delivered")
    passed = {name: getattr(customs, name) for name in steps}
    return frame_of(
        custom_course_id=batch.draws.uuids("custom course", customs.key),
        user_id=batch.ids(customs.user),
        is_test=batch.is_test(customs.user),
        purchased_at=instants(customs.at + 4),
        **{f"{n}_at": optional_instants(at, at < batch.until) for n, at in passed.items()},
    )
