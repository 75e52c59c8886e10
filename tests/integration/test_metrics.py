"""Every metric by every grain and dimension: the marts' own cells, and segments that add up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.contracts.graph.semantic_manifest import SemanticManifest

import hypnomart
from models.errors import BadConfiguration
from pipelines.base.settings import PROJECT
from pipelines.publication.described import create_macros
from pipelines.query.ask import ask
from pipelines.query.interchange import as_osi
from pipelines.query.known import Metric, known_metrics
from pipelines.query.metrics import Question, answer, explained, semantic_manifest, statement
from tests.integration.conftest import UNTIL, Built
from tests.query_plans import growing_loops, plan_of
from tests.warehouse import parsed_manifest

QUESTIONS = [
    {"asked_by": path.stem, **case}
    for path in sorted((PROJECT / "tests/questions").glob("*.yml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]
# The column of the bridge that each of its metrics is, by month.
BRIDGE = {
    "mrr": "closing_mrr_usd", "opening_mrr": "opening_mrr_usd", "new_mrr": "new_usd",
    "reactivation_mrr": "reactivation_usd", "expansion_mrr": "expansion_usd",
    "contraction_mrr": "contraction_usd", "churn_mrr": "churn_usd",
    "customers": "closing_customers", "opening_customers": "opening_customers",
    "new_customers": "new_customers", "reactivated_customers": "reactivated_customers",
    "churned_customers": "churned_customers", "customer_churn_rate": "customer_churn_rate",
}  # fmt: skip
RATES = {
    "gross_mrr_churn_rate": "gross_mrr_churn_rate", "net_mrr_churn_rate": "net_mrr_churn_rate",
    "quick_ratio": "quick_ratio", "arpu": "arpu_usd",
    "gross_revenue_retention": "gross_revenue_retention",
    "net_revenue_retention": "net_revenue_retention",
}  # fmt: skip
REVENUE = {
    "gross_revenue": "gross_usd", "refunds": "refunds_usd", "net_revenue": "net_usd",
    "discounts": "discount_usd", "tax": "tax_usd", "store_fees": "store_fees_usd",
    "proceeds": "proceeds_usd", "charges": "charges", "paying_users": "paying_users",
    "arppu": "arppu_usd", "refunds_booked": "refunds",
}  # fmt: skip

# Metrics of a state: segments add up, periods do not.
STOCKS = {
    "mrr", "opening_mrr", "customers", "opening_customers", "outstanding_credits",
    "credit_liability", "subscriptions", "subscriptions_mrr", "credits_by_age",
    "credit_liability_by_age", "deferred_revenue",
}  # fmt: skip
# Metrics that are a column of a mart: mart, its key (the time first), and the column of each.
COLUMNS = {
    ("credit_liability_monthly", "month"): {
        "credits_sold": "purchased_credits", "credits_consumed": "consumed_credits",
        "credit_sales": "purchased_usd", "recognised_credit_revenue": "recognised_usd",
        "outstanding_credits": "outstanding_credits", "credit_liability": "liability_usd",
        "credit_refunds": "refunded_usd", "credits_of_unknown_age": "unobserved_consumed_credits",
        "credit_revenue_of_unknown_age": "unobserved_recognised_usd",
    },
    ("credit_liability_ageing_monthly", "month, age_band"): {
        "credits_by_age": "outstanding_credits", "credit_liability_by_age": "liability_usd",
    },
    ("credit_recognition_outlook", "week_start_date"): {
        "expected_credits": "expected_credits", "expected_credit_revenue":
        "expected_recognised_usd", "expected_credit_liability": "expected_liability_usd",
    },
    ("credit_consumption_weekly", "week_start_date, access"): {
        "allowance_credits_granted": "granted_credits",
        "allowance_credits_used": "weekly_consumed_credits",
        "bank_credits_used": "bank_consumed_credits", "allowance_utilisation": "utilisation_rate",
        "credit_users": "users", "active_credit_users": "active_users",
        "exhausted_users": "exhausted_users",
    },
    ("referral_performance_monthly", "signup_month"): {
        "referral_signups": "referred_users", "referral_premium": "referred_premium",
        "organic_signups": "organic_users", "organic_premium": "organic_premium",
        "referred_conversion_rate": "referred_conversion_rate",
        "organic_conversion_rate": "organic_conversion_rate",
        "referral_rewards": "rewards_usd", "partner_payouts": "payouts_usd",
        "recruiting_users": "users", "recruited_signups": "referred_signups",
        "k_factor": "k_factor",
    },
    ("referral_credit_balance_monthly", "month"): {
        "referral_credits_earned": "earned_usd", "referral_credits_used": "used_usd",
        "referral_credits_expired": "expired_usd",
        "referral_credits_outstanding": "outstanding_usd",
    },
    ("partner_payouts_monthly", "month, partner_code"): {
        "partner_signups": "signups", "partner_customers": "premium_signups",
        "partner_payouts_owed": "payout_usd",
    },
    ("discount_performance", "assigned_month, discount_code"): {
        "discounts_assigned": "assigned", "discounts_used": "used", "discounts_lapsed": "lapsed",
        "discount_cost": "discount_usd", "discounted_revenue": "gross_usd",
        "discounts_open": "open", "redemption_rate": "redemption_rate",
    },
    ("custom_course_funnel_monthly", "month"): {
        "custom_courses_bought": "purchased", "custom_courses_submitted": "submitted",
        "custom_courses_delivered": "delivered", "custom_links_expired": "expired_links",
    },
    ("revenue_monthly", "revenue_month, product_kind"): {
        "undiscounted_revenue": "undiscounted_usd", "month_charges": "charges",
        "charges_refunded": "charges_refunded", "refund_rate": "refund_rate",
    },
    ("revenue_recognition_monthly", "recognition_month, product_kind"): {
        "billed_revenue": "billed_usd", "recognised_revenue": "recognised_usd",
        "deferred_revenue": "deferred_closing_usd",
    },
    ("deferred_revenue_schedule", "release_month, product_kind, product_key, store"): {
        "deferred_revenue_release": "release_usd",
    },
    ("retention_cohorts", "first_paid_month, axis, billing_months, period_number"): {
        "renewals_due": "eligible", "renewals_paid": "retained",
        "retention_rate": "retention_rate", "mrr_retained": "mrr_retained_usd",
    },
    ("cohort_explorer", "cohort_month, cohort_kind, age_months"): {
        "cohort_users": "eligible", "cohort_payers": "payers", "cohort_mrr": "mrr_usd",
        "cohort_proceeds": "proceeds_usd", "cohort_plays": "plays",
        "cohort_credits_used": "bank_consumed_credits",
    },
    ("customer_ltv_monthly", "signup_month, window_days"): {
        "value_users": "mature_users", "value_payers": "payers", "value_proceeds": "proceeds_usd",
        "ltv_per_user": "ltv_per_user_usd", "ltv_per_payer": "ltv_per_payer_usd",
    },
    ("conversion_cohorts", "signup_month, step, conversion_window"): {
        "eligible_users": "eligible", "converted_users": "converted",
    },
    ("trial_movements_daily", "date"): {
        "trials_started": "started", "trials_converted": "converted", "trials_lapsed": "lapsed",
        "trials_canceled": "canceled", "direct_payers": "direct_payers",
        "open_trials": "closing_trials",
    },
    ("app_health_daily", "date, log_type"): {
        "app_entries": "entries", "app_errors": "errors", "skipped_syncs": "skipped_syncs",
        "failed_validations": "failed_validations",
    },
    ("function_health_daily", "date, function_name"): {
        "function_runs": "runs", "function_errors": "errors", "function_error_rate": "error_rate",
    },
    ("feedback_monthly", "month, issue_type"): {"feedback_reports": "reports"},
    ("source_volume_daily", "date, source_table"): {"source_rows": "rows"},
    ("course_engagement", "course_code"): {"plays": "plays", "listeners": "listeners"},
}  # fmt: skip
# What others say by month: a query for each metric.
FACTS = {
    "signups": "select signup_month, users from referral_performance_monthly",
    "subscriptions": """
        select date_trunc('month', date)::date, sum(customers) from subscription_states_daily
        where date = least(last_day(date), (select max(date) from subscription_states_daily))
        group by all""",
    "subscriptions_mrr": "select movement_month, closing_mrr_usd from mrr_bridge_monthly",
    "customers_lost": "select movement_month, churned_customers from mrr_bridge_monthly",
    "mrr_lost": "select movement_month, -churn_usd from mrr_bridge_monthly",
    "sales": "select revenue_month, sum(charges) from revenue_monthly group by all",
    "fees_on_sales": """
        select date_trunc('month', booked_at)::date, sum(store_fee_usd) from fct_revenue
        where entry_type = 'charge' group by all""",
    "receipts": """
        select date_trunc('month', transacted_at)::date, count(*) from fct_receipts
        where not is_test group by all""",
    "referrals": """
        select date_trunc('month', signed_up_at)::date, count(*) from fct_referrals
        where not is_test group by all""",
    "rewards_given": "select signup_month, rewards_usd from referral_performance_monthly",
    "rewards_expected": """
        select date_trunc('month', signed_up_at)::date, sum(expected_reward_usd) from fct_referrals
        where not is_test group by all""",
    "duplicate_groups": """
        select date_trunc('month', first_at)::date, count(*) from receipt_duplicates
        group by all""",
    "duplicate_receipts": """
        select date_trunc('month', first_at)::date, sum(receipts) from receipt_duplicates
        group by all""",
    "duplicate_excess": """
        select date_trunc('month', first_at)::date, sum(excess_usd) from receipt_duplicates
        group by all""",
}
# Observed from the second extraction on, or absent in a business without faults.
MAY_BE_EMPTY = {
    *COLUMNS["credit_consumption_weekly", "week_start_date, access"],
    *COLUMNS["credit_recognition_outlook", "week_start_date"],
    *COLUMNS["feedback_monthly", "month, issue_type"],
    "cohort_plays", "cohort_credits_used",
    "duplicate_groups", "duplicate_receipts", "duplicate_excess",
}  # fmt: skip
COMPILED: dict[Question, str] = {}


@dataclass(frozen=True)
class Asked:
    """A published file and what may be asked of it. Metrics of one model are asked together, since
    most of a question's time is its compilation."""

    path: Path
    metrics: dict[str, Metric]
    kept: dict[tuple[str, ...], list[tuple[Any, ...]]] = field(default_factory=dict)

    def rows(self, *names: str, by: tuple[str, ...] = (), **rest: str) -> list[tuple[Any, ...]]:
        """The answer; its plan holds no join that grows as the product of two tables."""
        sql = self.compiled(Question(names, by, **rest))
        with duckdb.connect(str(self.path), read_only=True) as con:
            assert growing_loops(plan_of(con, sql), {}) == [], (names, by)
        return ask(self.path, sql).rows

    def compiled(self, question: Question) -> str:
        """The question's SQL, once for both businesses: it depends on the definitions alone."""
        if question not in COMPILED:
            COMPILED[question] = statement(self.path, question)
        return COMPILED[question]

    def together(self, name: str) -> list[str]:
        known = self.metrics[name]
        return [
            metric.name
            for metric in self.metrics.values()
            if (metric.model, metric.needs) == (known.model, known.needs)
        ]

    def cells(self, name: str, *by: str) -> list[tuple[Any, ...]]:
        """A metric's rows, out of one question for all metrics of its model."""
        names = self.together(name)
        asked = (names[0], *by)
        if asked not in self.kept:
            self.kept[asked] = self.rows(*names, by=by)
        at = len(by) + names.index(name)
        return [(*row[: len(by)], row[at]) for row in self.kept[asked]]


@pytest.fixture(scope="module")
def asked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    path = tmp_path_factory.mktemp("metrics") / "hypnomart.duckdb"
    semantics = SemanticManifest(parsed_manifest())._get_pydantic_semantic_manifest().json()
    with duckdb.connect(str(path)) as con:
        con.execute(f"attach '{built.settings.warehouse}' as working (read_only)")
        marts = con.execute("""
            select table_name from duckdb_tables()
            where database_name = 'working' and schema_name = 'marts'""").fetchall()
        for (mart,) in marts:
            con.execute(f"create table {mart} as from working.marts.{mart}")
        create_macros(con, {mart for (mart,) in marts})
        con.execute("create schema meta; create table meta.semantic_manifest (content varchar)")
        con.execute("insert into meta.semantic_manifest values (?)", [semantics])
    with duckdb.connect(str(path), read_only=True):  # else each question reads the catalogue anew
        yield Asked(path, known_metrics(semantics))


def assert_cells(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """The same cells; nothing counts as 0 where a row is absent, rates within 1e-9."""
    left = {row[:-1]: row[-1] for row in found}
    right = {row[:-1]: row[-1] for row in expected}
    for key in left.keys() | right.keys():
        one, other = left.get(key), right.get(key)
        assert float(one or 0) == pytest.approx(float(other or 0), abs=1e-9), key


def assert_some(rows: list[tuple[Any, ...]]) -> None:
    """Some value that is not 0, without which equality would say nothing."""
    assert any(row[-1] for row in rows)


@pytest.mark.parametrize(("name", "column"), (BRIDGE | RATES).items())
def test_a_metric_of_the_bridge_is_its_column(asked: Asked, name: str, column: str) -> None:
    months = f"select movement_month, {column} from mrr_bridge_monthly"
    assert_cells(asked.cells(name, "month"), ask(asked.path, months).rows)


@pytest.mark.parametrize("dimension", ["plan", "store", "country", "cohort_code", "acquisition"])
def test_a_segment_of_a_metric_is_that_of_the_bridge(asked: Asked, dimension: str) -> None:
    for name, column in BRIDGE.items():
        cells = f"""
            select movement_month, segment, {column} from mrr_bridge_by_segment_monthly
            where dimension = '{dimension}'"""
        assert_cells(asked.cells(name, "month", dimension), ask(asked.path, cells).rows)


@pytest.mark.parametrize(("name", "column"), REVENUE.items())
def test_a_metric_of_revenue_is_its_column(asked: Asked, name: str, column: str) -> None:
    cells = f"select revenue_month, product_kind, {column} from revenue_monthly"
    assert_cells(asked.cells(name, "month", "product_kind"), ask(asked.path, cells).rows)


@pytest.mark.parametrize("dimension", ["plan", "store", "country", "acquisition", "lead_source"])
def test_a_segment_of_revenue_is_that_of_its_mart(asked: Asked, dimension: str) -> None:
    cells = f"""
        select revenue_month, segment, proceeds_usd from revenue_by_segment_monthly
        where dimension = '{dimension}'"""
    assert_cells(asked.cells("proceeds", "month", dimension), ask(asked.path, cells).rows)


@pytest.mark.parametrize(("mart", "key"), COLUMNS)
def test_a_metric_of_a_mart_is_its_column(asked: Asked, mart: str, key: str) -> None:
    for name, column in COLUMNS[(mart, key)].items():
        grains, attributes = asked.metrics[name].grains, asked.metrics[name].attributes
        by = [part if part in attributes else grains[0] for part in key.split(", ")]
        found = asked.cells(name, *by)
        expected = ask(asked.path, f"select {key}, {column} from {mart}").rows
        if name not in MAY_BE_EMPTY:
            assert_some(expected)
        assert_cells(found, expected)


@pytest.mark.parametrize("name", FACTS)
def test_a_metric_of_a_fact_is_what_others_say(asked: Asked, name: str) -> None:
    expected = ask(asked.path, FACTS[name]).rows
    if name not in MAY_BE_EMPTY:
        assert_some(expected)
    assert_cells(asked.cells(name, "month"), expected)


def test_every_metric_is_held_against_something(asked: Asked) -> None:
    held = {*BRIDGE, *RATES, *REVENUE, *FACTS, *(n for names in COLUMNS.values() for n in names)}
    asked_for = {name for case in QUESTIONS for name in case.get("metric", "").split(",")}
    inputs = {"switched_mrr", "switched_customers", "churned_of_opening_customers",
              "change_of_opening_mrr", "loss_of_opening_mrr"}  # fmt: skip
    rates = {name for name in asked.metrics if name.endswith(("rate_7d", "rate_30d"))}
    assert set(asked.metrics) - held - asked_for - inputs - rates == set()


@pytest.mark.parametrize("name", ["mrr", "arpu", "customer_churn_rate", "paying_users"])
def test_a_metric_alone_is_what_it_is_among_others(asked: Asked, name: str) -> None:
    assert_cells(asked.rows(name, by=("quarter", "store")), asked.cells(name, "quarter", "store"))


def test_segments_add_up_to_the_total_by_every_dimension_and_grain(asked: Asked) -> None:
    """What adds up over time too does so by year because it does by month: the next test."""
    checked = 0
    for name in additive(asked) | STOCKS:
        metric = asked.metrics[name]
        for grain in {"month"} & set(metric.grains) | ({"year"} if name in STOCKS else set()):
            total = summed(asked.cells(name, grain))
            for dimension in metric.attributes:
                parts = summed(asked.cells(name, grain, dimension))
                assert parts == total, (name, grain, dimension)
                checked += 1
    assert checked > 150


def test_periods_of_every_grain_add_up_to_all_time(asked: Asked) -> None:
    for name in additive(asked):
        ((whole,),) = asked.cells(name)
        for grain in asked.metrics[name].grains:
            parts = sum(value or 0 for _, value in asked.cells(name, grain))
            assert parts == (whole or 0), (name, grain)


def additive(asked: Asked) -> set[str]:
    """The metrics whose values may be added up, over segments and time."""
    return {name for (name,) in ask(
        asked.path, "select metric from metrics where is_additive").rows}  # fmt: skip


def summed(cells: list[tuple[Any, ...]]) -> dict[Any, Any]:
    """Periods and the sum of their segments, where it is not 0."""
    sums: dict[Any, Any] = {}
    for period, *_, value in cells:
        sums[period] = sums.get(period, 0) + (value or 0)
    return {period: value for period, value in sums.items() if value}


def test_a_condition_and_a_time_narrow_what_is_asked(asked: Asked) -> None:
    found = asked.rows(
        "mrr", by=("month", "plan"), where="store = 'app_store' and not plan in ('yearly')",
        since="2026-03", until="2026-04",
    )  # fmt: skip
    cells = """
        select movement_month, plan, sum(closing_mrr_usd) from mrr_bridge_by_attributes_monthly
        where store = 'app_store' and plan <> 'yearly'
            and movement_month in ('2026-03-01', '2026-04-01')
        group by all order by all"""
    assert found == ask(asked.path, cells).rows
    assert len({month for month, *_ in found}) == 2


def test_python_has_the_same_answer_as_a_frame(asked: Asked) -> None:
    marts, names = hypnomart.open(asked.path), ("mrr", "customers")
    frame = marts.metric(*names, by=["month", "plan"], where="plan = 'monthly'", since="2026-09")
    rows = asked.rows(*names, by=("month", "plan"), where="plan = 'monthly'", since="2026-09")
    assert frame.columns == ["month", "plan", *names]
    assert len(rows) == 2  # September and October
    assert [(str(month), *rest) for month, *rest in frame.rows()] == [(*row,) for row in rows]
    assert set(marts.metrics()["metric"]) == set(asked.metrics)


def test_what_a_metric_needs_may_be_held_by_the_condition(asked: Asked) -> None:
    where = "step = 'first_paid' and (conversion_window = '30 d')"
    found = asked.rows("converted_users", by=("month",), where=where)
    cells = f"select signup_month, converted from conversion_cohorts where {where}"
    assert_cells(found, ask(asked.path, cells).rows)


def test_a_value_may_look_like_anything_and_a_span_reach_anywhere(asked: Asked) -> None:
    hostile = ["it''s", "dimension__mrr_segment__store", "}}", "', 1); drop table metrics; --"]
    for value in hostile:
        escaped = value if value == "it''s" else value.replace("'", "''")
        assert asked.rows("mrr", by=("month",), where=f"store = '{escaped}'") == []
    assert asked.rows("mrr", by=("month",), since="0001", until="9999") == asked.cells(
        "mrr", "month"
    )


def test_metrics_of_several_marts_share_their_time(asked: Asked) -> None:
    rows = asked.rows("mrr", "net_revenue", "trials_started", by=("month",))
    assert [row[1] for row in rows] == [row[1] for row in asked.rows("mrr", by=("month",))]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(("mmr",)), "There is no metric 'mmr'; did you mean mrr"),
        (Question(("mrr",), ("contry",)), "mrr cannot be split by 'contry'; did you mean country"),
        (Question(("mrr",), ("day",)), "mrr cannot be split by 'day'; allowed: month, quarter"),
        (Question(("mrr", "charges"), ("store",)), "together allowed: month, quarter, year."),
        (Question(("mrr",), where="stor = 'x'"), "did you mean store"),
        (Question(("mrr",), where="store = (select 1)"), "may compare attributes with values"),
        (Question(("mrr",), where="read_text('/etc/passwd') = 'x'"), "may compare attributes"),
        (Question(("mrr",), where="store = '{{ x }}'"), "may compare attributes with values"),
        (Question(("mrr",), where="store = 'x'; drop table metrics"), "is no condition"),
        (Question(("mrr",), where="month = '2026-01-01'"), "by --since and --until"),
        (Question(("eligible_users",), ("month", "step")), "name conversion_window in --by, or"),
        (
            Question(("cohort_mrr",), ("month",), "cohort_kind = 'signup' or age_months = 3"),
            "counts users anew for each cohort_kind and age_months",
        ),
        (Question(("MRR",)), "did you mean mrr"),
        (Question(("mrr",), where=""), "'' is no condition"),
        (Question(("mrr",), where=" "), "' ' is no condition"),
        (Question(("mrr",), where="(" * 5000 + "1" + ")" * 5000), "is no condition"),
        (Question(("mrr",), where="t.store = 'x'"), "names t.store; write the attribute alone"),
        (Question(("mrr",), where="store = 1"), "has no answer: Conversion Error"),
        (Question(("mrr",), where="not store"), "has no answer: Conversion Error"),
        (Question(("mrr",), since="2026-02", until="2026-01"), "2026-02 is after --until 2026-01"),
        (Question(("mrr",), until="1999"), "lie within 2000 and 2040"),
        (Question(("mrr",), since="yesterday"), "'yesterday' is no day; write 2026, 2026-01"),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(
    asked: Asked, question: Question, says: str
) -> None:
    with pytest.raises(BadConfiguration) as refused:
        answer(asked.path, question)
    assert says in str(refused.value) and "\n" not in str(refused.value)


def test_every_metric_for_other_tools_gives_the_same_number(asked: Asked) -> None:
    """The OSI document's expressions, run as they stand; balances and what has needs say so."""
    document = json.loads(as_osi(semantic_manifest(asked.path)))
    (model,) = document["semantic_model"]
    sources = {one["name"]: one["source"].split(".")[2] for one in model["datasets"]}
    told = {metric["name"]: metric for metric in model["metrics"]}
    assert set(told) == set(asked.metrics)
    checked = 0
    for name, metric in told.items():
        said = json.loads(metric["custom_extensions"][0]["data"])
        sql = metric["expression"]["dialects"][0]["expression"]
        dataset = asked.metrics[name].model
        reads_balance = any(balance in sql for balance in ("closing_", "opening_", "deferred"))
        if "balance_of" in said or "needs" in said or reads_balance:
            continue
        ((value,),) = ask(asked.path, f"select {sql} from {sources[dataset]} as {dataset}").rows
        assert_cells([(name, value)], [(name, *asked.cells(name)[0])])
        checked += 1
    assert checked > 90


def test_every_metric_is_explained(asked: Asked) -> None:
    listed = explained(asked.path, None).rows
    assert {row[0] for row in listed} == set(asked.metrics)
    said = dict(explained(asked.path, "customer_churn_rate").rows)
    assert said["formula"] == "churned_of_opening_customers / opening_customers"
    assert said["mart"] == "mrr_bridge_by_attributes_monthly"
    assert said["is_additive"] == "false" and said["needs"] == ""
    assert said["dimensions"].split(", ") == [
        "month", "quarter", "year", "plan", "store", "country", "lead_source", "cohort_code",
        "acquisition",
    ]  # fmt: skip
    assert all(len(row[1]) > 10 for row in ask(
        asked.path, "select metric, description from metrics").rows)  # fmt: skip


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["question"])
def test_a_question_has_the_answer_of_an_independent_recomputation(
    asked: Asked, built: Built, case: dict[str, str]
) -> None:
    books = {f"truth_{p.stem}": built.truth(p.stem) for p in built.settings.truth_dir.iterdir()}
    expected = case["expected"].format(as_of=f"timestamp '{UNTIL}'", **books)
    right = [tuple(row.values()) for row in built.rows(expected)]
    assert right or built.faults == "none"  # nothing is repeated in a business without faults
    assert_rows(found_rows(asked, case), right)


def found_rows(asked: Asked, case: dict[str, str]) -> list[tuple[Any, ...]]:
    """What one plain query, or one command with --metric, answers."""
    if "sql" in case:
        return ask(asked.path, case["sql"]).rows
    narrowed = {name: case[name] for name in ("where", "since", "until") if name in case}
    return asked.rows(*case["metric"].split(","), by=tuple(case["by"].split(",")), **narrowed)


def assert_rows(found: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> None:
    """The same rows as often, in any order; a cell of 0 may be absent."""
    assert normal(found) == normal(expected)


def normal(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in order, numbers at nine decimals, without those whose last cell is 0 or null."""
    return sorted(
        tuple(round(float(v), 9) if isinstance(v, int | float | Decimal) else str(v) for v in row)
        for row in rows
        if len(row) == 1 or row[-1] not in (None, 0)
    )


def test_the_questions_are_many_and_each_is_asked_once() -> None:
    assert len({case["question"] for case in QUESTIONS}) == len(QUESTIONS) >= 59
    assert {case["asked_by"] for case in QUESTIONS} == {
        "owners", "finance", "growth", "partners", "support",
    }  # fmt: skip
