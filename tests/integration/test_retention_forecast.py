"""The survival forecast: a published example, an independent fit, data that say too little."""

from __future__ import annotations

import math
import random
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import CensoredData, ecdf

from pipelines.base.settings import Settings
from tests.subscription_histories import write_events
from tests.subscription_oracle import Event, add_months
from tests.warehouse import build, read, settings_at, write_raw

# Fader and Hardie, How to Project Customer Retention (2007), table 1, high-end customers.
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
MODELS = (
    "fct_subscription_periods", "retention_forecast", "forecast_backtest", "survival_curve",
)  # fmt: skip
PLANS = {1: "monthly-plan", 3: "quarterly-plan", 12: "yearly-plan"}


def histories(lives: list[int], months: int, start: datetime, first_user: int) -> list[Event]:
    """One customer for each number of renewals, all starting together, never heard of after."""
    return [
        Event(
            id=(first_user + user) * 1000 + k,
            user=first_user + user,
            kind="renewed" if k else "created",
            at=add_months(start, k * months),
            plan=PLANS[months],
            expires=add_months(start, (k + 1) * months),
            order=f"GPA.{first_user + user}..{k}",
        )
        for user, renewals in enumerate(lives)
        for k in range(renewals + 1)
    ]


def built_from(folder: Path, events: list[Event], as_of: datetime) -> Settings:
    settings = settings_at(folder)
    write_raw(settings, {}, as_of=as_of, history={})
    write_events(settings, events)
    build(settings, *MODELS)
    return settings


def survival(alpha: float, beta: float, periods: int) -> float:
    return math.prod((beta + t) / (alpha + beta + t) for t in range(periods))


def lives_of(survivors: list[float], customers: int, last: int) -> list[int]:
    """Renewals of each customer for survivors in percent, none followed beyond `last`."""
    return [
        sum(1 for percent in survivors[1 : last + 1] if user < round(percent * customers / 100))
        for user in range(customers)
    ]


@pytest.fixture(scope="module")
def high_end(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A thousand yearly customers from March 2018, known for seven renewals, at June 2025."""
    events = histories(lives_of(HIGH_END, 1000, 7), 12, datetime(2018, 3, 1, 10), 1)
    return built_from(tmp_path_factory.mktemp("high_end"), events, datetime(2025, 6, 1))


def test_the_published_example_comes_out(high_end: Settings) -> None:
    rows = read(high_end, "select * from retention_forecast order by period_number")
    assert {(row["fit_status"], row["customers"]) for row in rows} == {("fitted", 1000)}
    assert [row["period_number"] for row in rows] == list(range(20))
    assert rows[0]["alpha"] == pytest.approx(0.668, abs=0.0005)
    assert rows[0]["beta"] == pytest.approx(3.806, abs=0.0005)
    observed = [row["observed_survival_rate"] for row in rows]
    assert observed[:8] == pytest.approx([percent / 100 for percent in HIGH_END[:8]])
    assert observed[8:] == [None] * 12
    forecast = [row["forecast_survival_rate"] for row in rows[8:13]]
    assert forecast == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=0.0005)


def test_bands_are_those_of_the_profile_likelihood(high_end: Settings) -> None:
    """Against scipy: the likelihood, maximised under a survival held fixed, is 1.92 lower there."""
    lives = lives_of(HIGH_END, 1000, 7)
    lost = [sum(1 for life in lives if life == t - 1) for t in range(1, 8)]

    def log_likelihood(alpha: float, beta: float) -> float:
        kept = len(lives) - sum(lost)
        steps = [survival(alpha, beta, t) for t in range(8)]
        losses = sum(n * math.log(steps[t] - steps[t + 1]) for t, n in enumerate(lost))
        return losses + kept * math.log(steps[7])

    best = -minimize(lambda x: -log_likelihood(*map(math.exp, x)), [0.0, 1.0], tol=1e-10).fun

    def loss(level: float, periods: int) -> float:
        def held(log_alpha: float) -> float:
            alpha = math.exp(log_alpha)
            beta = brentq(lambda b: survival(alpha, b, periods) - level, 1e-9, 1e6)
            return -log_likelihood(alpha, beta)

        grid = [step / 20 for step in range(-50, 60)]
        start = min(grid, key=held)
        return best + minimize(lambda x: held(x[0]), [start], method="Nelder-Mead").fun - 1.920729

    for row in read(high_end, "select * from retention_forecast where period_number in (7, 12)"):
        k, middle = row["period_number"], row["forecast_survival_rate"]
        low = brentq(lambda level, k=k: loss(level, k), middle - 0.15, middle)
        high = brentq(lambda level, k=k: loss(level, k), middle, middle + 0.15)
        assert row["forecast_low"] == pytest.approx(low, abs=0.0005)
        assert row["forecast_high"] == pytest.approx(high, abs=0.0005)


def test_a_past_forecast_knew_only_its_own_past(high_end: Settings) -> None:
    """At the end of June 2023 five renewals were settled: renewals 6 and 7 are the test."""
    rows = read(
        high_end,
        "select * from forecast_backtest where forecast_month = '2023-06-01'"
        " order by period_number",
    )
    lives = lives_of(HIGH_END, 1000, 5)
    counts = [sum(1 for life in lives if life >= t) for t in range(6)]

    def negative(x: list[float]) -> float:
        alpha, beta = math.exp(x[0]), math.exp(x[1])
        steps = [survival(alpha, beta, t) for t in range(6)]
        losses = [(counts[t] - counts[t + 1]) * math.log(steps[t] - steps[t + 1]) for t in range(5)]
        return -sum(losses) - counts[5] * math.log(steps[5])

    alpha, beta = map(math.exp, minimize(negative, [0.0, 1.0], tol=1e-10).x)
    assert [row["period_number"] for row in rows] == [6, 7]
    for row, seen in zip(rows, (0.517, 0.491), strict=True):
        predicted = survival(alpha, beta, row["period_number"])
        assert row["predicted_survival_rate"] == pytest.approx(predicted, abs=1e-4)
        assert row["observed_survival_rate"] == pytest.approx(seen)
        assert row["error"] == pytest.approx(predicted - seen, abs=1e-4)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Monthly customers who differ, from ten months; 20 quarterly ones; 60 yearly, all loyal."""
    random_ = random.Random(5)
    events: list[Event] = []
    for month in range(10):
        start = add_months(datetime(2025, 1, 31, 8), month)
        lives = []
        for _ in range(40):
            churn, life = random_.betavariate(0.8, 2.4), 0
            while life < 14 - month and random_.random() > churn:
                life += 1
            lives.append(life)
        events += histories(lives, 1, start, 1 + month * 100)
    events += histories([random_.choice([0, 1, 2, 3]) for _ in range(20)], 3, start, 2001)
    events += histories([2] * 60, 12, datetime(2023, 5, 1), 3001)
    return built_from(tmp_path_factory.mktemp("mixed"), events, datetime(2026, 4, 1))


def assert_kaplan_meier(mixed: Settings, seen: list[tuple[int, int]]) -> None:
    """The monthly survival curve is scipy's on the same customers: renewals paid, and settled."""
    ends = [min(life + 1, known) for life, known in seen if known]
    is_kept = [life >= known for life, known in seen if known]
    curve = ecdf(CensoredData.right_censored(ends, is_kept)).sf
    band = curve.confidence_interval(method="log-log")
    expected = zip(
        curve.quantiles, curve.probabilities, band.low.probabilities, band.high.probabilities,
        strict=True,
    )  # fmt: skip
    rows = read(
        mixed,
        "select * from survival_curve where billing_months = 1 and period_number > 0"
        " order by period_number",
    )
    found = [
        (r["period_number"], r["survival_rate"], r["survival_low"], r["survival_high"])
        for r in rows
    ]
    assert len(found) > 10
    for row, line in zip(found, expected, strict=True):
        assert row == pytest.approx(line, abs=1e-9)


def test_customers_are_followed_as_far_as_each_is_settled(mixed: Settings) -> None:
    """The fit on cohorts of different age equals scipy's on the same customers one by one."""
    rows = read(
        mixed,
        """select user_id, min(period_start_at) as start, count(*) - 1 as life
        from fct_subscription_periods where billing_months = 1 group by user_id""",
    )
    as_of = datetime(2026, 4, 1)

    def settled(start: datetime) -> int:
        k = 0
        while (as_of - add_months(start, k + 1)).days >= 16:
            k += 1
        return k

    seen = [(row["life"], settled(row["start"])) for row in rows]
    assert_kaplan_meier(mixed, seen)
    exposed = [
        (
            sum(1 for life, known in seen if known >= t and life >= t - 1),
            sum(1 for life, known in seen if known >= t and life == t - 1),
        )
        for t in range(1, 15)
    ]

    def negative(x: list[float]) -> float:
        alpha, beta = math.exp(x[0]), math.exp(x[1])
        total = 0.0
        for t, (at_risk, lost) in enumerate(exposed, start=1):
            hazard = alpha / (alpha + beta + t - 1)
            total += lost * math.log(hazard) + (at_risk - lost) * math.log(1 - hazard)
        return -total

    alpha, beta = map(math.exp, minimize(negative, [0.0, 1.0], tol=1e-12).x)
    found = read(
        mixed,
        "select distinct alpha, beta, customers, fit_status"
        " from retention_forecast where billing_months = 1",
    )
    assert len(found) == 1
    assert (found[0]["customers"], found[0]["fit_status"]) == (400, "fitted")
    assert found[0]["alpha"] == pytest.approx(alpha, rel=1e-3)
    assert found[0]["beta"] == pytest.approx(beta, rel=1e-3)


def test_thin_and_lossless_plans_take_the_fit_of_all(mixed: Settings) -> None:
    """20 customers are too few; 60 of whom none ever left say nothing about leaving."""
    rows = read(
        mixed,
        "select distinct billing_months, fit_status, alpha, customers"
        " from retention_forecast order by billing_months",
    )
    assert [(r["billing_months"], r["fit_status"], r["customers"]) for r in rows] == [
        (1, "fitted", 400),
        (3, "pooled", 20),
        (12, "pooled", 60),
    ]
    assert rows[1]["alpha"] == rows[2]["alpha"] != rows[0]["alpha"]


def test_a_business_older_than_its_longest_subscription_has_a_forecast(tmp_path: Path) -> None:
    """200 monthly customers of 2021, of whom the last stayed 20 months, seen twelve years on.

    Renewals to 142 are settled by the calendar, though nobody faced one beyond the 20th.
    """
    lives = [min(user // 10, 20) for user in range(200)]
    events = histories(lives, 1, datetime(2021, 1, 10), 1)
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=datetime(2032, 12, 1), history={})
    write_events(settings, events)
    build(settings, *MODELS, tests=True)
    rows = read(settings, "select * from retention_forecast order by period_number")
    assert [row["period_number"] for row in rows] == list(range(142 + 13))
    assert {row["fit_status"] for row in rows} == {"fitted"}
    assert [rows[k]["observed_survival_rate"] for k in (1, 19, 20, 142)] == [0.95, 0.05, 0.0, 0.0]
    assert all(0 <= row["forecast_survival_rate"] <= 1 for row in rows)


def test_too_little_data_gives_no_forecast(tmp_path: Path) -> None:
    """49 customers and nothing to pool them with."""
    events = histories([0, 1, 2, 3] * 12 + [0], 1, datetime(2025, 1, 1), 1)
    settings = built_from(tmp_path, events, datetime(2025, 9, 1))
    rows = read(settings, "select * from retention_forecast order by period_number")
    assert {row["fit_status"] for row in rows} == {"too_little_data"}
    assert all(row["forecast_survival_rate"] is None and row["alpha"] is None for row in rows)
    assert rows[1]["observed_survival_rate"] == pytest.approx(36 / 49)
    assert read(settings, "select * from forecast_backtest") == []


def test_a_hazard_that_does_not_fall_is_geometric(tmp_path: Path) -> None:
    """A quarter leaves at each of three renewals: customers do not differ, S(t) = 0.75 ** t."""
    lives = [0] * 64 + [1] * 48 + [2] * 36 + [3] * 108
    events = histories(lives, 1, datetime(2025, 1, 1), 1)
    settings = built_from(tmp_path, events, datetime(2025, 4, 20))
    rows = read(settings, "select * from retention_forecast order by period_number")
    assert {row["fit_status"] for row in rows} == {"fitted"}
    for row in rows:
        exact = 0.75 ** row["period_number"]
        assert row["forecast_survival_rate"] == pytest.approx(exact, abs=0.001)
        assert row["forecast_low"] <= exact + 0.001
        assert row["forecast_high"] >= exact
    assert rows[-1]["forecast_high"] > rows[-1]["forecast_survival_rate"] + 0.01


def test_churn_falls_on_the_end_of_the_paid_month(tmp_path: Path) -> None:
    """ProfitWell: 10.00 monthly from 15 April, canceled 8 June; here at the list price of 4.95."""
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=datetime(2026, 7, 20), history={})
    write_events(
        settings,
        [
            Event(1, 1, "created", datetime(2026, 4, 15), order="A..0"),
            Event(2, 1, "renewed", datetime(2026, 5, 15), order="A..1"),
            Event(3, 1, "canceled", datetime(2026, 6, 8)),
        ],
    )
    build(settings, "mrr_bridge_daily")
    churn = read(settings, "select * from fct_mrr_movements where movement_type = 'churn'")
    assert [(row["movement_date"], row["mrr_delta_usd"]) for row in churn] == [
        (date(2026, 6, 15), Decimal("-4.95"))
    ]
    levels = read(
        settings,
        "select closing_mrr_usd as mrr from mrr_bridge_daily"
        " where movement_date in ('2026-06-14', '2026-06-15') order by movement_date",
    )
    assert [row["mrr"] for row in levels] == [Decimal("4.95"), Decimal(0)]
