"""Retention: triangles, survival with its forecast, graded forecasts, lifetime value."""

from __future__ import annotations

from datetime import date

from reports.figures import PLANS, Figure, retention
from reports.marks import percent
from reports.published import Published
from reports.shapes import Words, over_time, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    curve = published.rows("retention/curve", until=until)
    lengths = sorted({row["billing_months"] for row in curve})
    return [
        *retention(published.rows("retention", until=until)),
        *(
            over_time(
                Words(
                    f"survival-{length}",
                    f"Survival, {PLANS.get(length, f'{length}-month plan')}",
                    "Share of customers that paid the n-th renewal, and the forecast with "
                    "its 95 % band.",
                    "retention_forecast",
                    "share",
                ),
                [row for row in curve if row["billing_months"] == length],
                at="period_number",
                series={
                    "observed_survival_rate": ("observed", "closing"),
                    "forecast_survival_rate": ("forecast", "place-0"),
                    "forecast_low": ("low", "place-5"),
                    "forecast_high": ("high", "place-5"),
                },
                as_lines=True,
                number=percent,
            )
            for length in lengths
        ),
        table(
            Words(
                "backtest",
                "How earlier forecasts fared",
                "What was predicted at the end of a month for renewals that have been "
                "settled since.",
                "forecast_backtest",
            ),
            published.rows("retention/backtest", until=until),
            {
                "forecast_month": "forecast of",
                "billing_months": "plan, months",
                "period_number": "renewal",
                "predicted_survival_rate": "predicted",
                "observed_survival_rate": "observed",
                "error": "error",
            },
        ),
        table(
            Words(
                "value",
                "Lifetime value by month of sign-up",
                "Proceeds, net of tax and store fees, per user whose window has passed; "
                "predicted adds "
                "36 months to come, discounted.",
                "customer_ltv_monthly",
            ),
            published.rows("retention/value", until=until),
            {
                "signup_month": "sign-up month",
                "window_days": "window, days",
                "users": "users",
                "payers": "payers",
                "ltv_per_user_usd": "USD per user",
                "ltv_per_payer_usd": "USD per payer",
                "predicted_ltv_usd": "predicted USD per user",
                "is_complete": "complete",
            },
        ),
    ]
