-- Paid renewals of the last 18 cohorts of each plan, up to the twelfth.
select billing_months, cohort_month, period_number, cohort_size, eligible, retained,
    retention_rate, is_complete
from retention_cohorts
where axis = 'renewal' and cohort_month < $until and period_number <= 12
qualify dense_rank() over (partition by billing_months order by cohort_month desc) <= 18
order by billing_months, cohort_month, period_number
