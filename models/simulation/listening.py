"""Rows of analytics, audio_usage and cached_handshake_responses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.accounts import constant, listed, user_ids
from models.simulation.calendar import instants
from models.simulation.catalogue import COURSE_AT, COURSES
from models.simulation.draws import Draws, Ints, Keys
from models.simulation.holdings import Holdings
from models.simulation.parameters import DAY, HOUR
from models.simulation.people import People

LISTENS = 0.7
ANSWER = '{"json_manifest": {"shop.json": {}}, "ai_usage": {}, "subscription": {}}'
BACKGROUNDS = ("None", "Rain", "Ocean", "Forest")
CHOICES = ("Randomize", "Stairs", "Eyes", "Countdown")


def counter_at(start: Ints, gap: Ints, window: Ints, until: int) -> tuple[Ints, Ints]:
    """(count, second of its last change) of a counter that ticks every `gap` seconds.

    It begins at 1 and stops after `window`.
    """
    ticks = (np.minimum(until - 1, start + window) - start) // gap
    return ticks + 1, start + ticks * gap


def course_starts(
    people: People, draws: Draws, held: Holdings, until: int
) -> tuple[Ints, Ints, Ints]:
    """(person, course, second) of each first opening: the free course, then what is held."""
    listens = np.flatnonzero(draws.chance("listens", people.key, LISTENS))
    user = np.concatenate([listens, held.user])
    course = np.concatenate([np.full(len(listens), COURSE_AT["C99ENB"]), held.course])
    at = np.concatenate([people.signup[listens] + HOUR, held.at + HOUR])
    order = np.lexsort((at, course, user))
    user, course, at = user[order], course[order], at[order]
    first = np.ones(len(user), dtype=np.bool_)
    first[1:] = (user[1:] != user[:-1]) | (course[1:] != course[:-1])
    first &= at < until
    return user[first], course[first], at[first]


def opening_keys(draws: Draws, people: People, user: Ints, course: Ints) -> Keys:
    """One key per (person, course)."""
    return draws.child_keys("opening", people.key[user], course)


def analytics(
    draws: Draws, people: People, opened: tuple[Ints, Ints, Ints], until: int
) -> pl.DataFrame:
    """analytics: the settings of each person for each opened course."""
    user, course, at = opened
    keys = opening_keys(draws, people, user, course)
    changed = at + draws.between("setting changed", keys, DAY, 90 * DAY)
    late = (changed < until) & draws.chance("changes setting", keys, 0.4)
    even = [1.0] * 4
    return pl.DataFrame(
        {
            "id": draws.uuids("setting", keys),
            "user_id": user_ids(draws, people.key[user]),
            "course_code": listed([c.code for c in COURSES], course),
            "voice": listed(("Female", "Male", "female"), draws.pick("narrator", keys, [6, 3, 1])),
            "background": listed(
                BACKGROUNDS, draws.pick("sound", keys, even, late.astype(np.int64))
            ),
            "induction": listed(CHOICES, draws.pick("induction", keys, even)),
            "deepening": listed(CHOICES, draws.pick("deepening", keys, even)),
            "created_at": instants(at),
            "updated_at": instants(np.where(late, changed, at)),
        }
    )


@dataclass(frozen=True)
class Tracks:
    """Tracks begun: person, course, place in the course, and how the play counter ticks."""

    user: Ints
    course: Ints
    track: Ints
    key: Keys
    start: Ints
    gap: Ints
    window: Ints

    def counted(self, until: int) -> tuple[Ints, Ints]:
        """(counter, second of its last change) as the app has it before `until`."""
        return counter_at(self.start, self.gap, self.window, until)


def begun_tracks(
    draws: Draws, people: People, opened: tuple[Ints, Ints, Ints], until: int
) -> Tracks:
    """The tracks begun before `until` of the courses opened."""
    user, course, at = opened
    tracks = np.array([c.tracks for c in COURSES])[course]
    row = np.repeat(np.arange(len(user)), tracks)
    track = np.arange(len(row)) - np.repeat(np.cumsum(tracks) - tracks, tracks)
    keys = draws.child_keys("track", opening_keys(draws, people, user, course)[row], track)
    start = at[row] + track * DAY + draws.between("first play", keys, 0, DAY)
    here = (start < until) & draws.chance("plays", keys, 0.75)
    row, track, keys, start = row[here], track[here], keys[here], start[here]
    return Tracks(
        user=user[row],
        course=course[row],
        track=track,
        key=keys,
        start=start,
        gap=DAY // 2 + draws.exponential("play gap", keys, 6.0 * DAY).astype(np.int64),
        window=draws.exponential("plays for", keys, 60.0 * DAY).astype(np.int64),
    )


def audio_usage(draws: Draws, people: People, tracks: Tracks, until: int) -> pl.DataFrame:
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


def cached_handshakes(draws: Draws, people: People, until: int) -> pl.DataFrame:
    """cached_handshake_responses: the newest prepared answer of those who ever synced."""
    synced = people.take(draws.chance("synced", people.key, 0.85) & (people.signup + 60 < until))
    key, start = synced.key, synced.signup + 60
    gap = DAY // 3 + draws.exponential("sync gap", key, 3.0 * DAY).astype(np.int64)
    window = draws.exponential("syncs for", key, 120.0 * DAY).astype(np.int64)
    _, changed = counter_at(start, gap, window, until)
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
