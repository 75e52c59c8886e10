"""Every kind of fault by name, and how many of which are planted.

Faults lie in the days before the opening and among the first batch of people; `advance` plants no
new ones, it only lets the present ones live on.
"""

from __future__ import annotations

import numpy as np

from models.simulation.engine.columns import listed
from models.simulation.engine.draws import Bools, short_codes
from models.simulation.kinds import Role, Store, texts
from models.simulation.parameters import DAY, K_FACTOR, NEVER
from models.simulation.scenario import SCENARIO_DAYS, Kind, Persona, Scenario
from models.simulation.subjects.courses.behaviour import never_buys
from models.simulation.subjects.credits import faults as credits_faults
from models.simulation.subjects.credits.sessions import weekly_rates
from models.simulation.subjects.custom_audio import faults as custom_audio_faults
from models.simulation.subjects.discounts import faults as discounts_faults
from models.simulation.subjects.listening import faults as listening_faults
from models.simulation.subjects.logs import faults as logs_faults
from models.simulation.subjects.people import faults as people_faults
from models.simulation.subjects.people.behaviour import NOBODY
from models.simulation.subjects.receipts import faults as receipts_faults
from models.simulation.subjects.subscriptions import faults as subscriptions_faults
from models.simulation.subjects.subscriptions import faults_of_changes
from models.simulation.subjects.subscriptions.behaviour import ever_subscribes
from models.simulation.subjects.subscriptions.rows import subscription_ids
from models.simulation.world import Batch, World

# In this order people are found for kinds: a new one stands last, where it leaves others' people.
ORDER = """
    bank_without_pack bank_below_packs weekly_used_above_limit bank_used_above_limit
    reset_in_the_past reset_missing bank_counter_fell plays_counter_fell plays_negative
    refund_of_used_credits renewal_without_created expired_before_created
    canceled_before_created overlapping_periods expired_missing expired_late event_duplicated
    expiry_unstated event_type_in_capitals renewal_after_grace milliseconds_for_iso
    premium_without_event premium_without_access code_unknown self_referral referral_cycle
    reward_doubled reward_without_premium code_replaced code_deleted reward_missing
    discount_used_after_expiry discount_of_another_cohort cohort_reassigned profile_rekeyed
    subscription_row_missing email_in_capitals country_blank role_unknown
    placeholder_for_months checksum_wrong json_with_equal_keys json_of_wrong_shape
    link_token_shared log_type_plural log_clock_ahead log_without_user log_type_unknown
    email_in_message message_with_formula text_with_control_characters text_with_emoji
    text_right_to_left text_with_formula text_with_script renewal_of_older_purchase
    cancel_before_renewal cancel_undone plan_change_without_charge trial_offer_repeated
    trial_told_twice periods_of_five_minutes period_that_never_ends event_of_the_future
    renewal_told_late renewal_lost account_closed token_repeated token_replayed
    order_in_other_case order_with_blanks order_in_two_tables restored
    restored_without_original pending_forever sandbox_purchase unknown_product price_missing
    amount_negative amount_absurd amount_without_currency amount_not_a_number
    amount_in_unknown_currency seconds_for_milliseconds local_time_without_zone date_in_1970
    date_in_2099 token_empty store_unknown apple_receipt_of_two_packs
    apple_original_transaction pack_of_the_future server_silent
"""
ENTERED: dict[str, Kind] = (
    credits_faults.KINDS
    | listening_faults.KINDS
    | subscriptions_faults.KINDS
    | faults_of_changes.KINDS
    | discounts_faults.KINDS
    | people_faults.KINDS
    | custom_audio_faults.KINDS
    | logs_faults.KINDS
    | receipts_faults.KINDS
)
KINDS = {name: ENTERED[name] for name in ORDER.split()}
UNSEEN = {name: kind.unseen for name, kind in KINDS.items() if kind.unseen}
SILENCE = "server_silent"  # the one kind that is planted on nobody


def plain_people(batch: Batch) -> Bools:
    """Who may be one: an ordinary user of the first days to whom nothing happens by itself."""
    people, draws, params = batch.people, batch.draws, batch.world.params
    chosen = (people.role == Role.USER) & (people.parent == NOBODY) & (people.cohort == NOBODY)
    chosen &= (people.closed == NEVER) & (people.index < params.users)
    chosen &= people.signup + SCENARIO_DAYS * DAY < params.opened
    chosen &= (weekly_rates(draws, people) == 0) & never_buys(draws, people)
    chosen &= ~ever_subscribes(draws, people)
    return np.asarray(chosen & (draws.poisson("offspring", people.key, mean=K_FACTOR) == 0))


def cast(batch: Batch, scenario: Scenario) -> list[Persona]:
    """All personas, in drawn order; without enough history there are none."""
    people, draws = batch.people, batch.draws
    who = np.flatnonzero(plain_people(batch))
    # a purpose keeps its name: under another one other people would be drawn
    who = who[np.argsort(draws.bits("victim", people.key[who]), kind="stable")]
    ids = batch.ids(who), subscription_ids(batch, who), draws.uuids("usage", people.key[who])
    codes, stores = short_codes("U", people.index[who]), listed(texts(Store), people.store[who])
    signups = people.signup[who].tolist()
    return list(map(Persona, *ids, codes, signups, stores, [scenario] * len(who)))


def planted_kinds(level: str) -> list[str]:
    """Which kinds a level plants."""
    typical = [name for name, kind in KINDS.items() if kind.is_typical]
    return {"none": [], "typical": typical, "all": list(KINDS)}[level]


def plant_faults(batch: Batch) -> Scenario:
    """All faults that the business's level asks for, as far as there are people."""
    params = batch.world.params
    kinds = planted_kinds(params.faults)
    scenario = Scenario(params.seed, params.opened, batch.until)
    if kinds:
        scenario.personas = cast(batch, scenario)
    if falls_silent(batch.world):
        scenario.kind = SILENCE
        scenario.plant(logs_faults.SILENT, None, user_id=None)
    for number in range(max(1, min(20, params.users // 2_500))):
        for kind in kinds:
            if len(scenario.personas) < 2:
                return scenario
            scenario.kind, scenario.number, scenario.counter = kind, number, 0
            if kind != SILENCE:
                KINDS[kind].plant(scenario.persona())
    return scenario


def falls_silent(world: World) -> bool:
    """Whether a table of the business has stalled, in every batch of people."""
    params = world.params
    return SILENCE in planted_kinds(params.faults) and params.days > SCENARIO_DAYS
