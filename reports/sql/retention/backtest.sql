-- How earlier forecasts fared.
select forecast_month, billing_months, period_number, predicted_survival_rate, observed_survival_rate, error
from forecast_backtest
where forecast_month < $until
order by forecast_month desc, billing_months, period_number
limit 200
