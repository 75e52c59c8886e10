"""Every kind of fault by name, and how many of which are planted.

Faults lie in the days before the opening and among the first batch of people; `advance` plants no
new ones, it only lets the present ones live on.
"""

from __future__ import annotations

from models.simulation.faults import (
    of_credits,
    of_documents,
    of_late_events,
    of_people,
    of_receipts,
    of_subscriptions,
    of_tables,
)
from models.simulation.faults.plot import KINDS, STORY_DAYS, TYPICAL, Plot, cast
from models.simulation.world import Batch, World

SUBJECTS = (
    of_receipts, of_subscriptions, of_late_events, of_credits, of_people, of_documents, of_tables
)  # fmt: skip
SILENCE = of_tables.server_silent.__name__


def planted_kinds(level: str) -> list[str]:
    """Which kinds a level plants."""
    return {"none": [], "typical": list(TYPICAL), "all": list(KINDS)}[level]


def plant_faults(world: World, batch: Batch) -> Plot:
    """The stories of all faults that the business's level asks for, as far as there are people."""
    params = world.params
    kinds = planted_kinds(params.faults)
    victims = cast(world, batch) if kinds else []
    plot = Plot(params.seed, params.opened, world.until, victims)
    if falls_silent(world):
        plot.kind = SILENCE
        KINDS[SILENCE](plot)
    for number in range(max(1, min(20, params.users // 2_500))):
        for kind in kinds:
            if len(plot.victims) < 2:
                return plot
            plot.kind, plot.number, plot.counter = kind, number, 0
            if kind != SILENCE:
                KINDS[kind](plot)
    return plot


def falls_silent(world: World) -> bool:
    """Whether a table of the business has stalled, in every batch of people."""
    params = world.params
    return SILENCE in planted_kinds(params.faults) and params.days > STORY_DAYS
