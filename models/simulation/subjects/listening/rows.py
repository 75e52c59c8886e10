"""Rows of analytics, audio_usage and cached_handshake_responses."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import formatted, frame_of, listed
from models.simulation.parameters import DAY
from models.simulation.subjects.courses.behaviour import VOICE_WEIGHTS, VOICES
from models.simulation.subjects.listening.behaviour import counter_at
from models.simulation.world import Batch

BACKGROUNDS = ("None", "Rain", "Ocean", "Forest")
CHOICES = ("Randomize", "Stairs", "Eyes", "Countdown")
ANSWER = '{"json_manifest": {"shop.json": {}}, "ai_usage": {}, "subscription": {}}'


def analytics(batch: Batch) -> pl.DataFrame:
    """analytics: the settings of each person for each opened course."""
    draws, opened, keys = batch.draws, batch.opened, batch.opened.key
    changed = opened.at + draws.between("setting changed", keys, low=DAY, high=90 * DAY)
    late = (changed < batch.until) & draws.chance("changes setting", keys, odds=0.4)
    return frame_of(
        id=draws.uuids("setting", keys),
        user_id=batch.ids(opened.user),
        course_code=listed([c.code for c in COURSES], opened.course),
        voice=draws.texts("narrator", keys, of=VOICES, weights=VOICE_WEIGHTS),
        background=draws.texts("sound", keys, of=BACKGROUNDS, counter=late.astype(np.int64)),
        induction=draws.texts("induction", keys, of=CHOICES),
        deepening=draws.texts("deepening", keys, of=CHOICES),
        created_at=instants(opened.at),
        updated_at=instants(np.where(late, changed, opened.at)),
    )


def audio_usage(batch: Batch) -> pl.DataFrame:
    """audio_usage: the play counter of each track begun, as it stands on the day."""
    tracks = batch.tracks
    titles = [f"{c.title} {n + 1}" for c in COURSES for n in range(c.tracks)]
    offset = np.cumsum([0, *[c.tracks for c in COURSES]])[tracks.course]
    return frame_of(
        id=batch.draws.uuids("track", tracks.key),
        user_id=batch.ids(tracks.user),
        course_code=listed([c.code for c in COURSES], tracks.course),
        audio_number=pl.Series(tracks.track + 1).cast(pl.String),
        title=listed(titles, offset + tracks.track),
        no_of_plays=tracks.plays,
        created_at=instants(tracks.start),
        updated_at=instants(tracks.changed),
    )


def cached_handshake_responses(batch: Batch) -> pl.DataFrame:
    """cached_handshake_responses: the newest prepared answer of those who ever synced."""
    draws, people, until = batch.draws, batch.people, batch.until
    synced = draws.chance("synced", people.key, odds=0.85) & (people.signup + 60 < until)
    key, start = people.key[synced], people.signup[synced] + 60
    gap = DAY // 3 + draws.wait("sync gap", key, mean=3.0 * DAY)
    window = draws.wait("syncs for", key, mean=120.0 * DAY)
    _, changed = counter_at(start, gap, window=window, until=until)
    return frame_of(
        id=draws.uuids("handshake", key),
        user_id=batch.ids(synced),
        response=ANSWER,
        checksum=formatted("{}{}", draws.hexes("sum a", key), draws.hexes("sum b", key)),
        created_at=instants(start),
        updated_at=instants(changed),
    )
