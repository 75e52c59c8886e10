with last_days as (
    select
        {{ month_start('movement_date') }} as movement_month,
        max(movement_date) as movement_date
    from {{ ref('mrr_bridge_daily') }}
    group by {{ month_start('movement_date') }}
)

select coalesce(months.movement_month, last_days.movement_month) as movement_month
from {{ ref('mrr_bridge_monthly') }} as months
full outer join last_days on months.movement_month = last_days.movement_month
left join {{ ref('mrr_bridge_daily') }} as days on last_days.movement_date = days.movement_date
where
    months.movement_month is null
    or days.movement_date is null
    or months.closing_mrr_usd <> days.closing_mrr_usd
    or months.closing_customers <> days.closing_customers
union all
{{ rows_out_of_line(
    ref('mrr_bridge_monthly'), 'movement_month', step='month',
    balances={'opening_mrr_usd': 'closing_mrr_usd', 'opening_customers': 'closing_customers'}
) }}
