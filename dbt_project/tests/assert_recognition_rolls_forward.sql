with months as (
    select
        *,
        lag(deferred_closing_usd) over kind_months as previous_closing_usd,
        lag(recognition_month) over kind_months as previous_month
    from {{ ref('revenue_recognition_monthly') }}
    window kind_months as (partition by product_kind order by recognition_month)
)

select *
from months
where
    deferred_opening_usd <> coalesce(previous_closing_usd, 0)
    or deferred_opening_usd + billed_usd - recognised_usd <> deferred_closing_usd
    or {{ month_start(add_months('previous_month', 1)) }} <> recognition_month
