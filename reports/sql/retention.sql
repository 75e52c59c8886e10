-- Paid renewals of the last 18 cohorts of each plan, up to the twelfth, beside those of all cohorts.
-- all_cohorts_rate: Retained over eligible of all cohorts of the plan, also of those not shown, as of the extraction.
-- all_eligible: Customers of all cohorts of the plan whose renewal is due.
with due as (
    select
        billing_months,
        period_number,
        sum(eligible) as all_eligible
    from retention_cohorts
    where axis = 'renewal'
    group by billing_months, period_number
)

select
    cohorts.billing_months,
    cohorts.first_paid_month,
    cohorts.period_number,
    cohorts.cohort_size,
    cohorts.eligible,
    cohorts.retained,
    cohorts.retention_rate,
    cohorts.is_complete,
    pooled.observed_survival_rate as all_cohorts_rate,
    due.all_eligible
from retention_cohorts as cohorts
left join retention_forecast as pooled
    on
        cohorts.billing_months = pooled.billing_months
        and cohorts.period_number = pooled.period_number
left join
    due
    on cohorts.billing_months = due.billing_months and cohorts.period_number = due.period_number
where
    cohorts.axis = 'renewal'
    and cohorts.first_paid_month < $month_until
    and cohorts.period_number <= 12
qualify
    dense_rank() over (partition by cohorts.billing_months order by cohorts.first_paid_month desc)
    <= 18
order by cohorts.billing_months, cohorts.first_paid_month, cohorts.period_number
