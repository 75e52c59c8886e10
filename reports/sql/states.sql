-- Customers in each state at the end of each of the last 366 days.
select
    date,
    state,
    customers,
    mrr_usd
from subscription_states_daily
where
    date < $until
    and date > (
        select max(date) from subscription_states_daily
        where date < $until
    ) - 366
order by date, state
