-- Share of customers that paid the n-th renewal, observed and forecast, by plan.
-- people: Customers of the plan whose renewal is due: those behind the observed share.
with due as (
    select
        billing_months,
        period_number,
        sum(eligible) as people
    from retention_cohorts
    where axis = 'renewal'
    group by billing_months, period_number
)

select
    curve.billing_months,
    curve.period_number,
    curve.observed_survival_rate,
    due.people,
    curve.forecast_survival_rate,
    curve.forecast_low,
    curve.forecast_high,
    curve.fit_status
from retention_forecast as curve
left join
    due
    on curve.billing_months = due.billing_months and curve.period_number = due.period_number
where curve.period_number <= 24
order by curve.billing_months, curve.period_number
