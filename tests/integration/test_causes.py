"""Why MRR moved: every movement's causes are those of brute force over all orders, and add up."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.explain.parts import Branch, factors, ranked
from tests.compiled import run_models
from tests.mrr_worlds import (
    CAUSES,
    MODELS,
    START,
    State,
    Step,
    brute_force,
    causes_of,
    movements,
    written,
)
from tests.planted_worlds import AS_OF as WORLD_AS_OF
from tests.planted_worlds import PLANTED, Habits, world

AS_OF = START + timedelta(days=120)
states = st.builds(
    State,
    st.sampled_from(["monthly", "quarterly", "yearly"]),
    st.sampled_from(["app_store", "google_play", "web"]),
    st.sampled_from([Decimal(text) for text in ("2.45", "3.7458", "4.1625", "4.95", "5.95")]),
    st.sampled_from([Decimal(text) for text in ("3.3292", "4.1625", "4.95", "5.95")]),
)
steps = st.builds(
    Step,
    st.integers(1, 5),
    st.integers(0, 110 * 24).map(lambda hours: START + timedelta(hours=hours)),
    st.none() | states,
)
histories = st.lists(steps, min_size=1, max_size=14, unique_by=lambda step: (step.user, step.at))


@settings(max_examples=60, deadline=None)
@given(histories)
def test_causes_are_those_of_every_order_and_add_up_to_the_movement(history: list[Step]) -> None:
    moved = movements(history)
    if not moved:
        return
    with written(moved, AS_OF) as con:
        found = causes_of(con)
    assert found.keys() == {one.movement_id for one in moved}
    for parts in found.values():
        assert sum(parts[cause] for cause in CAUSES) == parts["delta"]
    for month in (datetime(2026, n, 1) for n in range(1, 5)):
        for name, right in brute_force(moved, month).items():
            for cause in CAUSES:
                assert abs(float(found[name][cause]) - float(right[cause])) < 1e-6, (name, cause)


def first_cause(seed: int, planted: Habits) -> str:
    """What is told first of the last month of a world."""
    with written(movements(world(seed, planted)), WORLD_AS_OF) as con:
        con.execute(EMPTY_REVENUE)
        run_models(con, (*MODELS, "change_causes_monthly"))
        rows = con.execute("""
            select part, cause, amount_usd, usual_usd from marts.change_causes_monthly
            where measure = 'mrr' and month = date '2026-09-01'""").fetchall()
    return ranked(factors([Branch(*row) for row in rows]))[0].name


EMPTY_REVENUE = """
    create table marts.revenue_changes_monthly as
    select null::date as revenue_month, null::varchar as product_kind, unnest([]::int[]) as none,
        0.0 as charges_usd, 0.0 as product_mix_usd, 0.0 as store_mix_usd, 0.0 as list_price_usd,
        0.0 as discount_usd, 0.0 as exchange_rate_usd, 0.0 as local_price_usd, 0.0 as refunds_usd;
    create table marts.proceeds_changes_monthly as
    select null::date as revenue_month, null::varchar as product_kind, null::varchar as product,
        null::varchar as store, 0.0 as tax_usd, 0.0 as store_fee_volume_usd,
        0.0 as store_fee_rate_usd"""
WORLDS = [(cause, habits) for cause, ways in PLANTED.items() for habits in ways]


def planted_first(seeds: range) -> float:
    """The share of worlds in which the planted cause is told first: 319 of 333 worlds, of the seeds
    0 to 11 and 100 to 124; where it was looked up, new customers came before their store."""
    right = [first_cause(seed, habits) == cause for cause, habits in WORLDS for seed in seeds]
    return sum(right) / len(right)


def test_the_planted_cause_is_told_first() -> None:
    assert planted_first(range(2)) >= 0.85  # of 18 worlds, 3 may mislead
