"""Deliberate breaks of the referral, discount and cohort models, each noticed by some test.

Each world is built once by dbt; a break changes the compiled SQL of one model, and then it and the
models behind it are built again in a copy of the working file, on which the tests are run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.base.settings import Settings
from pipelines.transform.compiled import compiled
from tests.integration import test_cohorts as cohorts
from tests.integration import test_discounts as discounts
from tests.integration import test_referral_graphs as graphs
from tests.integration import test_referral_performance as performance
from tests.mutation.falsified import Break, Compiled, broken
from tests.referral_oracle import Oracle
from tests.warehouse import build_from, parsed_manifest

pytestmark = pytest.mark.slow

FOLDERS = ("intermediate/referrals", "marts/referrals_and_discounts", "marts/dimensions")
Proof = Callable[[Settings], Any]


@dataclass(frozen=True)
class Fault(Break):
    """A break, and the world whose tests must notice it."""

    world: str


BREAKS = (
    Fault("codes compare with case", "int_referrals_resolved", "lower(", "(", world="graphs"),
    Fault(
        "users are looked up before discount codes",
        "int_referral_codes_held",
        "1 as lookup_order",
        "9 as lookup_order",
        world="graphs",
    ),
    Fault(
        "of two owners of a code the later wins",
        "int_referrals_resolved",
        "codes.created_at asc,",
        "codes.created_at desc,",
        world="graphs",
    ),
    Fault(
        "any cohort is a partner",
        "int_referral_codes_held",
        "where own_cohort_type = 'partner'",
        "where true",
        world="graphs",
    ),
    Fault(
        "a tester's referrals are none of a tester",
        "int_referrals_resolved",
        "coalesce(referrers.is_test, false)",
        "false",
        world="graphs",
    ),
    Fault("depth starts at 0", "int_referrals_traced", "cast(1 as", "cast(0 as", world="graphs"),
    Fault(
        "whoever is referred by oneself begins no chain",
        "int_referrals_traced",
        "where referrer_user_id is not null and not is_self_referral",
        "where referrer_user_id is not null",
        world="graphs",
    ),
    Fault(
        "rings earn rewards",
        "int_referrals_rewarded",
        "and not is_self_referral and not is_cycle",
        "and not is_self_referral",
        world="graphs",
    ),
    Fault(
        "discount codes earn rewards",
        "int_referrals_rewarded",
        "referrer_kind = 'user' and not is_self_referral",
        "referrer_user_id is not null and not is_self_referral",
        world="graphs",
    ),
    Fault(
        "sign-up alone earns a reward",
        "int_referrals_rewarded",
        "not entitled.may_be_rewarded or entitled.first_premium_at is null",
        "not entitled.may_be_rewarded",
        world="graphs",
    ),
    Fault(
        "a reward to anybody is paid",
        "int_referrals_rewarded",
        "rewards.credits_to_referrer = 1",
        "rewards.reward_credits = 1",
        world="graphs",
    ),
    Fault(
        "two credits are paid",
        "int_referrals_rewarded",
        "rewards.reward_credits > 1",
        "rewards.reward_credits > 2",
        world="graphs",
    ),
    Fault(
        "trials are premium",
        "int_user_payments_summed",
        "not periods.is_trial\n        and periods.price_usd > 0",
        "true",
        world="graphs",
    ),
    Fault(
        "chains count test users",
        "referral_chains",
        "where not is_test and",
        "where",
        world="graphs",
    ),
    Fault(
        "a tester may be a root",
        "referral_chains",
        "where root_user_id not in (select test_users.user_id from test_users)",
        "",
        world="graphs",
    ),
    Fault(
        "K counts whom anybody brought before signing up",
        "referral_performance_monthly",
        "signed_up_at >= referrer_signed_up_at",
        "true",
        world="performance",
    ),
    Fault(
        "the window of K includes its end",
        "referral_performance_monthly",
        "and signed_up_at < (",
        "and signed_up_at <= (",
        world="performance",
    ),
    Fault(
        "K counts rings",
        "referral_performance_monthly",
        "not is_self_referral and not is_cycle",
        "not is_self_referral",
        world="performance",
    ),
    Fault(
        "testers dilute K",
        "referral_performance_monthly",
        "where not users.is_test and ",
        "where ",
        world="performance",
    ),
    Fault(
        "payback ignores the payout",
        "int_referrals_repaid",
        "earned_usd >= cost_usd",
        "earned_usd > 0",
        world="performance",
    ),
    Fault(
        "used credits expire too",
        "referral_credit_balance_monthly",
        "and (credits.used_at is null or credits.used_at > clock.as_of_at)",
        "",
        world="graphs",
    ),
    Fault(
        "a credit may be used before it is earned",
        "referral_credit_balance_monthly",
        "then greatest(credits.used_at, credits.created_at)",
        "then credits.used_at",
        world="graphs",
    ),
    Fault(
        "an assignment is open at its very end",
        "int_discounts_assigned",
        "when expires_at <= as_of_at",
        "when expires_at < as_of_at",
        world="discounts",
    ),
    Fault(
        "the code's own end is ignored",
        "int_discounts_assigned",
        "least(user_discounts.expires_at, codes.expires_at)",
        "user_discounts.expires_at",
        world="discounts",
    ),
    Fault(
        "anybody's order is linked",
        "int_discount_receipts_linked",
        "assignments.user_id = receipts.user_id\n            and assignments.order_key",
        "assignments.order_key",
        world="discounts",
    ),
    Fault(
        "offers are linked at any time",
        "int_discount_receipts_linked",
        "and assignments.expires_at > receipts.transacted_at",
        "",
        world="discounts",
    ),
    Fault(
        "test users' discounts are summed",
        "discount_performance",
        "where not given.is_test and ",
        "where ",
        world="discounts",
    ),
    Fault(
        "open assignments count as not redeemed",
        "discount_performance",
        "nullif(cast(summed.used + summed.lapsed as double), 0)",
        "nullif(cast(summed.assigned as double), 0)",
        world="discounts",
    ),
    Fault(
        "proceeds run past 90 days",
        "fct_discount_assignments",
        "interval '90 days'",
        "interval '91 days'",
        world="discounts",
    ),
    Fault(
        "Wilson's interval is Wald's",
        "cohort_performance",
        "power(1.959963984540054, 2)",
        "0",
        world="cohorts",
    ),
    Fault(
        "arms are compared with the last one",
        "int_experiment_splits_tested",
        "min(cohort_code)",
        "max(cohort_code)",
        world="cohorts",
    ),
    Fault(
        "one degree of freedom too many",
        "int_experiment_splits_tested",
        "(halved.arms - 1) / 2.0",
        "(halved.arms) / 2.0",
        world="cohorts",
    ),
    Fault(
        "institutions are experiments",
        "int_cohort_outcomes_summed",
        "when cohorts.cohort_type = 'ab_test' then",
        "when true then",
        world="cohorts",
    ),
    Fault(
        "testers are members",
        "int_cohort_outcomes_summed",
        "where not coalesce(users.is_test, false)",
        "",
        world="cohorts",
    ),
)


@dataclass
class World:
    """A built working file, its tests, and our models' SQL in the order of building."""

    settings: Settings
    proofs: list[Proof]
    models: list[Compiled] = field(init=False)

    def __post_init__(self) -> None:
        self.models = list(compiled_models(self.settings))
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute("checkpoint")

    def complaints(self, settings: Settings) -> Iterator[str]:
        """What the tests say that fail on a working file."""
        for proof in self.proofs:
            try:
                proof(settings)
            except (AssertionError, KeyError, ValueError) as error:
                yield f"{type(error).__name__}: {str(error)[:80]}"

    def broken(self, fault: Break, folder: Path) -> Settings:
        return broken(self.settings, self.models, fault=fault, folder=folder)


TABLES_AND_VIEWS = "select table_schema, table_name from information_schema.tables"


def compiled_models(settings: Settings) -> Iterator[Compiled]:
    """Our models that this world built, those needed first."""
    nodes = parsed_manifest().nodes
    ids = [one for one in nodes if one.startswith("model.")]
    sql = compiled(settings, ids)
    with duckdb.connect(str(settings.warehouse)) as con:
        built = {f"{s}.{t}" for s, t in con.execute(TABLES_AND_VIEWS).fetchall()}
    seen: set[str] = set()

    def walk(key: str) -> Iterator[Compiled]:
        if key in seen or not key.startswith("model."):
            return
        seen.add(key)
        node = nodes[key]
        for needed in node.depends_on.nodes:
            yield from walk(needed)
        relation = f"{node.schema}.{node.name}"
        if any(folder in node.original_file_path for folder in FOLDERS) and relation in built:
            yield Compiled(node.name, relation, sql[key].replace('"warehouse".', ""))

    for key in sorted(nodes):
        yield from walk(key)


def graph_world(folder: Path) -> World:
    rows = graphs.random_rows(seed=20261122)
    oracle = Oracle(rows, graphs.AS_OF)
    tests: list[Callable[[tuple[Settings, Oracle]], None]] = [
        graphs.test_each_referral_equals_the_oracles,
        graphs.test_each_chain_equals_the_oracles,
        graphs.test_each_month_equals_the_oracles,
        graphs.test_the_credit_balance_equals_the_oracles,
    ]
    proofs: list[Proof] = [lambda s, test=test: test((s, oracle)) for test in tests]
    return World(build_from(folder, rows, *graphs.MARTS, as_of=graphs.AS_OF), proofs)


def plain_world(
    folder: Path, rows: Any, marts: tuple[str, ...], as_of: datetime, proofs: list[Proof]
) -> World:
    return World(build_from(folder, rows, *marts, as_of=as_of), proofs)


def named_tests(module: Any, argument: str) -> list[Proof]:
    """The test functions of a module that take just this one argument."""
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    return [test for test in tests if test.__code__.co_varnames[: test.__code__.co_argcount]
            == (argument,)]  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    judged: list[Proof] = [
        lambda s, test=test: test(cohorts.performance_of(s))
        for test in named_tests(cohorts, "performance")
    ]
    return {
        "graphs": graph_world(folder("graphs")),
        "performance": plain_world(
            folder("performance"),
            performance.business_rows(),
            performance.MARTS,
            performance.AS_OF,
            named_tests(performance, "business"),
        ),
        "discounts": plain_world(
            folder("discounts"),
            discounts.discount_rows(),
            discounts.MARTS,
            discounts.AS_OF,
            named_tests(discounts, "settings"),
        ),
        "cohorts": plain_world(
            folder("cohorts"), cohorts.filled(), cohorts.MARTS, cohorts.AS_OF, judged
        ),
    }


@pytest.mark.parametrize("name", ["graphs", "performance", "discounts", "cohorts"])
def test_unbroken_models_pass(worlds: dict[str, World], name: str, tmp_path: Path) -> None:
    world = worlds[name]
    assert len(world.proofs) >= 4
    unbroken = Break("nothing", world.models[0].name, "select", "select")
    assert list(world.complaints(world.broken(unbroken, tmp_path))) == []


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.name)
def test_a_break_is_noticed(worlds: dict[str, World], fault: Fault, tmp_path: Path) -> None:
    world = worlds[fault.world]
    assert any(world.complaints(world.broken(fault, tmp_path)))
