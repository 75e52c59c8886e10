with days as (
    select
        *,
        coalesce(lag(closing_mrr_usd) over by_day, 0) as previous_mrr_usd,
        coalesce(lag(closing_customers) over by_day, 0) as previous_customers,
        lag(movement_date) over by_day as previous_date,
        max(movement_date) over () as last_date
    from {{ ref('mrr_bridge_daily') }}
    window by_day as (order by movement_date)
)

select days.movement_date
from days
cross join {{ ref('int_clock') }} as clock
where
    days.previous_mrr_usd <> days.opening_mrr_usd
    or days.previous_customers <> days.opening_customers
    or {{ add_days('days.previous_date', 1) }} <> days.movement_date
    or days.last_date <> clock.as_of_date
