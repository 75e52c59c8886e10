"""The truth of listening: plays by track."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import optional_instants
from models.simulation.engine.columns import listed
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World


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
