"""No model, data test or check compares every row of one table with every row of another, nor adds
up what gives another sum in another order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import duckdb
import pytest

from checks.run import create_border_views
from tests.query_plans import growing_loops, plan_of
from tests.unordered_sums import schema_of, unordered_sums
from tests.warehouse import PRINTED_BY_DBT, build_from, parsed_manifest, run_dbt

# What may stand on one side of such a join, beside the seeds: each with the reason.
SMALL = {
    "intermediate.int_clock": "one row",
    **{
        f"intermediate.int_{seed}": "as long as its seed"
        for seed in ("price_book", "store_fees", "stores", "discount_map", "fx_rates")
    },
    "marts.revenue_monthly": "one row per month and kind of product",
    "marts.mrr_bridge_monthly": "one row per month",
    "intermediate.int_survival_fits": "one row per forecast month and billing length",
    "intermediate.int_survival_choices": "one row per forecast month and billing length",
}


@pytest.fixture(scope="module")
def compiled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Mapping[str, str]]]:
    """A warehouse without rows, and every query that dbt or the checks send to one, by name."""
    settings = build_from(tmp_path_factory.mktemp("plans"), {}, as_of=datetime(2026, 11, 1))
    result = run_dbt(settings, "compile", *PRINTED_BY_DBT, manifest=parsed_manifest()).result
    queries = {run.node.name: run.node.compiled_code for run in result.results}
    with duckdb.connect(str(settings.warehouse)) as con:
        create_border_views(con)
        con.execute("set variable checked_at = timestamp '2026-11-01'")
        yield con, {name: sql for name, sql in queries.items() if sql}


def test_no_query_joins_what_grows_row_by_row(
    compiled: tuple[duckdb.DuckDBPyConnection, Mapping[str, str]],
) -> None:
    con, queries = compiled
    assert len(queries) > 400
    found = {name: growing_loops(plan_of(con, sql), SMALL) for name, sql in queries.items()}
    wrong = [f"{name}: {loop}" for name, loops in found.items() for loop in loops]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    ("sql", "loops"),
    [
        # A predicate of the left side within a left join's condition.
        (
            "from intermediate.int_receipts_judged j left join raw.course_purchases c "
            "on c.id = j.source_id and j.source_table = 'course_purchases'",
            1,
        ),
        # An or that takes the equality away from the join.
        (
            "from marts.fct_revenue r inner join marts.fct_receipts c "
            "on r.user_id = c.user_id or r.product_key = c.product_key",
            1,
        ),
        ("from raw.user_profile u, raw.subscriptions s where u.created_at < s.updated_at", 1),
        # The side that grows is a grouped one.
        (
            "from (select user_id, count(*) as n from raw.analytics group by user_id) a "
            "cross join raw.courses c",
            1,
        ),
        # Small by its grain, one row by its aggregate, or a list.
        ("from raw.user_profile cross join intermediate.int_clock", 0),
        ("from raw.user_profile u, (select max(created_at) as at from raw.analytics) a", 0),
        ("from raw.user_profile u cross join (select unnest([7, 30]) as days) d", 0),
        (
            "from raw.user_profile u left join raw.subscriptions s "
            "on u.user_id = s.user_id and u.created_at < s.updated_at",
            0,
        ),
    ],
)
def test_a_row_by_row_join_is_seen_where_both_sides_grow(
    compiled: tuple[duckdb.DuckDBPyConnection, Mapping[str, str]], sql: str, loops: int
) -> None:
    assert len(growing_loops(plan_of(compiled[0], sql), SMALL)) == loops


def test_what_is_added_up_in_any_order_is_exact(
    compiled: tuple[duckdb.DuckDBPyConnection, Mapping[str, str]],
) -> None:
    """The same snapshot gives the same marts, however many threads add up."""
    con, queries = compiled
    schema = schema_of(con)
    wrong = [
        f"{name}: {found}" for name, sql in queries.items() for found in unordered_sums(sql, schema)
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("select sum(store_fee_rate) as s from marts.fct_receipts", 1),
        ("select avg(x) as s from (select paid_usd / 3.0::double as x from marts.fct_receipts)", 1),
        ("select sum(store_fee_rate) filter (where is_test) as s from marts.fct_receipts", 1),
        ("select sum(store_fee_rate) over (partition by user_id) as s from marts.fct_receipts", 1),
        ("select sum(store_fee_rate) over (order by receipt_id) as s from marts.fct_receipts", 0),
        ("select sum(store_fee_rate order by receipt_id) as s from marts.fct_receipts", 0),
        ("select sum(paid_usd), avg(paid_usd), sum(quantity), max(store_fee_rate) as s"
         " from marts.fct_receipts", 0),
    ],
)  # fmt: skip
def test_a_sum_that_depends_on_its_order_is_seen(
    compiled: tuple[duckdb.DuckDBPyConnection, Mapping[str, str]], sql: str, count: int
) -> None:
    assert len(unordered_sums(sql, schema_of(compiled[0]))) == count
