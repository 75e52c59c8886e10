"""Draws: the same for the same entity in any order, even, and with the distributions they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from models.simulation.engine.calendar import add_months, week_of, week_start
from models.simulation.engine.draws import Draws, short_codes
from models.simulation.prices import ABSENT, RATES, charged, in_dollars, rates_at

KEYS = Draws(1).child_keys("test", np.arange(200_000, dtype=np.uint64))


def seconds(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def test_a_draw_depends_on_seed_stream_entity_and_counter_alone() -> None:
    draws = Draws(7)
    backwards = draws.uniform("a", KEYS[::-1], counter=3)[::-1]
    assert (draws.uniform("a", KEYS, counter=3) == backwards).all()
    alone = draws.uniform("a", KEYS[17:18], counter=3)[0]
    assert draws.uniform("a", KEYS, counter=3)[17] == alone
    others = (
        Draws(8).uniform("a", KEYS, counter=3),
        draws.uniform("b", KEYS, counter=3),
        draws.uniform("a", KEYS),
    )
    for other in others:
        assert abs(np.corrcoef(draws.uniform("a", KEYS, counter=3), other)[0, 1]) < 0.01


def test_known_values_stay_what_they_are() -> None:
    keys = Draws(1).child_keys("x", np.arange(3, dtype=np.uint64))
    assert Draws(1).uuids("u", keys).to_list() == [
        "41c62e40-6288-470f-a2b1-399e2c76c8ef",
        "ae39e7b1-0514-4a9e-bbd1-e5c930ecbbb0",
        "255eff0f-b025-4f46-9d5d-6b68c2b9f5b5",
    ]
    assert Draws(1).digits("o", keys, length=4).to_list() == ["6374", "5959", "9808"]


def test_uniform_numbers_are_even() -> None:
    counts, _ = np.histogram(Draws(3).uniform("even", KEYS), bins=100, range=(0, 1))
    chi_square = ((counts - 2_000) ** 2 / 2_000).sum()
    assert chi_square < 149  # 99.9 % quantile for 99 degrees of freedom


@pytest.mark.parametrize("mean", [0.22, 2.0, 24.0, 80.0])
def test_poisson_counts_have_their_mean_and_variance(mean: float) -> None:
    counts = Draws(3).poisson("poisson", KEYS, mean=mean)
    error = (mean / len(KEYS)) ** 0.5
    assert counts.mean() == pytest.approx(mean, abs=5 * error)
    assert counts.var() == pytest.approx(mean, rel=0.03)


def test_beta_numbers_have_their_mean_and_variance() -> None:
    a, b, some = 1.2, 7.0, KEYS[:50_000]
    drawn = Draws(3).beta("beta", some, alpha=np.full(len(some), a), beta=np.full(len(some), b))
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    assert drawn.mean() == pytest.approx(a / (a + b), abs=5 * (variance / len(some)) ** 0.5)
    assert drawn.var() == pytest.approx(variance, rel=0.05)


def test_uuids_are_version_four_and_different() -> None:
    ids = Draws(3).uuids("id", KEYS)
    assert ids.n_unique() == len(KEYS)
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(form.fullmatch(text) for text in ids[:1000])


def test_short_codes_are_different_for_different_people() -> None:
    codes = short_codes("U", np.arange(1_000_000))
    assert codes.n_unique() == 1_000_000
    assert codes.str.contains("^U[A-Z0-9]{6}$").all()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31, 8), 1, (2026, 2, 28, 8)),
        ((2024, 1, 31, 8), 1, (2024, 2, 29, 8)),
        ((2024, 2, 29, 0), 12, (2025, 2, 28, 0)),
        ((2026, 11, 30, 23, 59, 59), 3, (2027, 2, 28, 23, 59, 59)),
        ((2026, 4, 15), 1, (2026, 5, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(
    start: tuple[int, ...], months: int, end: tuple[int, ...]
) -> None:
    assert add_months(np.array([seconds(*start)]), months)[0] == seconds(*end)


def test_the_allowance_week_begins_on_tuesday() -> None:
    tuesday = seconds(2025, 12, 30)
    week = week_of(np.array([tuesday - 1, tuesday]))
    assert week[1] == week[0] + 1
    assert week_start(week[1:])[0] == tuesday


def test_prices_are_those_of_the_shipped_price_book() -> None:
    at = np.array([seconds(2026, 2, 28, 23), seconds(2026, 3, 1)])
    assert charged(at, products=["x99enb"]).tolist() == [200_000, 89_500]
    assert charged(at, products=["ai_credits_10000"]).tolist() == [ABSENT, 59_500]
    monthly = ["hypnoelp_subscriptions/monthly-plan"]
    assert charged(at[1:], products=monthly).tolist() == [49_500]
    assert charged(at[1:], products=monthly, offers=["free-trial"]).tolist() == [0]
    both = ["x99enb", "ai_credits_10000"]
    assert charged(at, products=both, product=np.array([1, 0])).tolist() == [ABSENT, 89_500]


def test_foreign_amounts_round_half_away_from_zero() -> None:
    # 0.0005 at 1.1 is 0.00055 dollars: 5.5 hundredths of a cent become 6
    assert in_dollars(np.array([5, 29_900]), np.array([110_000_000, 108_310_000])).tolist() == [
        6,
        32_385,
    ]


def test_a_rate_holds_for_31_days() -> None:
    rows = [("EUR", 100, 5), ("EUR", 110, 6), ("GBP", 142, 7)]
    rates = pl.DataFrame(rows, RATES, orient="row")
    days = np.array([142, 99, 100, 109, 110, 141]) * 86_400
    assert rates_at(days, pl.Series(["EUR"] * 6), rates=rates).tolist() == [
        ABSENT,
        ABSENT,
        5,
        5,
        6,
        6,
    ]
