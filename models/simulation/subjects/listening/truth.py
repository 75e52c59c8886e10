"""The truth of listening: plays by track."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import optional_instants
from models.simulation.engine.columns import frame_of, listed
from models.simulation.world import Batch


def listening(batch: Batch) -> pl.DataFrame:
    """One row per track begun: plays to date; a counter begins anew only by a planted fault."""
    tracks = batch.tracks
    return frame_of(
        user_id=batch.ids(tracks.user),
        course_code=listed([c.code for c in COURSES], tracks.course),
        audio_number=pl.Series(tracks.track + 1).cast(pl.String),
        plays=tracks.plays,
        counter_reset_at=optional_instants(tracks.changed, np.zeros(len(tracks))),
    )
