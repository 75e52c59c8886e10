"""Deliberate breaks of the subscription SQL, one rule each: the oracle's tests catch every one.

The marts are built once; a break is made in the SQL that dbt compiled, which then runs from the
broken model on in a copy of the working file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.base.settings import Settings
from pipelines.transform.compiled import compiled
from tests.integration import test_subscription_oracle as agreed
from tests.mutation.falsified import Break, Compiled, broken
from tests.subscription_histories import random_history
from tests.warehouse import read

pytestmark = pytest.mark.slow
USERS = 2000
OPENINGS, DESCRIBED, LATE, OF_PURCHASES = (
    f"int_subscription_openings{part}" for part in ("", "_described", "_told_late", "_placed")
)
PLACED = "int_subscription_closings_placed"
TERMS, REPLACEMENTS = "int_subscription_terms", "int_subscription_replacements"
TRIALS, HELD = "int_subscription_trials", "int_subscription_phases_held"
PHASES = "int_subscription_phases"
CANCELS, PERIODS = "int_subscription_cancels", "int_subscription_periods"
CHANGES, MOVEMENTS = "int_mrr_changes", "int_mrr_movements"
ORDER = (
    DESCRIBED,
    LATE,
    OF_PURCHASES,
    OPENINGS,
    PLACED,
    TERMS,
    REPLACEMENTS,
    TRIALS,
    HELD,
    PHASES,
    "int_receipts_recorded",
    "int_receipts_priced",
    "int_receipts_judged",
    CANCELS,
    PERIODS,
    "fct_subscription_periods",
    CHANGES,
    MOVEMENTS,
    "fct_mrr_movements",
    "mrr_bridge_daily",
    "mrr_bridge_monthly",
    "int_subscription_states",
    "subscription_states_daily",
    "int_retention_members",
    "int_retention_renewals",
    "int_retention_retained",
    "retention_cohorts",
)
# The rule that is broken, the model, and what is written for what.
BREAKS = {
    "a repeated receipt opens nothing": (DESCRIBED, "coalesce(grouped.position, 1) = 1", "true"),
    "a renewal belongs to its order's purchase": (
        OF_PURCHASES,
        "then based.base_purchase",
        "then based.running_purchase",
    ),
    "a renewal without a base follows the end before its own": (
        OF_PURCHASES,
        "coalesce(chosen.running_purchase, based.running_purchase)",
        "based.running_purchase",
    ),
    "nothing after as_of has happened": (PLACED, "<= clock.as_of_at", "<= '2099-01-01'"),
    "another plan's closing event says nothing": (
        PLACED,
        "coalesce(known.base_plan_id = openings.base_plan_id, true)",
        "true",
    ),
    "a closing event belongs to the end that it names": (PLACED, "when is_named then 1", ""),
    "a closing event belongs to the order that it names": (
        PLACED,
        "not known.is_base_known\n        or bases",
        "true or bases",
    ),
    "a purchase told late begins a plan's length before the end that it names": (
        OF_PURCHASES,
        "when told_late.subscription_event_id is null then lasting.created_at",
        "when true then lasting.created_at",
    ),
    "a purchase told late that another one crosses is not believed": (
        LATE,
        "and crossed.subscription_event_id is null",
        "",
    ),
    "the rest of a trial is worth nothing": (HELD, "is_rest and not is_of_trial", "is_rest"),
    "what is far shorter than the rest replaces nothing": (
        REPLACEMENTS,
        "takeovers.is_too_short",
        "false",
    ),
    "a renewal that repeats an end gives no time": (
        OPENINGS,
        "repeated_ends.opening_number is not null as",
        "false as",
    ),
    "an end told as a purchase is replaced does not make it over": (
        REPLACEMENTS,
        "placed.end_at < placed.period_end_at",
        "false",
    ),
    "a plan changed as its end is told is a change": (
        TERMS,
        "terms.end_at < terms.period_end_at",
        "false",
    ),
    "the last expired event knows best": (
        TERMS,
        "order by created_at desc nulls last, subscription_event_id desc nulls last",
        "order by created_at",
    ),
    "the first cancel is the intent": (CANCELS, "placed.canceled_at,", "placed.canceled_at desc,"),
    "a renewal starts at its predecessor's end": (
        TERMS,
        "else terms.end_at",
        "else renewal.created_at",
    ),
    "a renewal told after grace may name what follows": (TERMS, "< abs(", "< -abs("),
    "a renewal told after the next one goes before it": (
        OPENINGS,
        "preceding.is_free",
        "not preceding.is_free",
    ),
    "another plan replaces at once": (TERMS, "<> terms.base_plan_id, false)", "= 'none', false)"),
    "created replaces what runs": (
        REPLACEMENTS,
        "takeovers.event_type = 'created'",
        "takeovers.event_type = 'none'",
    ),
    "an older purchase's renewal replaces nothing": (
        REPLACEMENTS,
        "takeovers.purchase_number > placed.purchase_number",
        "takeovers.purchase_number <> placed.purchase_number",
    ),
    "a trial comes once": (TRIALS, "and event_type = 'renewed'", "and false"),
    "the old plan's rest pays": (HELD, "replacing.replaced_by is not null", "false"),
    "a length that contradicts the plan is implausible": (
        HELD,
        "(is_too_long or is_too_short) and not is_trial",
        "false and not is_trial",
    ),
    "an older purchase waits for the newer one": (
        PHASES,
        "newer.purchase_number > older.purchase_number",
        "newer.purchase_number < -1",
    ),
    "trials are no renewals": (
        PHASES,
        "case when is_trial or is_prorated or is_implausible then 0 else 1 end",
        "1",
    ),
    "a cancel takes grace away": (PERIODS, "cancel_intent_at is not null or", "false or"),
    "mrr is the price by the month": (
        PERIODS,
        "cast(term_months as hugeint)",
        "cast(1 as hugeint)",
    ),
    "test users move nothing": (CHANGES, "not is_test\n        and", "true and"),
    "in grace nothing has churned": (
        PERIODS,
        "case when not (ended_by = 'open'",
        "case when true or not (ended_by = 'open'",
    ),
    "the window is 60 minutes, exclusive": (CHANGES, "changed_at < lag", "changed_at <= lag"),
    "no net change is no movement": (MOVEMENTS, "having sum(delta_usd) <> 0", "having true"),
    "a cancel before the end is voluntary": (
        MOVEMENTS,
        "placed.lost_cancel_at < placed.lost_period_end_at",
        "placed.lost_cancel_at > placed.lost_period_end_at",
    ),
    "the first movement is new": (
        MOVEMENTS,
        "user_movement_number = 1",
        "user_movement_number = 2",
    ),
    "quiet days are there": ("mrr_bridge_daily", "left join flows", "inner join flows"),
    "churned are those present at opening": (
        "mrr_bridge_monthly",
        "sum(has_churned)",
        "sum(has_churned + 1)",
    ),
    "gross retention nets nobody's gain": (
        "mrr_bridge_monthly",
        "greatest(opening_usd - closing_usd, 0)",
        "opening_usd - closing_usd",
    ),
    "a late charge was in grace": (
        "int_subscription_states",
        "when event_type = 'renewed' and created_at > period_start_at then 'grace'",
        "when false then 'grace'",
    ),
    "a cancel shows as a state": (
        "int_subscription_states",
        "'active_canceling' as state",
        "'active_renewing' as state",
    ),
    "the cohort is that of the first paid period": (
        "int_retention_members",
        "and not periods.is_trial",
        "and true",
    ),
    "a renewal is eligible after grace": (
        "int_retention_members",
        "to_days(cast(ranked.grace_days as integer))",
        "to_days(0)",
    ),
    "retained is on the same billing length": (
        "int_retention_renewals",
        "and members.billing_months = periods.term_months",
        "",
    ),
    "only the first chain counts": (
        "int_retention_renewals",
        "and members.chain_number = periods.chain_number",
        "",
    ),
    "a month is covered by half-open access": (
        "int_retention_retained",
        "< access_end_at, true",
        "<= access_end_at, true",
    ),
}


@dataclass(frozen=True)
class Agreed:
    """The unbroken marts, their compiled SQL in the order of building, and the oracle's word."""

    settings: Settings
    models: list[Compiled]
    checks: list[Callable[[Settings], None]]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Agreed:
    source = random.Random(14)
    histories = {user: random_history(source, user, user * 100) for user in range(1, USERS + 1)}
    settings = agreed.build_histories(tmp_path_factory.mktemp("unbroken"), histories)
    sql = compiled(settings, [f"model.hypnomart.{name}" for name in ORDER])
    told = agreed.tell_all(histories)
    periods, moved = agreed.periods_of(told), agreed.move_all(told)
    return Agreed(
        settings,
        [
            Compiled(
                name,
                f"{'intermediate' if name.startswith('int_') else 'marts'}.{name}",
                sql[f"model.hypnomart.{name}"],
            )
            for name in ORDER
        ],
        [
            lambda built: agreed.assert_periods(built, periods),
            lambda built: agreed.test_movements_are_those_of_the_oracle(built, moved),
            lambda built: agreed.test_daily_bridge_closes_on_the_level_of_every_user(built, moved),
            lambda built: agreed.test_monthly_rates_are_those_of_each_user(built, moved),
            lambda built: agreed.test_states_are_those_of_each_user(built, told, moved),
            lambda built: agreed.test_retention_cells_are_those_of_each_member(built, told),
        ],
    )


def test_the_unbroken_sql_agrees(unbroken: Agreed, tmp_path: Path) -> None:
    fault = Break("nothing", ORDER[0], "select", "select")
    settings = broken(unbroken.settings, unbroken.models, fault=fault, folder=tmp_path)
    for check in unbroken.checks:
        check(settings)
    assert read(settings, "select count(*) as n from fct_mrr_movements")[0]["n"] > USERS


@pytest.mark.parametrize("rule", BREAKS)
def test_each_break_is_caught(unbroken: Agreed, tmp_path: Path, rule: str) -> None:
    fault = Break(rule, *BREAKS[rule])
    try:
        settings = broken(unbroken.settings, unbroken.models, fault=fault, folder=tmp_path)
    except duckdb.Error as error:
        pytest.fail(f"the break does not run: {error}")
    for check in unbroken.checks:
        try:
            check(settings)
        except (AssertionError, KeyError, ZeroDivisionError):
            return
    pytest.fail(f"nothing noticed that this rule was broken: {rule}")
