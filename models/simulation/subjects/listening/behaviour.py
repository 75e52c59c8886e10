"""Courses opened, and play counters that tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.catalogue import COURSE_AT, COURSES
from models.simulation.engine.draws import Draws, Ints, Keys
from models.simulation.parameters import DAY, HOUR
from models.simulation.subjects.courses.behaviour import Holdings
from models.simulation.subjects.people.behaviour import People

LISTENS = 0.7


def counter_at(start: Ints, gap: Ints, *, window: Ints, until: int) -> tuple[Ints, Ints]:
    """(count, second of its last change) of a counter that ticks every `gap` seconds.

    It begins at 1 and stops after `window`.
    """
    ticks = (np.minimum(until - 1, start + window) - start) // gap
    return ticks + 1, start + ticks * gap


def course_starts(
    people: People, draws: Draws, *, held: Holdings, until: int
) -> tuple[Ints, Ints, Ints]:
    """(person, course, second) of each first opening: the free course, then what is held."""
    listens = np.flatnonzero(draws.chance("listens", people.key, odds=LISTENS))
    user = np.concatenate([listens, held.user])
    course = np.concatenate([np.full(len(listens), COURSE_AT["C99ENB"]), held.course])
    at = np.concatenate([people.signup[listens] + HOUR, held.at + HOUR])
    order = np.lexsort((at, course, user))
    user, course, at = user[order], course[order], at[order]
    first = np.ones(len(user), dtype=np.bool_)
    first[1:] = (user[1:] != user[:-1]) | (course[1:] != course[:-1])
    first &= at < until
    return user[first], course[first], at[first]


def opening_keys(draws: Draws, people: People, *, user: Ints, course: Ints) -> Keys:
    """One key per (person, course)."""
    return draws.child_keys("opening", people.key[user], counter=course)


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
        return counter_at(self.start, self.gap, window=self.window, until=until)


def begun_tracks(
    draws: Draws, people: People, *, opened: tuple[Ints, Ints, Ints], until: int
) -> Tracks:
    """The tracks begun before `until` of the courses opened."""
    user, course, at = opened
    tracks = np.array([c.tracks for c in COURSES])[course]
    row = np.repeat(np.arange(len(user)), tracks)
    track = np.arange(len(row)) - np.repeat(np.cumsum(tracks) - tracks, tracks)
    keys = draws.child_keys(
        "track", opening_keys(draws, people, user=user, course=course)[row], counter=track
    )
    start = at[row] + track * DAY + draws.between("first play", keys, low=0, high=DAY)
    here = (start < until) & draws.chance("plays", keys, odds=0.75)
    row, track, keys, start = row[here], track[here], keys[here], start[here]
    return Tracks(
        user=user[row],
        course=course[row],
        track=track,
        key=keys,
        start=start,
        gap=DAY // 2 + draws.exponential("play gap", keys, mean=6.0 * DAY).astype(np.int64),
        window=draws.exponential("plays for", keys, mean=60.0 * DAY).astype(np.int64),
    )
