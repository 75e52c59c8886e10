with months as (
    select
        *,
        coalesce(lag(closing_mrr_usd) over by_month, 0) as previous_mrr_usd,
        coalesce(lag(closing_customers) over by_month, 0) as previous_customers,
        lag(movement_month) over by_month as previous_month
    from {{ ref('mrr_bridge_by_segment_monthly') }}
    window by_month as (partition by dimension, segment order by movement_month)
)

select
    movement_month,
    dimension,
    segment
from months
where
    previous_mrr_usd <> opening_mrr_usd
    or previous_customers <> opening_customers
    or {{ add_months('previous_month', 1) }} <> movement_month
