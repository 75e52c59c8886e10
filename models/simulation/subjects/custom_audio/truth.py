"""The truth of custom audio: what was bought, sent and delivered when."""

from __future__ import annotations

import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.kinds import Role
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World


def deliveries(world: World, batch: Batch) -> pl.DataFrame:
    """One row per custom audio: bought, form sent, reopened and sent again, audio delivered."""
    customs = batch.customs
    steps = ("submitted", "reopened", "resubmitted", "delivered")
    passed = {name: getattr(customs, name) for name in steps}
    return pl.DataFrame(
        {
            "custom_course_id": world.draws.uuids("custom course", customs.key),
            "user_id": user_ids(world.draws, batch.people.key[customs.user]),
            "is_test": batch.people.role[customs.user] != Role.USER,
            "purchased_at": instants(customs.at + 4),
            **{f"{n}_at": optional_instants(at, at < world.until) for n, at in passed.items()},
        }
    )
