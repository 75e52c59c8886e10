"""Retention: triangles, survival with its forecast, graded forecasts, lifetime value."""

from __future__ import annotations

from datetime import date

from models.words import plan_in_words
from reports import charts
from reports.charts.scales import FEW, Cell, is_of_few, percent
from reports.figures import Figure, Words, in_order, month
from reports.published import Published
from reports.queries import Row, Rows, query_behind
from reports.shapes import over_time, table, tabled

ALL = "all cohorts"
FITS = {
    "pooled": " Too little is known of this plan alone: the forecast is that of all plans.",
    "too_little_data": " Too little is known for a forecast.",
}


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    curve = published.rows("retention/curve", until=until)
    lengths = sorted({row["billing_months"] for row in curve})
    return [
        *triangles(published.rows("retention", until=until)),
        *(survival(curve.where("billing_months", length), length) for length in lengths),
        backtest(published.rows("retention/backtest", until=until)),
        lifetime_value(published.rows("retention/value", until=until)),
    ]


def triangles(rows: Rows) -> list[Figure]:
    """One triangle for each length of plan; without rows a single empty one."""
    lengths = sorted({row["billing_months"] for row in rows})
    if not lengths:
        return [triangle("all plans", rows)]
    return [triangle(plan_in_words(n), rows.where("billing_months", n)) for n in lengths]


def triangle(name: str, rows: list[Row]) -> Figure:
    """Cohorts down, renewals across, the share that paid in each cell."""
    words = Words(
        f"retention-{name.split()[0]}",
        f"Retention, {name}",
        "Of customers by month of their first paid period, whose number is in parentheses, the "
        "share in % that paid the n-th "
        "renewal, among those whose renewal is due. Framed: not all are due yet. Gray: fewer than "
        f"{FEW} people. The last row is the mean of all cohorts, weighted by those eligible.",
        "retention_cohorts",
    )
    sizes = {row["first_paid_month"]: row["cohort_size"] for row in rows}
    cohorts = in_order(sizes)
    periods = sorted({row["period_number"] for row in rows})
    cells = {
        (cohorts.index(row["first_paid_month"]), periods.index(row["period_number"])): Cell(
            float(row["retention_rate"]),
            f"{month(row['first_paid_month'])}, renewal {row['period_number']}: "
            f"{row['retained']:,} of {row['eligible']:,} eligible",
            bool(row["is_complete"]),
            is_of_few(row["eligible"]),
        )
        for row in rows
        if row["retention_rate"] is not None
    } | {
        (len(cohorts), periods.index(row["period_number"])): Cell(
            row["all_cohorts_rate"],
            f"All cohorts, renewal {row['period_number']}: of {row['all_eligible']:,} eligible",
            True,
            is_of_few(row["all_eligible"]),
        )
        for row in rows
        if row["all_cohorts_rate"] is not None
    }
    svg = charts.heat_map(
        [*(f"{month(cohort)} ({sizes[cohort]:,})" for cohort in cohorts), ALL],
        [str(period) for period in periods],
        cells=cells,
        title=words.title,
        description=words.text,
        unit="renewal number",
    )
    columns = {
        "first_paid_month": "cohort",
        "cohort_size": "customers",
        "period_number": "renewal",
        "eligible": "eligible",
        "retained": "retained",
        "retention_rate": "retained of eligible",
        "all_cohorts_rate": ALL,
        "all_eligible": f"eligible of {ALL}",
        "is_complete": "complete",
    }
    return Figure(words, svg, query_behind(rows), table=tabled(rows, columns))


def survival(rows: list[Row], billing_months: int) -> Figure:
    """Observed and forecast survival of a plan, with whose customers the forecast is of."""
    fit = next((FITS[row["fit_status"]] for row in rows if row["fit_status"] in FITS), "")
    return over_time(
        Words(
            f"survival-{billing_months}",
            f"Survival, {plan_in_words(billing_months)}",
            "Share of customers that paid the n-th renewal, and the forecast in its 95 % band. "
            f"Gray: fewer than {FEW} people.{fit}",
            "retention_forecast",
            "share",
        ),
        rows,
        at="period_number",
        series={
            "observed_survival_rate": ("observed", "closing"),
            "forecast_survival_rate": ("forecast", "place-0"),
        },
        people={"observed_survival_rate": "people"},
        also={
            "people": "people",
            "forecast_low": "forecast, low end",
            "forecast_high": "forecast, high end",
        },
        within=("forecast_low", "forecast_high"),
        is_timed=False,
        as_lines=True,
        number=percent,
    )


def backtest(rows: list[Row]) -> Figure:
    """Earlier forecasts beside what happened."""
    return table(
        Words(
            "backtest",
            "How earlier forecasts fared",
            "What was predicted at the end of a month for renewals that have been settled since.",
            "forecast_backtest",
        ),
        rows,
        columns={
            "forecast_month": "forecast of",
            "billing_months": "plan, months",
            "period_number": "renewal",
            "people": "people",
            "predicted_survival_rate": "predicted",
            "observed_survival_rate": "observed",
            "error": "error",
        },
    )


def lifetime_value(rows: list[Row]) -> Figure:
    """What a user of each sign-up month is worth."""
    return table(
        Words(
            "value",
            "Lifetime value by month of sign-up",
            "Proceeds, net of tax and store fees, per user whose window has passed; predicted "
            "adds 36 months to come, discounted.",
            "customer_ltv_monthly",
        ),
        rows,
        columns={
            "signup_month": "sign-up month",
            "window_days": "window, days",
            "users": "users",
            "payers": "payers",
            "ltv_per_user_usd": "USD per user",
            "ltv_per_payer_usd": "USD per payer",
            "predicted_ltv_usd": "predicted USD per user",
            "is_complete": "complete",
        },
    )
