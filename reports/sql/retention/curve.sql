-- Share of customers that paid the n-th renewal, observed and forecast, by plan.
select
    billing_months, period_number, observed_survival_rate, forecast_survival_rate, forecast_low,
    forecast_high, fit_status
from retention_forecast
where period_number <= 24
order by billing_months, period_number
