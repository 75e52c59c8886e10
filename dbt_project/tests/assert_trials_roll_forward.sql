with days as (
    select
        *,
        coalesce(lag(closing_trials) over by_day, 0) as previous_trials,
        lag(date) over by_day as previous_date,
        max(date) over () as last_date
    from {{ ref('trial_movements_daily') }}
    window by_day as (order by date)
)

select days.date
from days
cross join {{ ref('int_clock') }} as clock
where
    days.previous_trials <> days.opening_trials
    or {{ add_days('days.previous_date', 1) }} <> days.date
    or days.last_date <> clock.as_of_date
