-- What moved the liability in unused bank credits.
select
    month,
    purchased_usd,
    -recognised_usd as recognised_usd,
    -refunded_usd as refunded_usd,
    liability_usd,
    unobserved_consumed_credits,
    unobserved_recognised_usd,
    is_observed,
    is_complete
from credit_liability_monthly
where month < $month_until
order by month desc
limit 24
