"""Rows of analytics, audio_usage and cached_handshake_responses."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import constant, listed
from models.simulation.engine.draws import Draws, Ints
from models.simulation.parameters import DAY
from models.simulation.subjects.listening.behaviour import Tracks, counter_at, opening_keys
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids

BACKGROUNDS = ("None", "Rain", "Ocean", "Forest")
CHOICES = ("Randomize", "Stairs", "Eyes", "Countdown")
ANSWER = '{"json_manifest": {"shop.json": {}}, "ai_usage": {}, "subscription": {}}'


def analytics(
    draws: Draws, people: People, *, opened: tuple[Ints, Ints, Ints], until: int
) -> pl.DataFrame:
    """analytics: the settings of each person for each opened course."""
    user, course, at = opened
    keys = opening_keys(draws, people, user=user, course=course)
    changed = at + draws.between("setting changed", keys, low=DAY, high=90 * DAY)
    late = (changed < until) & draws.chance("changes setting", keys, odds=0.4)
    even = [1.0] * 4
    return pl.DataFrame(
        {
            "id": draws.uuids("setting", keys),
            "user_id": user_ids(draws, people.key[user]),
            "course_code": listed([c.code for c in COURSES], course),
            "voice": listed(
                ("Female", "Male", "female"), draws.pick("narrator", keys, weights=[6, 3, 1])
            ),
            "background": listed(
                BACKGROUNDS, draws.pick("sound", keys, weights=even, counter=late.astype(np.int64))
            ),
            "induction": listed(CHOICES, draws.pick("induction", keys, weights=even)),
            "deepening": listed(CHOICES, draws.pick("deepening", keys, weights=even)),
            "created_at": instants(at),
            "updated_at": instants(np.where(late, changed, at)),
        }
    )


def audio_usage(draws: Draws, people: People, *, tracks: Tracks, until: int) -> pl.DataFrame:
    """audio_usage: the play counter of each track begun, as it stands at `until`."""
    plays, changed = tracks.counted(until)
    titles = [f"{c.title} {n + 1}" for c in COURSES for n in range(c.tracks)]
    offset = np.cumsum([0, *[c.tracks for c in COURSES]])[tracks.course]
    return pl.DataFrame(
        {
            "id": draws.uuids("track", tracks.key),
            "user_id": user_ids(draws, people.key[tracks.user]),
            "course_code": listed([c.code for c in COURSES], tracks.course),
            "audio_number": pl.Series(tracks.track + 1).cast(pl.String),
            "title": listed(titles, offset + tracks.track),
            "no_of_plays": plays,
            "created_at": instants(tracks.start),
            "updated_at": instants(changed),
        }
    )


def cached_handshakes(draws: Draws, people: People, *, until: int) -> pl.DataFrame:
    """cached_handshake_responses: the newest prepared answer of those who ever synced."""
    synced = people.take(
        draws.chance("synced", people.key, odds=0.85) & (people.signup + 60 < until)
    )
    key, start = synced.key, synced.signup + 60
    gap = DAY // 3 + draws.exponential("sync gap", key, mean=3.0 * DAY).astype(np.int64)
    window = draws.exponential("syncs for", key, mean=120.0 * DAY).astype(np.int64)
    _, changed = counter_at(start, gap, window=window, until=until)
    return pl.DataFrame(
        {
            "id": draws.uuids("handshake", key),
            "user_id": user_ids(draws, key),
            "response": constant(
                '{"json_manifest": {"shop.json": {}}, "ai_usage": {}, "subscription": {}}', len(key)
            ),
            "checksum": pl.select(
                pl.concat_str(draws.hexes("sum a", key), draws.hexes("sum b", key)).alias("c")
            )["c"],
            "created_at": instants(start),
            "updated_at": instants(changed),
        }
    )
