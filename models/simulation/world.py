"""The whole business on one day, in batches of people: who they are and what they did.

A world depends on the arguments and the day alone; the world of a later day is what the earlier
one has become. Batches follow the order of sign-up, so that they name the same people on any day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.draws import Bools, Draws, Ints
from models.simulation.kinds import Role
from models.simulation.parameters import Params
from models.simulation.subjects.courses.behaviour import Holdings, holdings
from models.simulation.subjects.credits.behaviour import CreditLife, credit_life
from models.simulation.subjects.custom_audio.behaviour import Customs, custom_orders
from models.simulation.subjects.discounts.behaviour import discount_lives, first_paid, rewards
from models.simulation.subjects.listening.behaviour import (
    Openings,
    Tracks,
    begun_tracks,
    course_starts,
)
from models.simulation.subjects.people.behaviour import People, population
from models.simulation.subjects.subscriptions.behaviour import subscription_lives

BATCH = 50_000


@dataclass(frozen=True)
class World:
    """Everyone and all subscription lives as known before the second `until`."""

    params: Params
    until: int
    people: People
    lives: pl.DataFrame
    paid_at: Ints

    @property
    def draws(self) -> Draws:
        return self.params.draws

    def ids(self, who: Ints) -> pl.Series:
        """The account ids of some of everyone."""
        return self.draws.uuids("user", self.people.key[who])

    @property
    def batches(self) -> int:
        """How many batches of people there are; batch 0 exists even without anyone."""
        return max(1, -(-len(self.people) // BATCH))


@dataclass(frozen=True)
class Batch:
    """A range of people with what they did; `who` and `user` count from `begin`."""

    world: World
    begin: int
    people: People
    periods: pl.DataFrame
    credits: CreditLife
    customs: Customs
    held: Holdings
    discounts: pl.DataFrame
    rewards: pl.DataFrame
    opened: Openings
    tracks: Tracks

    @property
    def draws(self) -> Draws:
        return self.world.draws

    @property
    def until(self) -> int:
        """The second before which all is known."""
        return self.world.until

    def ids(self, who: Ints | Bools | slice = slice(None)) -> pl.Series:
        """The account ids of some people, or of everyone."""
        return self.draws.uuids("user", self.people.key[who])

    def is_test(self, who: Ints) -> Bools:
        """Whether they are testers or administrators."""
        return np.asarray(self.people.role[who] != Role.USER)


def world_at(params: Params, until: int) -> World:
    """The business before the second `until`."""
    people = population(params, until)
    lives = subscription_lives(params, people, until=until)
    return World(params, until, people, lives, first_paid(lives, len(people)))


def batch_of(world: World, number: int) -> Batch:
    """Live the lives of one batch."""
    begin, end = number * BATCH, min((number + 1) * BATCH, len(world.people))
    people = world.people.take(slice(begin, end))
    periods = world.lives.filter(pl.col("who").is_between(begin, end, closed="left"))
    periods = periods.with_columns(pl.col("who") - begin)
    draws, until = world.draws, world.until
    credits = credit_life(draws, people, periods=periods, until=until)
    customs = custom_orders(draws, people, until=until)
    held = holdings(draws, people, periods=periods, until=until)
    opened = course_starts(draws, people, held=held, until=until)
    tracks = begun_tracks(draws, opened, until=until)
    discounts = discount_lives(
        draws, people, periods=periods, credits=credits, customs=customs, until=until
    )
    earned = rewards(draws, world.people, paid_at=world.paid_at, begin=begin, end=end, until=until)
    return Batch(
        world, begin, people, periods, credits, customs, held, discounts, earned, opened, tracks
    )
