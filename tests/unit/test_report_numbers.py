"""What a report shows is a metric or a mart's column, never its own arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from pipelines.transform.marts import Mart, published_marts
from reports.queries import SQL_FOLDER
from tests.integration.test_metrics import BRIDGE, COLUMNS, RATES, REVENUE
from tests.warehouse import parsed_project

# `explain` is arithmetic by its nature: its own tests hold its parts against the change.
QUERIES = {
    str(path.relative_to(SQL_FOLDER)).removesuffix(".sql"): sqlglot.parse_one(
        path.read_text("utf-8"), read="duckdb"
    )
    for path in sorted(SQL_FOLDER.rglob("*.sql"))
    if path.parent.name != "explain"
}
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Avg, exp.Distinct,
              exp.Quantile, exp.PercentileCont, exp.Median, exp.Round)  # fmt: skip
NUMERIC = ("bigint", "double", "decimal(18,4)", "decimal(18,8)")
UNDATED = {  # of the present: a metric is of a time
    "cohort_performance", "content_reach", "course_engagement", "dim_courses", "dim_products",
    "fct_course_settings", "referral_chains", "sync_freshness",
}  # fmt: skip
MODELED = {"retention_forecast", "forecast_backtest"}  # what no sum of rows gives
OF_FACTS = {  # summed or counted by a metric that another test holds against the fact
    ("fct_receipts", "store_fee_usd"), ("fct_referrals", "expected_reward_usd"),
    ("fct_referrals", "reward_usd"), ("receipt_duplicates", "receipts"),
    ("receipt_duplicates", "excess_usd"), ("subscription_states_daily", "customers"),
    ("subscription_states_daily", "mrr_usd"),
}  # fmt: skip
NOT_AGGREGATES = {  # a number that only its own mart has
    ("customer_ltv_monthly", "predicted_ltv_usd"): "a forecast",
    ("customer_ltv_monthly", "users"): "signups",
    ("conversion_cohorts", "users"): "signups",
    ("conversion_cohorts", "conversion_rate"): "the metrics of each step and window",
    ("custom_course_funnel_monthly", "median_hours_to_delivery"): "a median",
    ("discount_performance", "redemption_rate_so_far"): "redemption_rate up to a month",
    ("function_health_daily", "duration_p95_ms"): "a percentile",
    ("fct_referrals", "depth"): "a place in a chain",
    ("feedback_monthly", "users"): "distinct in a month and issue",
    ("referral_performance_monthly", "referral_window_days"): "a setting",
    ("mrr_bridge_by_segment_monthly", "switched_usd"): "nothing in all",
    ("retention_cohorts", "cohort_size"): "renewals_due of period 0",
}  # fmt: skip


def test_every_query_reads_tables_that_are_published(marts: Mapping[str, Mart]) -> None:
    """A table that the file lacks reads as no data yet: so no name may be misspelt."""
    of_checks = {"quality_results", "quality_findings"}
    read = {
        (name, table.name)
        for name, tree in QUERIES.items()
        for table in tree.find_all(exp.Table)
        if table.name not in {cte.alias for cte in tree.find_all(exp.CTE)}
    }
    assert [pair for pair in read if pair[1] not in marts.keys() | of_checks] == []


@pytest.fixture(scope="module")
def marts() -> Mapping[str, Mart]:
    return {mart.name: mart for mart in published_marts(parsed_project())}


@pytest.mark.parametrize("name", QUERIES)
def test_a_report_computes_nothing(name: str) -> None:
    """It selects, sums and counts; a condition may reckon with days."""
    found = [
        node.sql("duckdb")
        for select in QUERIES[name].find_all(exp.Select)
        for shown in select.expressions
        for node in shown.walk(prune=lambda node: isinstance(node, exp.Where))
        if isinstance(node, ARITHMETIC)
    ]
    assert found == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_report_sums_only_what_adds_up(name: str, marts: Mapping[str, Mart]) -> None:
    """A balance may be summed over kinds of product, as long as each row is of one month; those
    eligible over cohorts, in one of which each customer is, where rows are of one renewal."""
    read = {table.name for table in QUERIES[name].find_all(exp.Table)} & set(marts)
    additive = {column for mart in read for column in marts[mart].additive}
    facts = {column for mart, column in OF_FACTS if mart in read}
    checks = {"money_at_stake_usd"} if "quality_findings" in read else set()
    balances = {"deferred_closing_usd"} & {c for mart in read for c in marts[mart].columns}
    eligible = {"eligible"} if "retention_cohorts" in read else set()
    summed = {column.name for node in QUERIES[name].find_all(exp.Sum)
              for column in node.this.find_all(exp.Column)}  # fmt: skip
    assert summed <= additive | facts | checks | balances | eligible


def test_every_number_of_a_report_is_a_metric(marts: Mapping[str, Mart]) -> None:
    held = {(mart, column) for (mart, _), of in COLUMNS.items() for column in of.values()}
    held |= {("mrr_bridge_monthly", column) for column in (BRIDGE | RATES).values()}
    held |= {("revenue_monthly", column) for column in REVENUE.values()}
    compared = compared_marts()
    shown = {
        (mart, column)
        for tree in QUERIES.values()
        for mart, column in numbers(tree, marts)
        if not any((one, column) in held for one in {mart, *compared[mart]})
    }
    left = {pair for pair in shown if pair[0] not in UNDATED | MODELED} - OF_FACTS
    assert left == set(NOT_AGGREGATES)
    assert len(held) > 100


def compared_marts() -> Mapping[str, set[str]]:
    """By mart those that a data test of the project holds it against: it reads these two alone."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node in parsed_project()["nodes"].values():
        read = node["depends_on"]["nodes"] if node["resource_type"] == "test" else []
        if "test_metadata" not in node and len(read) == 2:
            one, other = (unique_id.rsplit(".", 1)[-1] for unique_id in read)
            found[one].add(other)
            found[other].add(one)
    return found


def numbers(tree: exp.Expression, marts: Mapping[str, Mart]) -> Iterator[tuple[str, str]]:
    """The marts' columns of numbers that a query selects, keys left out."""
    nodes: Mapping[str, Any] = {
        node["name"]: node for node in parsed_project()["nodes"].values()
        if node["resource_type"] == "model"
    }  # fmt: skip
    read = [table.name for table in tree.find_all(exp.Table) if table.name in nodes]
    shown = {
        column.name
        for select in tree.find_all(exp.Select)
        for part in select.expressions
        for column in part.find_all(exp.Column)
    }
    if any(isinstance(part, exp.Star) for select in tree.find_all(exp.Select)
           for part in select.expressions):  # fmt: skip
        shown = {name for mart in read for name in nodes[mart]["columns"]}
    for mart in read:
        for name, column in nodes[mart]["columns"].items():
            is_number = column["data_type"] in NUMERIC
            if name in shown and is_number and name not in marts[mart].key:
                yield mart, name
