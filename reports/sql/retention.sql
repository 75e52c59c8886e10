-- Paid renewals of the last 18 cohorts of each plan, up to the twelfth.
select billing_months, first_paid_month, period_number, cohort_size, eligible, retained,
    retention_rate, is_complete
from retention_cohorts
where axis = 'renewal' and first_paid_month < $until and period_number <= 12
qualify dense_rank() over (partition by billing_months order by first_paid_month desc) <= 18
order by billing_months, first_paid_month, period_number
