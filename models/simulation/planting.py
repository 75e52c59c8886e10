"""Every kind of fault by name, and how many of which are planted.

Faults lie in the days before the opening and among the first batch of people; `advance` plants no
new ones, it only lets the present ones live on.
"""

from __future__ import annotations

import numpy as np

from models.simulation.engine.draws import Bools, short_codes
from models.simulation.kinds import Role, Store, texts
from models.simulation.parameters import DAY, K_FACTOR, NEVER
from models.simulation.scenario import REGISTERED, SCENARIO_DAYS, TYPICAL, Persona, Scenario
from models.simulation.subjects.courses.behaviour import never_buys
from models.simulation.subjects.credits import faults as credits_faults
from models.simulation.subjects.credits import refunds
from models.simulation.subjects.credits.sessions import weekly_rates
from models.simulation.subjects.custom_audio import faults as custom_audio_faults
from models.simulation.subjects.discounts import faults as discounts_faults
from models.simulation.subjects.listening import faults as listening_faults
from models.simulation.subjects.logs import faults as logs_faults
from models.simulation.subjects.logs import silence
from models.simulation.subjects.people import faults as people_faults
from models.simulation.subjects.people import faults_of_text
from models.simulation.subjects.people.behaviour import NOBODY
from models.simulation.subjects.people.rows import user_ids
from models.simulation.subjects.receipts import faults as receipts_faults
from models.simulation.subjects.receipts import faults_of_values
from models.simulation.subjects.subscriptions import faults as subscriptions_faults
from models.simulation.subjects.subscriptions import faults_of_changes, faults_of_time
from models.simulation.subjects.subscriptions.behaviour import ever_subscribes
from models.simulation.subjects.subscriptions.rows import subscription_ids
from models.simulation.world import Batch, World


def plain_people(world: World, batch: Batch) -> Bools:
    """Who may be one: an ordinary user of the first days to whom nothing happens by itself."""
    people, draws = batch.people, world.draws
    chosen = (people.role == Role.USER) & (people.parent == NOBODY) & (people.cohort == NOBODY)
    chosen &= (people.closed == NEVER) & (people.index < world.params.users)
    chosen &= people.signup + SCENARIO_DAYS * DAY < world.params.opened
    chosen &= (weekly_rates(draws, people) == 0) & never_buys(draws, people)
    chosen &= ~ever_subscribes(draws, people)
    return np.asarray(chosen & (draws.poisson("offspring", people.key, mean=K_FACTOR) == 0))


def cast(world: World, batch: Batch, *, scenario: Scenario) -> list[Persona]:
    """All personas, in drawn order; without enough history there are none."""
    people, draws = batch.people, world.draws
    who = np.flatnonzero(plain_people(world, batch))
    # a purpose keeps its name: under another one other people would be drawn
    who = who[np.argsort(draws.bits("victim", people.key[who]), kind="stable")]
    ids, subscriptions = user_ids(draws, people.key[who]), subscription_ids(draws, people)
    codes, balances = short_codes("U", people.index[who]), draws.uuids("usage", people.key[who])
    return [
        Persona(
            ids[n], subscriptions[int(at)], balances[n], codes[n],
            int(people.signup[at]), texts(Store)[int(people.store[at])], scenario,
        )
        for n, at in enumerate(who)
    ]  # fmt: skip


# In this order people are found for kinds: another one would plant other rows.
FAULTS = (
    credits_faults,
    listening_faults,
    refunds,
    subscriptions_faults,
    discounts_faults,
    people_faults,
    custom_audio_faults,
    logs_faults,
    faults_of_text,
    faults_of_changes,
    faults_of_time,
    receipts_faults,
    faults_of_values,
    silence,
)
KINDS = {
    kind: function
    for module in FAULTS
    for kind, function in REGISTERED.items()
    if function.__module__ == module.__name__
}
SILENCE = silence.server_silent.__name__


def planted_kinds(level: str) -> list[str]:
    """Which kinds a level plants."""
    chosen = {"none": (), "typical": TYPICAL, "all": KINDS}[level]
    return [kind for kind in KINDS if kind in chosen]


def plant_faults(world: World, batch: Batch) -> Scenario:
    """All faults that the business's level asks for, as far as there are people."""
    params = world.params
    kinds = planted_kinds(params.faults)
    scenario = Scenario(params.seed, params.opened, world.until)
    if kinds:
        scenario.personas = cast(world, batch, scenario=scenario)
    if falls_silent(world):
        scenario.kind = SILENCE
        scenario.plant(silence.SILENT, None, user_id=None)
    for number in range(max(1, min(20, params.users // 2_500))):
        for kind in kinds:
            if len(scenario.personas) < 2:
                return scenario
            scenario.kind, scenario.number, scenario.counter = kind, number, 0
            if kind != SILENCE:
                KINDS[kind](scenario.persona())
    return scenario


def falls_silent(world: World) -> bool:
    """Whether a table of the business has stalled, in every batch of people."""
    params = world.params
    return SILENCE in planted_kinds(params.faults) and params.days > SCENARIO_DAYS
