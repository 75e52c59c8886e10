"""Courses opened, and play counters that tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.simulation.catalogue import COURSE_AT, COURSES
from models.simulation.engine.columns import Entities
from models.simulation.engine.draws import Draws, Ints, Keys, repeated
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


@dataclass(frozen=True)
class Openings(Entities):
    """First openings of courses by person and course."""

    user: Ints
    course: Ints
    at: Ints
    key: Keys


def course_starts(draws: Draws, people: People, *, held: Holdings, until: int) -> Openings:
    """What each person opens before `until`: the free course, then what is held."""
    listens = np.flatnonzero(draws.chance("listens", people.key, odds=LISTENS))
    user = np.concatenate([listens, held.user])
    course = np.concatenate([np.full(len(listens), COURSE_AT["C99ENB"]), held.course])
    at = np.concatenate([people.signup[listens] + HOUR, held.at + HOUR])
    key = draws.child_keys("opening", people.key[user], counter=course)
    opened = Openings(user, course, at, key).take(np.lexsort((at, course, user)))
    first = np.ones(len(opened), dtype=np.bool_)
    first[1:] = (np.diff(opened.user) != 0) | (np.diff(opened.course) != 0)
    return opened.take(first & (opened.at < until))


@dataclass(frozen=True)
class Tracks(Entities):
    """Tracks begun: person, course, place in the course, plays, the first of them and the last."""

    user: Ints
    course: Ints
    track: Ints
    key: Keys
    start: Ints
    plays: Ints
    changed: Ints


def begun_tracks(draws: Draws, opened: Openings, *, until: int) -> Tracks:
    """The tracks begun before `until` of the courses opened."""
    row, track = repeated(np.array([c.tracks for c in COURSES])[opened.course])
    of = opened.take(row)
    keys = draws.child_keys("track", of.key, counter=track)
    start = of.at + track * DAY + draws.between("first play", keys, low=0, high=DAY)
    gap = DAY // 2 + draws.wait("play gap", keys, mean=6.0 * DAY)
    window = draws.wait("plays for", keys, mean=60.0 * DAY)
    plays, changed = counter_at(start, gap, window=window, until=until)
    begun = (start < until) & draws.chance("plays", keys, odds=0.75)
    return Tracks(of.user, of.course, track, keys, start, plays, changed).take(begun)
