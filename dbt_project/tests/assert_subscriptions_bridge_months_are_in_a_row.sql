with months as (
    select
        *,
        coalesce(lag(closing_mrr_usd) over by_month, 0) as previous_mrr_usd,
        coalesce(lag(closing_customers) over by_month, 0) as previous_customers
    from {{ ref('mrr_bridge_monthly') }}
    window by_month as (order by movement_month)
),

last_days as (
    select {{ month_start('movement_date') }} as movement_month, max(movement_date) as movement_date
    from {{ ref('mrr_bridge_daily') }}
    group by {{ month_start('movement_date') }}
)

select
    months.movement_month,
    days.movement_date
from months
full outer join last_days on months.movement_month = last_days.movement_month
left join {{ ref('mrr_bridge_daily') }} as days on last_days.movement_date = days.movement_date
where
    months.movement_month is null
    or days.movement_date is null
    or months.previous_mrr_usd <> months.opening_mrr_usd
    or months.previous_customers <> months.opening_customers
    or months.closing_mrr_usd <> days.closing_mrr_usd
    or months.closing_customers <> days.closing_customers
