-- Credits used in the last 52 weeks, by access and pool.
-- is_settled: Whether the week was observed from its first day and is over.
select
    week_start_date,
    access,
    weekly_consumed_credits,
    bank_consumed_credits,
    is_lower_bound,
    is_observed and is_complete as is_settled
from credit_consumption_weekly
where
    week_start_date < $until
    and week_start_date > (
        select max(week_start_date) from credit_consumption_weekly
        where week_start_date < $until
    ) - 52 * 7
order by week_start_date, access
