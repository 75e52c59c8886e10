-- How earlier forecasts fared.
-- people: Customers known at the forecast whose renewal has been due since: those behind the observed share.
with graded as (
    select * from forecast_backtest
    where forecast_month < $month_until
    order by forecast_month desc, billing_months, period_number
    limit 200
),

people as (
    select
        graded.forecast_month,
        graded.billing_months,
        graded.period_number,
        sum(cohorts.eligible) as people
    from graded
    inner join retention_cohorts as cohorts
        on
            graded.billing_months = cohorts.billing_months
            and graded.period_number = cohorts.period_number
    where cohorts.axis = 'renewal' and cohorts.first_paid_month <= graded.forecast_month
    group by graded.forecast_month, graded.billing_months, graded.period_number
)

select
    graded.forecast_month,
    graded.billing_months,
    graded.period_number,
    people.people,
    graded.predicted_survival_rate,
    graded.observed_survival_rate,
    graded.error
from graded
left join people
    on
        graded.forecast_month = people.forecast_month
        and graded.billing_months = people.billing_months
        and graded.period_number = people.period_number
order by graded.forecast_month desc, graded.billing_months, graded.period_number
limit 200
