"""Deliberate breaks of the credit models, each of which the random histories must notice.

The models are built once by dbt; a break is a change of the compiled SQL of one of them, and then
the model and those behind it are built again, in a copy of the working file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from pipelines.base.settings import Settings
from pipelines.transform.dbt import run_dbt
from tests.credit_oracle import Lot, intervals, replay
from tests.integration import test_credit_histories as histories
from tests.mutation.falsified import Break, Compiled, broken
from tests.warehouse import PRINTED_BY_DBT, parsed_manifest, settings_at

pytestmark = pytest.mark.slow

MARTS = (
    "fct_credit_consumption",
    "fct_credit_lots",
    "credit_consumption_weekly",
    "credit_liability_monthly",
)


BREAKS = (
    Break(
        "a stamp after the extraction is believed",
        "int_credit_usage_versions",
        "updated_at is null or updated_at > seen_at",
        "updated_at is null",
    ),
    Break(
        "a stamp that did not advance is believed",
        "int_credit_usage_versions",
        "previous_updated_at is null or updated_at <= previous_updated_at",
        "previous_updated_at is null",
    ),
    Break(
        "a tombstone counts as a version",
        "int_credit_usage_versions",
        "user_id is not null and not is_deleted",
        "user_id is not null",
    ),
    Break(
        "a falling counter is no reset",
        "int_credit_intervals",
        "when weekly_used_credits < old_used_credits then 1",
        "when weekly_used_credits < old_used_credits then 0",
    ),
    Break(
        "a short move of the reset date is no reset",
        "int_credit_intervals",
        "greatest(1, weeks_moved)",
        "weeks_moved",
    ),
    Break("weeks are cut, not rounded", "int_credit_intervals", "+ 0.5", "+ 0"),
    Break(
        "after a reset the difference is taken",
        "int_credit_intervals",
        "when resets_between > 0 or is_first_version",
        "when is_first_version",
    ),
    Break(
        "the tail of the old week is that of the new limit",
        "int_credit_intervals",
        "greatest(0, old_limit_credits - old_used_credits)",
        "greatest(0, weekly_limit_credits - old_used_credits)",
    ),
    Break(
        "weeks between are counted once too often",
        "int_credit_intervals",
        "(resets_between - 1) * weekly_limit_credits",
        "resets_between * weekly_limit_credits",
    ),
    Break(
        "a falling bank counter is negative use",
        "int_credit_intervals",
        "greatest(0, bank_used_credits - coalesce(old_bank_used_credits, 0))",
        "(bank_used_credits - coalesce(old_bank_used_credits, 0))",
    ),
    Break(
        "use above the bank's limit is owed by nobody",
        "int_credit_draws",
        "when walk.claim_at < lots.available_at then walk.owed_credits",
        "when walk.claim_at < lots.available_at then 0",
    ),
    Break(
        "a lot pays for use from before its purchase",
        "int_credit_draws",
        "when walk.claim_at < lots.available_at then walk.owed_credits",
        "when walk.claim_at < lots.available_at then walk.unpaid_credits",
    ),
    Break(
        "what was owed is paid twice",
        "int_credit_draws",
        "then owed_credits - drawn_credits",
        "then owed_credits",
    ),
    Break(
        "a refunded lot is drawn on",
        "int_credit_draws",
        "when walk.claim_at > lots.revoked_at then 0",
        "when false then 0",
    ),
    Break(
        "use at the instant of a refund comes after it",
        "int_credit_draws",
        "walk.claim_at > lots.revoked_at",
        "walk.claim_at >= lots.revoked_at",
    ),
    Break(
        "what a refund claws back is owed by nobody",
        "int_credit_draws",
        "from clawbacks\n",
        "from clawbacks where false\n",
    ),
    Break(
        "every refund claws back",
        "int_credit_clawbacks",
        "and surplus_credits < surplus_before_credits",
        "",
    ),
    Break(
        "use that the bank no longer shows is owed",
        "int_credit_clawbacks",
        "bank_used_credits - covered_credits as",
        "bank_used_credits + 1000000000 as",
    ),
    Break(
        "packs that are open at a clawback cover the use of the refunded one",
        "int_credit_clawbacks",
        "lots.lot_number > fallen.lot_number",
        "false",
    ),
    Break(
        "a debt is consumption",
        "int_credit_draws",
        "walk.clawed_lot_number > 0 or walk.claim_at < lots.available_at as is_debt",
        "false as is_debt",
    ),
    Break(
        "last in, first out",
        "int_credit_lots",
        "partition by user_id order by available_at,",
        "partition by user_id order by available_at desc,",
    ),
    Break("testers' packs are lots", "int_credit_lots", "verdict = 'counted' and", ""),
    Break(
        "each draw is rounded by itself",
        "int_credit_lot_movements",
        "sum(drawn_credits) over (",
        "max(drawn_credits) over (",
    ),
    Break(
        "a refund reverses nothing",
        "credit_liability_monthly",
        "when movement_type = 'reverse' then -amount_usd",
        "when movement_type = 'reverse' then 0",
    ),
    Break(
        "the balance starts anew every month",
        "credit_liability_monthly",
        "sum(purchased_credits - consumed_credits - revoked_credits - debt_credits) over (",
        "max(purchased_credits - consumed_credits - revoked_credits - debt_credits) over (",
    ),
    Break(
        "a refunded lot keeps what it had earned",
        "fct_credit_lots",
        "when is_refunded then 0\n            else",
        "when false then 0\n            else",
    ),
    Break(
        "first versions count in their week",
        "credit_consumption_weekly",
        "not is_test and not is_first_version",
        "not is_test",
    ),
    Break(
        "test users count in the weeks",
        "credit_consumption_weekly",
        "not is_test and not is_first_version",
        "not is_first_version",
    ),
)


class World:
    """Random people, what the oracle says of them, and the models' SQL in the order of building."""

    def __init__(self, folder: Path) -> None:
        rng = random.Random(5)
        self.people = [histories.Person(number, rng) for number in range(1, 801)]
        self.lots: dict[UUID, list[Lot]] = {
            person.user_id: replay(person.packs, intervals(person.versions), histories.AS_OF)
            for person in self.people
            if not person.is_test
        }
        self.settings = settings_at(folder)
        histories.fill(self.settings, self.people)
        selected = ["--select", *[f"+{mart}" for mart in MARTS], "--exclude-resource-type"]
        command = ["build", *selected, "test", "unit_test", *PRINTED_BY_DBT]
        built = run_dbt(self.settings, *command, manifest=parsed_manifest())
        assert built.success, built.exception
        self.models = [
            Compiled(
                result.node.name,
                result.node.relation_name.split(".", 1)[1],
                result.node.compiled_code,
            )
            for result in built.result.results
            if "credit" in result.node.name and result.node.resource_type == "model"
        ]
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute("checkpoint")

    def complaints(self, settings: Settings) -> Iterator[str]:
        """The names of the proofs that fail on a working file."""
        proofs = (
            lambda: histories.test_consumption_is_the_difference_of_successive_versions(
                settings, self.people
            ),
            lambda: histories.test_lots_are_drawn_on_first_in_first_out(settings, self.lots),
            lambda: histories.test_liability_of_every_month_is_what_the_events_leave(
                settings, self.lots
            ),
            lambda: histories.test_weeks_sum_up_the_intervals_that_end_in_them(
                settings, self.people
            ),
        )
        for number, proof in enumerate(proofs):
            try:
                proof()
            except (AssertionError, KeyError):
                yield f"proof {number}"

    def broken(self, fault: Break, folder: Path) -> Settings:
        return broken(self.settings, self.models, fault=fault, folder=folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("mutations"))


def test_unbroken_models_pass(world: World, tmp_path: Path) -> None:
    unbroken = Break("nothing", "int_credit_usage_versions", "updated_at", "updated_at")
    assert list(world.complaints(world.settings)) == []
    assert list(world.complaints(world.broken(unbroken, tmp_path))) == []


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.name)
def test_a_break_is_noticed(world: World, fault: Break, tmp_path: Path) -> None:
    settings = world.broken(fault, tmp_path)
    assert any(world.complaints(settings))
