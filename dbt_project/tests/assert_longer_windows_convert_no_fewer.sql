with windows as (
    select
        *,
        case conversion_window
            when '7 d' then 7
            when '14 d' then 14
            when '30 d' then 30
            when '60 d' then 60
            when '90 d' then 90
            else 999999
        end as window_days
    from {{ ref('conversion_cohorts') }}
),

compared as (
    select
        *,
        lag(converted) over (partition by signup_month, step order by window_days) as shorter,
        lag(eligible) over (partition by signup_month, step order by window_days)
            as shorter_eligible
    from windows
)

select
    signup_month,
    step,
    conversion_window
from compared
where shorter_eligible = eligible and shorter > converted
