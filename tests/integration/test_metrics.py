"""Every metric by every grain and dimension: the marts' own cells, and segments that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.contracts.graph.semantic_manifest import SemanticManifest

from models.errors import BadConfiguration
from pipelines.publish import create_macros
from pipelines.query.ask import ask
from pipelines.query.metrics import Metric, Question, answer, explained, known_metrics
from pipelines.settings import PROJECT
from tests.integration.conftest import UNTIL, Built
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
}  # fmt: skip
REVENUE = {
    "gross_revenue": "gross_usd", "refunds": "refunds_usd", "net_revenue": "net_usd",
    "discounts": "discount_usd", "tax": "tax_usd", "store_fees": "store_fees_usd",
    "proceeds": "proceeds_usd", "charges": "charges", "paying_users": "paying_users",
    "arppu": "arppu_usd",
}  # fmt: skip

# Metrics of a state: segments add up, periods do not.
STOCKS = {
    "mrr", "opening_mrr", "customers", "opening_customers", "outstanding_credits",
    "credit_liability",
}  # fmt: skip
# Metrics that are a column of a mart by month: mart, its month, and the column of each.
COLUMNS = {
    ("credit_liability_monthly", "month"): {
        "credits_sold": "purchased_credits", "credits_consumed": "consumed_credits",
        "credit_sales": "purchased_usd", "recognised_credit_revenue": "recognised_usd",
        "outstanding_credits": "outstanding_credits", "credit_liability": "liability_usd",
    },
    ("referral_performance_monthly", "signup_month"): {
        "referral_signups": "referred_users", "referral_premium": "referred_premium",
        "organic_signups": "organic_users", "organic_premium": "organic_premium",
        "referred_conversion_rate": "referred_conversion_rate",
        "organic_conversion_rate": "organic_conversion_rate",
        "referral_rewards": "rewards_usd", "partner_payouts": "payouts_usd",
    },
    ("discount_performance", "assigned_month, discount_code"): {
        "discounts_assigned": "assigned", "discounts_used": "used", "discounts_lapsed": "lapsed",
        "discount_cost": "discount_usd", "discounted_revenue": "gross_usd",
    },
    ("custom_course_funnel_monthly", "month"): {
        "custom_courses_bought": "purchased", "custom_courses_submitted": "submitted",
        "custom_courses_delivered": "delivered",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A published file and what may be asked of it. Metrics of one model are asked together, since
    most of a question's time is its compilation."""

    path: Path
    metrics: dict[str, Metric]
    kept: dict[tuple[str, ...], list[tuple[Any, ...]]] = field(default_factory=dict)

    def rows(self, *names: str, by: tuple[str, ...] = (), **rest: str) -> list[tuple[Any, ...]]:
        return answer(self.path, Question(names, by, **rest)).rows

    def together(self, name: str) -> list[str]:
        model = self.metrics[name].model
        return [metric.name for metric in self.metrics.values() if metric.model == model]

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
    yield Asked(path, known_metrics(semantics))


def assert_cells(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """The same cells; nothing counts as 0 where a row is absent, rates within 1e-9."""
    left = {row[:-1]: row[-1] for row in found}
    right = {row[:-1]: row[-1] for row in expected}
    for key in left.keys() | right.keys():
        one, other = left.get(key), right.get(key)
        assert float(one or 0) == pytest.approx(float(other or 0), abs=1e-9), key
    assert left and right


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


@pytest.mark.parametrize(("mart", "key"), COLUMNS)
def test_a_metric_of_a_monthly_mart_is_its_column(asked: Asked, mart: str, key: str) -> None:
    for name, column in COLUMNS[(mart, key)].items():
        cells = ask(asked.path, f"select {key}, {column} from {mart}").rows
        assert_cells(asked.cells(name, "month", *key.split(", ")[1:]), cells)


@pytest.mark.parametrize("name", ["mrr", "arpu", "customer_churn_rate", "paying_users"])
def test_a_metric_alone_is_what_it_is_among_others(asked: Asked, name: str) -> None:
    assert_cells(asked.rows(name, by=("quarter", "store")), asked.cells(name, "quarter", "store"))


def test_segments_add_up_to_the_total_by_every_dimension_and_grain(asked: Asked) -> None:
    checked = 0
    for metric in asked.metrics.values():
        if metric.name not in additive(asked) | STOCKS:
            continue
        for grain in {"month", "year"} & set(metric.grains):
            total = summed(asked.cells(metric.name, grain))
            for dimension in metric.attributes:
                parts = summed(asked.cells(metric.name, grain, dimension))
                assert parts == total, (metric.name, grain, dimension)
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
        (Question(("mrr",), since="yesterday"), "'yesterday' is no day; write 2026, 2026-01"),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(
    asked: Asked, question: Question, says: str
) -> None:
    with pytest.raises(BadConfiguration) as refused:
        answer(asked.path, question)
    assert says in str(refused.value)


def test_every_metric_is_explained(asked: Asked) -> None:
    listed = explained(asked.path, None).rows
    assert {row[0] for row in listed} == set(asked.metrics)
    said = dict(explained(asked.path, "customer_churn_rate").rows)
    assert said["formula"] == "churned_of_opening_customers / opening_customers"
    assert said["mart"] == "mrr_bridge_by_attributes_monthly"
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
    assert len({case["question"] for case in QUESTIONS}) == len(QUESTIONS) >= 55
    assert {case["asked_by"] for case in QUESTIONS} == {
        "owners", "finance", "growth", "partners", "support",
    }  # fmt: skip
