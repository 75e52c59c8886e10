-- Unused bank credits at the end of the last 24 months.
select
    month,
    outstanding_credits,
    liability_usd,
    unobserved_consumed_credits,
    unobserved_recognised_usd,
    is_observed,
    is_complete,
    is_observed and is_complete as is_settled
from credit_liability_monthly
where month < $month_until
order by month desc
limit 24
