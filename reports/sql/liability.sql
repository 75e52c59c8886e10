-- Unused bank credits at the end of the last 24 months.
select
    month, outstanding_credits, liability_usd, unobserved_consumed_credits, is_observed,
    is_complete
from credit_liability_monthly
where month < $until
order by month desc
limit 24
